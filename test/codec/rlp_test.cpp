#include "codec/rlp.hpp"

#include <doctest/doctest.h>

using namespace c2d;
using rlp::Item;

namespace {

Status status_of(const Bytes& bytes) { return rlp::decode(bytes).status(); }

Item nested(unsigned depth) {
    Item item = Item::list({});
    for (unsigned i = 1; i < depth; ++i) item = Item::list({item});
    return item;
}

}  // namespace

TEST_CASE("rlp: strings and lists of every length around the forms' limits") {
    for (const std::size_t length : {0, 1, 2, 54, 55, 56, 57, 255, 256, 257, 65535, 65536, 70000}) {
        const auto item = Item::string(Bytes(length, 0xaa));
        for (const auto& each : {item, Item::list({item}), Item::list({item, Item::list({}), item})}) {
            const auto decoded = rlp::decode(rlp::encode(each));
            REQUIRE(decoded.ok());
            CHECK(*decoded == each);
        }
    }
}

TEST_CASE("rlp: numbers") {
    for (const std::uint64_t number :
         {std::uint64_t(0), std::uint64_t(1), std::uint64_t(127), std::uint64_t(128), std::uint64_t(255),
          std::uint64_t(256), std::uint64_t(1) << 32, ~std::uint64_t(0)}) {
        const auto decoded = rlp::decode(rlp::encode(Item::number(number)));
        REQUIRE(decoded.ok());
        CHECK(rlp::number_of(*decoded).value_or(42) == number);
    }
    CHECK(Item::number(0).bytes.empty());
    CHECK(!rlp::number_of(Item::string(Bytes{0})).ok());
    CHECK(!rlp::number_of(Item::string(Bytes{0, 1})).ok());
    CHECK(!rlp::number_of(Item::string(Bytes(9, 1))).ok());
    CHECK(!rlp::number_of(Item::list({})).ok());
}

TEST_CASE("rlp: 16 lists inside each other, not 17") {
    CHECK(rlp::decode(rlp::encode(nested(16))).ok());
    CHECK(!rlp::decode(rlp::encode(nested(17))).ok());
    CHECK(!rlp::decode(Bytes(1'000'000, 0xc1)).ok());
}

TEST_CASE("rlp: every proper prefix of an encoding is refused, and so is anything behind it") {
    const auto encoded = rlp::encode(Item::list({Item::number(5), Item::string(Bytes(60, 1)), nested(3)}));
    for (std::size_t length = 0; length < encoded.size(); ++length)
        CHECK(status_of(Bytes(encoded.begin(), encoded.begin() + std::ptrdiff_t(length))) == Status::INVALID_ARGUMENT);
    auto longer = encoded;
    longer.push_back(0);
    CHECK(status_of(longer) == Status::INVALID_ARGUMENT);
}

TEST_CASE("rlp: a long length with a leading zero") {
    for (const std::uint8_t kind : {0xb8, 0xf8}) {
        Bytes plain = {kind, 56};
        plain.resize(2 + 56, 0x01);
        CHECK(rlp::decode(plain).ok());
        Bytes padded = {std::uint8_t(kind + 1), 0, 56};
        padded.resize(3 + 56, 0x01);
        CHECK(status_of(padded) == Status::INVALID_ARGUMENT);
    }
}

TEST_CASE("rlp: lengths beyond all memory") {
    CHECK(!rlp::decode(Bytes{0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}).ok());
    CHECK(!rlp::decode(Bytes{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}).ok());
    CHECK(!rlp::decode(Bytes{0xbb, 0x7f, 0xff, 0xff, 0xff}).ok());
}
