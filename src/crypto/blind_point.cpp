#include "crypto/blind_point.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <cstring>
#include <secp256k1.h>
#include <secp256k1_ecdh.h>

namespace c2d {
namespace {

/// Instead of a hash: the point itself.
int copy_point(unsigned char* out, const unsigned char* x, const unsigned char* y, void*) {
    std::memcpy(out, x, 32);
    std::memcpy(out + 32, y, 32);
    return 1;
}

}  // namespace

CurvePoint hash_to_curve(const Bytes32& label, BytesView id) {
    Bytes text(label.data.begin(), label.data.end());
    text.resize(36);
    text.insert(text.end(), id.begin(), id.end());
    for (std::uint32_t counter = 0;; ++counter) {
        for (unsigned i = 0; i < 4; ++i) text[32 + i] = static_cast<std::uint8_t>(counter >> (24 - 8 * i));
        std::uint8_t compressed[33] = {0x02};
        const Bytes32 x = sha256(text);
        std::copy(x.data.begin(), x.data.end(), compressed + 1);
        secp256k1_pubkey point;
        // Every second x has a point: 128 misses in a row happen to nobody.
        if (secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, compressed, sizeof compressed) != 1) continue;
        std::uint8_t whole[65];
        std::size_t length = sizeof whole;
        secp256k1_ec_pubkey_serialize(secp256k1_context_static, whole, &length, &point, SECP256K1_EC_UNCOMPRESSED);
        CurvePoint out;
        std::copy(whole + 1, whole + 65, out.data.begin());
        return out;
    }
}

Result<BlindingScalar> BlindingScalar::draw(Random& random) {
    SecretBytes secret(32);
    do {
        C2D_CHECK(random.fill(secret.span()));
    } while (secp256k1_ec_seckey_verify(secp256k1_context_static, secret.view().data()) != 1);
    return BlindingScalar(std::move(secret));
}

Result<CurvePoint> BlindingScalar::times(const CurvePoint& point) const {
    std::uint8_t whole[65] = {0x04};
    std::copy(point.data.begin(), point.data.end(), whole + 1);
    secp256k1_pubkey parsed;
    CurvePoint out;
    if (secp256k1_ec_pubkey_parse(secp256k1_context_static, &parsed, whole, sizeof whole) != 1 ||
        secp256k1_ecdh(secp256k1_context_static, out.data.data(), &parsed, secret_.view().data(), copy_point,
                       nullptr) != 1)
        return fail(Status::PEER, "expected a point of secp256k1, found 64 bytes that are none");
    return out;
}

}  // namespace c2d
