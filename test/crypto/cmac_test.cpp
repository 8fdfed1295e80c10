#include "crypto/cmac.hpp"

#include "support/must.hpp"

#include <cstring>
#include <numeric>
#include <openssl/evp.h>
#include <random>

using namespace c2d;
using support::must;

namespace {

CmacBatch::Key key_of(std::string_view hex) {
    CmacBatch::Key out;
    const Bytes bytes = must(parse_hex(hex));
    std::copy(bytes.begin(), bytes.end(), out.begin());
    return out;
}

std::string tag_text(const CmacBatch::Tag& tag) { return hex_text(tag).substr(2); }

/// OpenSSL's own, one message at a time.
CmacBatch::Tag one_by_openssl(const CmacBatch::Key& key, BytesView message) {
    EVP_MAC* mac = EVP_MAC_fetch(nullptr, "CMAC", nullptr);
    EVP_MAC_CTX* context = EVP_MAC_CTX_new(mac);
    char cipher[] = "AES-128-CBC";
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("cipher", cipher, 0), OSSL_PARAM_construct_end()};
    CmacBatch::Tag out{};
    std::size_t length = 0;
    REQUIRE(EVP_MAC_init(context, key.data(), key.size(), parameters) == 1);
    REQUIRE(EVP_MAC_update(context, message.data(), message.size()) == 1);
    REQUIRE(EVP_MAC_final(context, out.data(), &length, out.size()) == 1);
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return out;
}

}  // namespace

// RFC 4493, section 4, all four in one batch.
TEST_CASE("cmac: the examples of RFC 4493") {
    CmacBatch cmac(key_of("2b7e151628aed2a6abf7158809cf4f3c"));
    const Bytes text =
        must(parse_hex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
                       "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"));
    Bytes all;
    std::vector<std::uint32_t> ends;
    for (const std::size_t length : {0u, 16u, 40u, 64u}) {
        all.insert(all.end(), text.begin(), text.begin() + static_cast<std::ptrdiff_t>(length));
        ends.push_back(static_cast<std::uint32_t>(all.size()));
    }
    std::vector<CmacBatch::Tag> tags(4);
    cmac.compute(all, ends, tags);
    CHECK(tag_text(tags[0]) == "bb1d6929e95937287fa37d129b756746");
    CHECK(tag_text(tags[1]) == "070a16b46b4d4144f79bdd9dd04a287c");
    CHECK(tag_text(tags[2]) == "dfa66747de9ae63030ca32611497c827");
    CHECK(tag_text(tags[3]) == "51f0bebf7e3b9d92fc49741779363cfe");
}

TEST_CASE("cmac: a batch of messages of all lengths, as OpenSSL has each") {
    const CmacBatch::Key key = key_of("000102030405060708090a0b0c0d0e0f");
    CmacBatch cmac(key);
    std::mt19937_64 random(5);
    Bytes all;
    std::vector<std::uint32_t> ends;
    for (std::size_t length = 0; length < 100; ++length) {
        for (std::size_t i = 0; i < (length * 37) % 100; ++i) all.push_back(static_cast<std::uint8_t>(random()));
        ends.push_back(static_cast<std::uint32_t>(all.size()));
    }
    std::vector<CmacBatch::Tag> tags(ends.size());
    for (int again = 0; again < 2; ++again) {
        cmac.compute(all, ends, tags);
        for (std::size_t i = 0; i < ends.size(); ++i) {
            const std::uint32_t begin = i == 0 ? 0 : ends[i - 1];
            CHECK(tags[i] == one_by_openssl(key, BytesView(all).subspan(begin, ends[i] - begin)));
        }
    }
}
