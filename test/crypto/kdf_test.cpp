#include "crypto/kdf.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>

using namespace c2d;

namespace {

std::string scrypt_hex(std::string_view password, std::string_view salt, ScryptCost cost, std::size_t bytes_count) {
    Bytes out(bytes_count);
    REQUIRE(scrypt(password, as_bytes(salt), cost, out).ok());
    return hex_text(out).substr(2);
}

}  // namespace

// RFC 7914, section 12.
TEST_CASE("kdf: the published examples of scrypt") {
    CHECK(scrypt_hex("", "", {16, 1, 1}, 64) ==
          "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
          "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
    CHECK(scrypt_hex("password", "NaCl", {1024, 8, 16}, 64) ==
          "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
          "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
    CHECK(scrypt_hex("pleaseletmein", "SodiumChloride", {16384, 8, 1}, 64) ==
          "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
          "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887");
}

// RFC 7914, section 11.
TEST_CASE("kdf: the published examples of PBKDF2-HMAC-SHA-256") {
    Bytes out(64);
    REQUIRE(pbkdf2_hmac_sha256("passwd", as_bytes("salt"), 1, out).ok());
    CHECK(hex_text(out) ==
          "0x55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
          "49ca9cccf179b645991664b39d77ef317c71b845b1e30bd509112041d3a19783");
    REQUIRE(pbkdf2_hmac_sha256("Password", as_bytes("NaCl"), 80000, out).ok());
    CHECK(hex_text(out) ==
          "0x4ddcd8f60b98be21830cee5ef22701f9641a4418d04c0414aeff08876b34ab56"
          "a1d425a1225833549adb841b51c9b3176a272bdebba1d078478f62b397f33c8d");
}

TEST_CASE("kdf: as OpenSSL, wherever OpenSSL agrees to try") {
    for (const ScryptCost cost : {ScryptCost{2, 1, 1}, ScryptCost{2, 3, 5}, ScryptCost{64, 2, 3},
                                  ScryptCost{4096, 1, 2}, ScryptCost{512, 8, 1}, ScryptCost{8, 32, 1}})
        for (const std::size_t bytes_count : {1, 32, 33, 100}) {
            Bytes ours(bytes_count), theirs(bytes_count);
            REQUIRE(scrypt("a password", as_bytes("and salt"), cost, ours).ok());
            REQUIRE(EVP_PBE_scrypt("a password", 10, as_bytes("and salt").data(), 8, cost.n, cost.r, cost.p, 1u << 26,
                                   theirs.data(), theirs.size()) == 1);
            CHECK(ours == theirs);
        }
}

TEST_CASE("kdf: costs that are none") {
    Bytes out(32);
    const auto max = ~std::uint64_t(0);
    for (const ScryptCost cost : {ScryptCost{0, 1, 1}, ScryptCost{1, 1, 1}, ScryptCost{3, 1, 1}, ScryptCost{2, 0, 1},
                                  ScryptCost{2, 1, 0}, ScryptCost{2, max, 1}, ScryptCost{2, 1, max},
                                  ScryptCost{std::uint64_t(1) << 63, 1, 1}, ScryptCost{std::uint64_t(1) << 57, 1, 1}})
        CHECK(scrypt("", {}, cost, out).status() == Status::INVALID_ARGUMENT);
    CHECK(pbkdf2_hmac_sha256("", {}, 0, out).status() == Status::INVALID_ARGUMENT);
    CHECK(pbkdf2_hmac_sha256("", {}, 1, out).ok());
}

// RFC 5869, appendix A.
TEST_CASE("kdf: the published examples of HKDF with SHA-256") {
    const auto counting = [](std::uint8_t first, std::size_t count) {
        Bytes out(count);
        for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(first + i);
        return out;
    };
    const auto expanded = [](const Bytes32& key, const Bytes& info, std::size_t count) {
        Bytes out(count);
        hkdf_expand(key, as_text(info), out);
        return hex_text(out).substr(2);
    };
    const Bytes32 first = hkdf_extract(counting(0, 13), Bytes(22, 0x0b));
    CHECK(hex_text(first) == "0x077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");
    CHECK(expanded(first, counting(0xf0, 10), 42) ==
          "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
    const Bytes32 second = hkdf_extract(counting(0x60, 80), counting(0, 80));
    CHECK(hex_text(second) == "0x06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244");
    CHECK(expanded(second, counting(0xb0, 80), 82) ==
          "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
          "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
    const Bytes32 third = hkdf_extract({}, Bytes(22, 0x0b));
    CHECK(hex_text(third) == "0x19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
    CHECK(expanded(third, {}, 42) ==
          "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}
