#include "codec/abi.hpp"
#include "crypto/hash.hpp"

#include <doctest/doctest.h>
#include <limits>

using namespace c2d;
using abi::Value;

namespace {

std::vector<abi::Type> types_of(std::string_view signature) {
    const auto types = abi::parse_signature(signature);
    REQUIRE(types.ok());
    return *types;
}

/// Words of 64 hexadecimal digits, given as numbers.
Bytes words(std::initializer_list<std::uint64_t> numbers) {
    Bytes out;
    for (const auto number : numbers)
        for (int shift = 248; shift >= 0; shift -= 8) out.push_back(shift >= 64 ? 0 : std::uint8_t(number >> shift));
    return out;
}

bool refused(std::string_view signature, const Bytes& data) {
    const auto decoded = abi::decode(types_of(signature), data);
    CHECK((decoded.ok() || decoded.status() == Status::CORRUPT));
    return !decoded.ok();
}

Bytes32 filled(std::uint8_t byte) {
    Bytes32 out;
    out.data.fill(byte);
    return out;
}

}  // namespace

// The examples of the Solidity ABI specification, section "Examples".
TEST_CASE("abi: the specification's own examples") {
    CHECK(hex_text(abi::selector("baz(uint32,bool)")) == "0xcdcd77c0");
    CHECK(hex_text(abi::encode_call("baz(uint32,bool)", {Value::of(std::uint64_t(69)), Value::of(true)})) ==
          "0xcdcd77c00000000000000000000000000000000000000000000000000000000000000045"
          "0000000000000000000000000000000000000000000000000000000000000001");
    CHECK(hex_text(abi::encode_call("sam(bytes,bool,uint256[])",
                                    {Value::blob({'d', 'a', 'v', 'e'}), Value::of(true),
                                     Value::list({Value::of(std::uint64_t(1)), Value::of(std::uint64_t(2)),
                                                  Value::of(std::uint64_t(3))})})) ==
          "0xa5643bf2"
          "0000000000000000000000000000000000000000000000000000000000000060"
          "0000000000000000000000000000000000000000000000000000000000000001"
          "00000000000000000000000000000000000000000000000000000000000000a0"
          "0000000000000000000000000000000000000000000000000000000000000004"
          "6461766500000000000000000000000000000000000000000000000000000000"
          "0000000000000000000000000000000000000000000000000000000000000003"
          "0000000000000000000000000000000000000000000000000000000000000001"
          "0000000000000000000000000000000000000000000000000000000000000002"
          "0000000000000000000000000000000000000000000000000000000000000003");
}

TEST_CASE("abi: everything round trips, texts of every length around a word included") {
    const auto types = types_of("f(address,bool,uint8,bytes32,string,bytes,string[],bytes[],uint64[],bool[])");
    for (const std::size_t length : {0, 1, 31, 32, 33, 64, 1000}) {
        const std::string text(length, 'x');
        const std::vector<Value> values = {Value::of(Address::from(Bytes(20, 0xab)).value_or({})),
                                           Value::of(true),
                                           Value::of(std::uint64_t(255)),
                                           Value::of(filled(0xcd)),
                                           Value::text(text),
                                           Value::blob(Bytes(length, 0xff)),
                                           Value::list({Value::text(text), Value::text(""), Value::text("é")}),
                                           Value::list({Value::blob({}), Value::blob(Bytes(length, 1))}),
                                           Value::list({Value::of(std::numeric_limits<std::uint64_t>::max())}),
                                           Value::list({})};
        const auto data = abi::encode(types, values);
        const auto decoded = abi::decode(types, data);
        REQUIRE(decoded.ok());
        CHECK(*decoded == values);
        auto longer = data;
        longer.push_back(1);
        CHECK(abi::decode(types, longer).ok());
        for (std::size_t cut = 1; cut <= 64 && cut <= data.size(); ++cut)
            (void)abi::decode(types, BytesView(data).first(data.size() - cut));
    }
}

TEST_CASE("abi: types") {
    for (const auto* const good : {"address", "bool", "uint8", "uint64", "uint256", "bytes32", "string", "bytes",
                                   "bytes32[]", "string[]", "uint8[]"})
        CHECK(abi::parse_type(good).ok());
    for (const auto* const bad :
         {"", "uint", "uint0", "uint7", "uint264", "uint08", "uint-8", "uint8x", "int256", "bytes4", "bytes33",
          "bool[3]", "string[][]", "[]", "tuple", " bool", "bool ", "uint4294967304"})
        CHECK_MESSAGE(abi::parse_type(bad).status() == Status::UNSUPPORTED, bad);
    CHECK(types_of("f()").empty());
    for (const auto* const bad : {"f", "f(", "f)", "f(bool", "f(bool,)", "f(,bool)", "f((bool))", ""})
        CHECK_MESSAGE(!abi::parse_signature(bad).ok(), bad);
}

TEST_CASE("abi: values out of their type's range") {
    CHECK(refused("f(bool)", words({2})));
    CHECK(!refused("f(bool)", words({1})));
    CHECK(refused("f(uint8)", words({256})));
    CHECK(!refused("f(uint8)", words({255})));
    CHECK(refused("f(address)", Bytes(32, 0xff)));
    CHECK(refused("f(uint64)", Bytes(32, 0x01)));
    CHECK(!refused("f(uint256)", Bytes(32, 0xff)));
    CHECK(refused("f(bool[])", words({32, 2, 1, 2})));
}

TEST_CASE("abi: offsets and lengths outside the data") {
    const auto max = std::numeric_limits<std::uint64_t>::max();
    CHECK(refused("f(string)", {}));
    CHECK(refused("f(string)", words({32})));
    CHECK(refused("f(string)", words({max, 0})));
    CHECK(refused("f(string)", words({64, 0})));
    CHECK(!refused("f(string)", words({32, 0})));
    CHECK(refused("f(string)", words({32, max})));
    CHECK(refused("f(string)", words({32, 33, 0})));
    CHECK(refused("f(bytes32[])", words({32, max})));
    CHECK(refused("f(bytes32[])", words({32, max / 32})));
    CHECK(refused("f(bytes32[])", words({32, 2, 0})));
    CHECK(refused("f(string[])", words({32, 1, max})));
    CHECK(refused("f(string[])", words({32, 1000000, 0})));
    CHECK(refused("f(uint256)", Bytes(31)));
}

TEST_CASE("abi: padding and UTF-8") {
    // The padding must be there: nobody may read what stands behind the data.
    auto unpadded = words({32, 1});
    unpadded.push_back('x');
    CHECK(refused("f(string)", unpadded));
    unpadded.resize(64 + 31);
    CHECK(refused("f(bytes)", unpadded));
    auto text = words({32, 1, 0});
    text[64] = 'x';
    CHECK(!refused("f(string)", text));
    text[65] = 'y';
    CHECK(refused("f(string)", text));
    text[65] = 0;
    text[64] = 0xff;
    CHECK(refused("f(string)", text));
    CHECK(!refused("f(bytes)", text));
}

// A thousand offsets to one text would otherwise make a thousand copies of it.
TEST_CASE("abi: much cannot be made out of little") {
    constexpr std::uint64_t kCount = 1000, kLength = 32000;
    Bytes data = words({32, kCount});
    for (std::uint64_t i = 0; i < kCount; ++i) {
        const auto offset = words({kCount * 32});
        data.insert(data.end(), offset.begin(), offset.end());
    }
    const auto length = words({kLength});
    data.insert(data.end(), length.begin(), length.end());
    data.resize(data.size() + kLength, 'x');
    CHECK(refused("f(string[])", data));
    CHECK(refused("f(bytes[])", data));
}

TEST_CASE("abi: events that do not fit their declaration") {
    const abi::Event event{"E(uint8,string,bool)", {true, true, false}};
    const auto encoded = abi::encode_event(event, {Value::of(std::uint64_t(5)), Value::text("name"), Value::of(true)});
    const auto decoded = abi::decode_event(event, encoded.topics, encoded.data);
    REQUIRE(decoded.ok());
    CHECK((*decoded)[1].word() == keccak256("name"));

    auto topics = encoded.topics;
    topics.pop_back();
    CHECK(abi::decode_event(event, topics, encoded.data).status() == Status::CORRUPT);
    topics = encoded.topics;
    topics.push_back({});
    CHECK(abi::decode_event(event, topics, encoded.data).status() == Status::CORRUPT);
    CHECK(abi::decode_event(event, {}, encoded.data).status() == Status::CORRUPT);
    topics = encoded.topics;
    topics[0] = {};
    CHECK(abi::decode_event(event, topics, encoded.data).status() == Status::CORRUPT);
    topics = encoded.topics;
    topics[1] = filled(1);
    CHECK(abi::decode_event(event, topics, encoded.data).status() == Status::CORRUPT);
    CHECK(abi::decode_event(event, encoded.topics, {}).status() == Status::CORRUPT);
}

TEST_CASE("abi: numbers beyond 64 bits saturate and say so") {
    const auto value = Value::uint256(filled(1));
    CHECK(!value.fits_64_bits());
    CHECK(value.number() == std::numeric_limits<std::uint64_t>::max());
    CHECK(Value::of(std::uint64_t(7)).number() == 7);
}
