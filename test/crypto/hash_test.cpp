#include "crypto/hash.hpp"

#include <doctest/doctest.h>

using namespace c2d;

namespace {

std::string hex_of(const Bytes32& hash) { return hex_text(hash).substr(2); }

}  // namespace

// FIPS 180-4 and FIPS 202 example values for "" and "abc".
TEST_CASE("hash: published examples of SHA-256 and SHA3-256") {
    CHECK(hex_of(sha256({})) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    CHECK(hex_of(sha256(as_bytes("abc"))) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    CHECK(hex_of(sha3_256({})) == "a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a");
    CHECK(hex_of(sha3_256(as_bytes("abc"))) == "3a985da74fe225b2045c172d6bd390bd855f086e3e9d525b46bfe24511431532");
}

TEST_CASE("hash: SHA-256 of parts is that of the whole") {
    const Bytes data(100'000, 7);
    for (const std::size_t part : {1u, 63u, 64u, 65u, 4096u, 100'000u}) {
        Sha256 hash;
        for (std::size_t at = 0; at < data.size(); at += part)
            hash.update(BytesView(data).subspan(at, std::min(part, data.size() - at)));
        CHECK(hash.finish() == sha256(data));
    }
    CHECK(Sha256().finish() == sha256({}));
}

TEST_CASE("hash: Keccak-256 is not SHA3-256") {
    CHECK(hex_of(keccak256("abc")) == "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45");
}

// Every length around the block size, in one chain: a change anywhere changes the end. The value
// was computed with pycryptodome.
TEST_CASE("hash: Keccak-256 over all lengths up to three blocks") {
    Bytes32 chained;
    for (std::size_t length = 0; length <= 408; ++length) {
        Bytes data(chained.data.begin(), chained.data.end());
        data.resize(32 + length, std::uint8_t(length));
        chained = keccak256(data);
    }
    CHECK(hex_of(chained) == "a1541f7f828931fc84a25de3b23988ecebe91661ab41d25e2193de1a66ce9822");
}

// RFC 4231, test cases 1, 2 and 6.
TEST_CASE("hash: HMAC-SHA-256") {
    CHECK(hex_of(hmac_sha256(Bytes(20, 0x0b), as_bytes("Hi There"))) ==
          "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    CHECK(hex_of(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    CHECK(hex_of(hmac_sha256(Bytes(131, 0xaa), as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))) ==
          "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    CHECK(hex_of(hmac_sha256({}, {})) == "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}
