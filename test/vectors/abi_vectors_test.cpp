#include "codec/abi.hpp"
#include "crypto/hash.hpp"
#include "vectors/vector_file.hpp"

#include <doctest/doctest.h>

using namespace c2d;
using vectors::is_reject;
using vectors::Vector;

namespace {

std::vector<abi::Type> types_of(const std::string& signature) {
    const auto types = abi::parse_signature(signature);
    REQUIRE(types.ok());
    return *types;
}

/// A value as the files write it: numbers and bytes as text, lists as arrays.
abi::Value value_of(const abi::Type& type, const json::Value& value) {
    if (type.array) {
        if (!value.is_array()) vectors::unknown_shape();
        auto element = type;
        element.array = false;
        std::vector<abi::Value> items;
        for (const auto& item : value.items()) items.push_back(value_of(element, item));
        return abi::Value::list(std::move(items));
    }
    if (type.kind == abi::Kind::boolean) {
        if (!value.is_bool()) vectors::unknown_shape();
        return abi::Value::of(value.boolean());
    }
    if (!value.is_string()) vectors::unknown_shape();
    switch (type.kind) {
        case abi::Kind::uint: return abi::Value::uint256(vectors::uint256(value.text()));
        case abi::Kind::string: return abi::Value::text(value.text());
        case abi::Kind::address: {
            const auto address = parse_address(value.text());
            REQUIRE(address.ok());
            return abi::Value::of(*address);
        }
        case abi::Kind::bytes: {
            auto bytes = parse_hex(value.text());
            REQUIRE(bytes.ok());
            return abi::Value::blob(*std::move(bytes));
        }
        default: {
            const auto bytes = parse_bytes32(value.text());
            REQUIRE(bytes.ok());
            return abi::Value::of(*bytes);
        }
    }
}

std::vector<abi::Value> values_of(const std::vector<abi::Type>& types, const json::Value& values) {
    REQUIRE(values.is_array());
    REQUIRE(values.items().size() == types.size());
    std::vector<abi::Value> out;
    for (std::size_t i = 0; i < types.size(); ++i) out.push_back(value_of(types[i], values.items()[i]));
    return out;
}

}  // namespace

TEST_CASE("selectors") {
    vectors::for_each("selectors", [](const Vector& v) {
        REQUIRE(v.expected.is_string());
        if (v.input.find("event") != nullptr) {
            CHECK(hex_text(keccak256(vectors::text(v.input, "event"))) == v.expected.text());
            return;
        }
        CHECK(hex_text(abi::selector(vectors::text(v.input, "function"))) == v.expected.text());
    });
}

TEST_CASE("abi_calls") {
    vectors::for_each("abi_calls", [](const Vector& v) {
        const auto signature = vectors::text(v.input, "function");
        const auto types = types_of(signature);
        const auto arguments = values_of(types, vectors::member(v.input, "args"));
        const auto data = abi::encode_call(signature, arguments);
        CHECK(hex_text(data) == v.expected.text());
        const auto decoded = abi::decode(types, BytesView(data).subspan(4));
        REQUIRE(decoded.ok());
        CHECK(*decoded == arguments);
    });
}

TEST_CASE("abi_returns") {
    vectors::for_each("abi_returns", [](const Vector& v) {
        const auto& returns = vectors::member(v.input, "returns");
        REQUIRE(returns.is_array());
        std::vector<abi::Type> types;
        for (const auto& name : returns.items()) {
            const auto type = abi::parse_type(name.text());
            REQUIRE(type.ok());
            types.push_back(*type);
        }
        const auto decoded = abi::decode(types, vectors::bytes(v.input, "data"));
        if (is_reject(v.expected)) {
            CHECK(decoded.status() == Status::CORRUPT);
            return;
        }
        REQUIRE(decoded.ok());
        CHECK(*decoded == values_of(types, vectors::member(v.expected, "values")));
        const auto again = abi::decode(types, abi::encode(types, *decoded));
        REQUIRE(again.ok());
        CHECK(*again == *decoded);
    });
}

TEST_CASE("abi_events") {
    vectors::for_each("abi_events", [](const Vector& v) {
        std::vector<bool> which;
        for (const auto& indexed : vectors::member(v.input, "indexed").items()) which.push_back(indexed.boolean());
        const abi::Event event(vectors::text(v.input, "event"), which);
        std::vector<Bytes32> topics;
        for (const auto& topic : vectors::member(v.input, "topics").items()) {
            const auto bytes = parse_bytes32(topic.text());
            REQUIRE(bytes.ok());
            topics.push_back(*bytes);
        }
        const auto data = vectors::bytes(v.input, "data");

        // Members stand in the order of declaration; of a hashed one both sides are known.
        const auto types = types_of(event.signature);
        REQUIRE(v.expected.members().size() == types.size());
        std::vector<abi::Value> sent, seen;
        for (std::size_t i = 0; i < types.size(); ++i) {
            const auto& value = v.expected.members()[i].second;
            if (value.is_object()) {
                sent.push_back(value_of(types[i], vectors::member(value, "of")));
                seen.push_back(abi::Value::of(vectors::bytes32(value, "hash")));
            } else {
                sent.push_back(value_of(types[i], value));
                seen.push_back(sent.back());
            }
        }
        const auto decoded = abi::decode_event(event, topics, data);
        REQUIRE(decoded.ok());
        CHECK(*decoded == seen);
        const auto encoded = abi::encode_event(event, sent);
        CHECK(encoded.topics == topics);
        CHECK(encoded.data == data);
    });
}
