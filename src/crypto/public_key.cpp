#include "crypto/public_key.hpp"

#include "base/fail.hpp"
#include "crypto/hash.hpp"

#include <c2d/key.hpp>

#include <algorithm>
#include <secp256k1.h>

namespace c2d {

Result<Bytes> parse_public_key(BytesView point) {
    // The library also reads the hybrid forms 06 and 07, which nothing of today writes.
    const bool compressed = point.size() == 33 && (point[0] == 0x02 || point[0] == 0x03);
    const bool uncompressed = point.size() == 65 && point[0] == 0x04;
    secp256k1_pubkey key;
    if ((!compressed && !uncompressed) ||
        secp256k1_ec_pubkey_parse(secp256k1_context_static, &key, point.data(), point.size()) != 1)
        return fail(Status::INVALID_ARGUMENT,
                    "expected a point of secp256k1 in 33 bytes or 65, found {} bytes that are none", point.size());
    Bytes out(65);
    std::size_t length = out.size();
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, out.data(), &length, &key, SECP256K1_EC_UNCOMPRESSED);
    return out;
}

Address address_of(BytesView public_key) {
    const auto hash = keccak256(public_key.subspan(1));
    Address address;
    std::copy(hash.data.begin() + 12, hash.data.end(), address.data.begin());
    return address;
}

Result<Signature> recoverable_signature(const Bytes32& digest, const FixedBytes<64>& r_and_s, const Address& signer) {
    secp256k1_ecdsa_signature low;
    Signature out;
    if (secp256k1_ecdsa_signature_parse_compact(secp256k1_context_static, &low, r_and_s.data.data()) == 1) {
        secp256k1_ecdsa_signature_normalize(secp256k1_context_static, &low, &low);
        secp256k1_ecdsa_signature_serialize_compact(secp256k1_context_static, out.data.data(), &low);
        for (const std::uint8_t v : {0, 1}) {
            out.data[64] = v;
            const auto found = recover_signer(digest, out);
            if (found && *found == signer) return out;
        }
    }
    return fail(Status::CORRUPT, "the signature over the digest is not of {}", address_text(signer));
}

}  // namespace c2d
