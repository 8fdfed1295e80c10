#include "crypto/public_key.hpp"

#include "support/must.hpp"

#include <c2d/key.hpp>

#include <algorithm>
#include <secp256k1.h>

using namespace c2d;
using support::must;

namespace {

FixedBytes<64> compact(const Signature& signature) {
    FixedBytes<64> out;
    std::copy_n(signature.data.begin(), 64, out.data.begin());
    return out;
}

/// The other signature of the same key: n - s.
FixedBytes<64> with_high_s(FixedBytes<64> signature) {
    REQUIRE(secp256k1_ec_seckey_negate(secp256k1_context_static, signature.data.data() + 32) == 1);
    return signature;
}

}  // namespace

TEST_CASE("public key: r || s becomes the one signature that recovers to its signer") {
    const auto key = must(PrivateKey::from_hex("5c25a2fb9b5427bbe8b68b4ddc0655ae7621f87a147a489b1337ca166bca0173"));
    bool seen[2] = {};
    for (std::uint8_t number = 0; number < 16; ++number) {
        Bytes32 digest;
        digest.data[7] = number;
        const auto expected = must(key->sign_digest(digest));
        seen[expected.data[64]] = true;
        for (const auto& given : {compact(expected), with_high_s(compact(expected))})
            CHECK(must(recoverable_signature(digest, given, key->address())) == expected);
    }
    CHECK(seen[0]);
    CHECK(seen[1]);
}

TEST_CASE("public key: a signature of somebody else, or none at all, is not passed on") {
    const auto key = must(PrivateKey::generate()), other = must(PrivateKey::generate());
    const Bytes32 digest;
    const auto theirs = compact(must(other->sign_digest(digest)));
    CHECK(recoverable_signature(digest, theirs, key->address()).status() == Status::CORRUPT);
    CHECK(recoverable_signature(digest, {}, key->address()).status() == Status::CORRUPT);
    FixedBytes<64> beyond;
    beyond.data.fill(0xff);
    CHECK(recoverable_signature(digest, beyond, key->address()).status() == Status::CORRUPT);
    CHECK(address_of(key->public_key()) == key->address());
}
