#include "codec/cid.hpp"
#include "crypto/hash.hpp"

#include <doctest/doctest.h>

using namespace c2d;

TEST_CASE("cid: base58 round trips, leading zeros included") {
    for (const auto& bytes : {Bytes{}, Bytes{0}, Bytes{0, 0, 1}, Bytes{255}, Bytes(40, 255), Bytes(5, 0)}) {
        const auto text = base58_encode(bytes);
        CHECK(base58_decode(text).value_or({42}) == bytes);
    }
    // From the Internet draft on base58.
    CHECK(base58_encode(as_bytes("Hello World!")) == "2NEpo7TZRRrLZSi2U");
    CHECK(base58_encode(Bytes{0x00, 0x00, 0x28, 0x7f, 0xb4, 0xcd}) == "11233QC4");
    for (const auto* const bad : {"0", "O", "I", "l", "a b", "é"}) CHECK(!base58_decode(bad).ok());
    CHECK(base58_decode(std::string(100'000, 'z')).status() == Status::LIMIT);
}

TEST_CASE("cid: version 1 in base58 is the same as in base32") {
    const Cid cid{1, 0x55, sha256(as_bytes("x"))};
    Bytes binary = {1, 0x55, 0x12, 0x20};
    binary.insert(binary.end(), cid.digest.data.begin(), cid.digest.data.end());
    CHECK(parse_cid("z" + base58_encode(binary)).value_or({}) == cid);
    CHECK(parse_cid(cid_text(cid)).value_or({}) == cid);
}

TEST_CASE("cid: refused texts") {
    const auto version_0 = cid_text(cid_v0(as_bytes("hello")));
    const auto version_1 = cid_text(cid_v1(as_bytes("hello")));
    auto upper = version_1;
    upper[10] = 'A';
    for (const auto& bad : {std::string(),
                            std::string("Q"),
                            std::string("Qm"),
                            std::string("b"),
                            std::string("z"),
                            version_0.substr(1),
                            version_0 + "1",
                            version_0.substr(0, 45),
                            version_1.substr(1),
                            version_1 + "a",
                            version_1.substr(0, version_1.size() - 1),
                            upper,
                            "B" + version_1.substr(1),
                            "f" + version_1.substr(1),
                            " " + version_0,
                            version_0 + " ",
                            "z" + version_0,
                            "../" + version_0,
                            std::string(1'000'000, 'b'),
                            std::string(46, '1')})
        CHECK_MESSAGE(parse_cid(bad).status() == Status::INVALID_ARGUMENT, bad.substr(0, 80));
}

TEST_CASE("cid: other codecs, hashes and long forms") {
    const auto text_of = [](std::initializer_list<std::uint8_t> head, std::size_t digest_bytes) {
        Bytes binary(head);
        binary.resize(binary.size() + digest_bytes, 7);
        return "z" + base58_encode(binary);
    };
    CHECK(parse_cid(text_of({1, 0x55, 0x12, 0x20}, 32)).ok());
    CHECK(parse_cid(text_of({1, 0x71, 0x12, 0x20}, 32)).status() == Status::UNSUPPORTED);
    CHECK(parse_cid(text_of({2, 0x55, 0x12, 0x20}, 32)).status() == Status::INVALID_ARGUMENT);
    CHECK(!parse_cid(text_of({1, 0x55, 0x13, 0x40}, 64)).ok());
    CHECK(!parse_cid(text_of({1, 0x55, 0x12, 0x20}, 31)).ok());
    CHECK(!parse_cid(text_of({1, 0x55, 0x12, 0x20}, 33)).ok());
    CHECK(!parse_cid(text_of({0x81, 0x00, 0x55, 0x12, 0x20}, 32)).ok());
    CHECK(!parse_cid(text_of({1, 0xd5, 0x80, 0x00, 0x12, 0x20}, 32)).ok());
    CHECK(!parse_cid(text_of({1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}, 0)).ok());
}

TEST_CASE("cid: a raw id matches raw leaves only") {
    const auto content = as_bytes("hello");
    CHECK(cid_matches(cid_v0(content), content));
    CHECK(cid_matches(cid_v1(content), content));
    auto claimed = cid_v1(content);
    claimed.codec = 0x70;
    CHECK(!cid_matches(claimed, content));
    claimed = cid_v0(content);
    claimed.version = 1;
    CHECK(cid_matches(claimed, content));
    claimed.codec = 0x55;
    CHECK(!cid_matches(claimed, content));
}
