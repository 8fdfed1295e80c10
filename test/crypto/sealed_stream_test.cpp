#include "crypto/sealed_stream.hpp"

#include "crypto/hash.hpp"
#include "support/must.hpp"

#include <algorithm>

using namespace c2d;
using support::must;

namespace {

Bytes numbers(std::size_t count) {
    Bytes out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = std::uint8_t(i);
    return out;
}
const Bytes kKey = numbers(32);
const BytesView kContext = as_bytes("context");

Bytes plain_of(std::size_t count) {
    Bytes out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = std::uint8_t(i * 7 + i / 251);
    return out;
}

bool opens(BytesView sealed) { return open_stream(kKey, kContext, sealed).ok(); }

constexpr std::size_t kWhole = kSealChunkBytes + kSealTagBytes;

}  // namespace

TEST_CASE("what is sealed is what another program makes of the construction") {
    // AESGCM of the Python package `cryptography`: nonce = 11 bytes of the number and 1 for the last chunk.
    CHECK(hex_text(seal_stream(kKey, kContext, {})) == "0xc298cb4ed5ad2cdf59ff73e81ea33e43");
    CHECK(hex_text(seal_stream(kKey, kContext, as_bytes("weights"))) ==
          "0x62b3d69b2c8043934dfc94105f39109e49a1bfb5062123");
    CHECK(hex_text(sha256(seal_stream(kKey, kContext, plain_of(150'000)))) ==
          "0x0f619e3dfd20ece71acad616a9fea6579571d728f845a1a934e9d3336bb89bab");
}

TEST_CASE("what was sealed is opened, at the borders of chunks too") {
    for (const std::size_t count : {std::size_t(0), std::size_t(1), kSealChunkBytes - 1, kSealChunkBytes,
                                    kSealChunkBytes + 1, 2 * kSealChunkBytes}) {
        CAPTURE(count);
        const Bytes plain = plain_of(count);
        const Bytes sealed = seal_stream(kKey, kContext, plain);
        CHECK(sealed.size() == sealed_bytes(count));
        CHECK(std::ranges::equal(must(open_stream(kKey, kContext, sealed)).view(), plain));
    }
}

TEST_CASE("nothing opens that was altered, cut off, put in another order or extended") {
    const Bytes sealed = seal_stream(kKey, kContext, plain_of(3 * kSealChunkBytes));
    REQUIRE(sealed.size() == 3 * kWhole);
    for (const std::size_t at : {std::size_t(0), kSealChunkBytes, 2 * kWhole, sealed.size() - 1}) {
        Bytes altered = sealed;
        altered[at] ^= 1;
        CHECK_FALSE(opens(altered));
    }
    for (const std::size_t left :
         {std::size_t(0), std::size_t(15), std::size_t(16), kWhole, kWhole + 16, 2 * kWhole, sealed.size() - 1})
        CHECK_FALSE(opens(BytesView(sealed).first(left)));
    Bytes swapped = sealed;
    std::swap_ranges(swapped.begin(), swapped.begin() + kWhole, swapped.begin() + kWhole);
    CHECK_FALSE(opens(swapped));
    Bytes extended = sealed;
    extended.insert(extended.end(), sealed.end() - kWhole, sealed.end());
    CHECK_FALSE(opens(extended));
    extended = sealed;
    extended.resize(extended.size() + kSealTagBytes);
    CHECK_FALSE(opens(extended));
    Bytes other_key = kKey;
    other_key[31] ^= 1;
    CHECK(open_stream(other_key, kContext, sealed).status() == Status::CORRUPT);
    CHECK(open_stream(kKey, as_bytes("contexT"), sealed).status() == Status::CORRUPT);
}

TEST_CASE("a key is wrapped as RFC 3394 has it, and opens under its own wrapping key only") {
    // RFC 3394, 4.6.
    const Bytes data = must(parse_hex("00112233445566778899aabbccddeeff000102030405060708090a0b0c0d0e0f"));
    const auto wrapped = wrap_key(kKey, data);
    CHECK(hex_text(wrapped) == "0x28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21");
    CHECK(std::ranges::equal(must(unwrap_key(kKey, wrapped)).view(), data));
    auto altered = wrapped;
    altered.data[5] ^= 1;
    CHECK(unwrap_key(kKey, altered).status() == Status::CORRUPT);
    CHECK(unwrap_key(data, wrapped).status() == Status::CORRUPT);
    CHECK(unwrap_key(kKey, wrapped.view().first(39)).status() == Status::CORRUPT);
}
