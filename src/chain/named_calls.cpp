#include "chain/named_calls.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"
#include "contracts/machine.hpp"

#include <algorithm>

namespace c2d {

using abi::Kind;
using abi::Type;

namespace {

/// As much of what a caller gave as a message bears.
constexpr std::size_t kFoundBytesMax = 100;

Error expected(std::string_view what, const json::Value& found) {
    return fail(Status::INVALID_ARGUMENT, "expected {}, found {}", what,
                display_text(json::compact(found), kFoundBytesMax));
}

Result<abi::Value> read_word(std::string_view what, const json::Value& given) {
    if (const auto token = parse_token(given.text())) return abi::Value::of(*token);
    const auto bytes = parse_hex(given.text());
    if (!given.is_string() || !bytes || bytes->size() != 32) return expected(what, given);
    C2D_TRY(const auto word, Bytes32::from(*bytes));
    return abi::Value::of(word);
}

Result<abi::Value> read_value(const Type& type, const json::Value& given) {
    if (type.array) {
        if (!given.is_array()) return expected("a list", given);
        std::vector<abi::Value> items;
        for (const auto& item : given.items()) {
            C2D_TRY(items.emplace_back(), read_value({type.kind, type.bits, false}, item));
        }
        return abi::Value::list(std::move(items));
    }
    switch (type.kind) {
        case Kind::address: {
            const auto address = parse_address(given.text());
            if (!given.is_string() || !address) return expected("an address", given);
            return abi::Value::of(*address);
        }
        case Kind::boolean:
            if (!given.is_bool()) return expected("true or false", given);
            return abi::Value::of(given.boolean());
        case Kind::uint:
            if (const auto number = given.as_uint()) return abi::Value::of(*number);
            return read_word("a whole number, or 32 bytes as 0x…", given);
        case Kind::bytes32: return read_word("32 bytes as 0x…, or a token", given);
        case Kind::string:
            if (!given.is_string()) return expected("a text", given);
            return abi::Value::text(given.text());
        case Kind::bytes: break;
    }
    return expected("a value of a type that the contracts have", given);
}

json::Value json_of(const Type& type, const abi::Value& value) {
    if (type.array) {
        json::Array items;
        for (const auto& item : value.list()) items.push_back(json_of({type.kind, type.bits, false}, item));
        return items;
    }
    switch (type.kind) {
        case Kind::address: return address_text(value.address());
        case Kind::boolean: return value.boolean();
        case Kind::uint:
            return value.fits_64_bits() ? json::Value(value.number()) : json::Value(hex_text(value.word()));
        case Kind::bytes32: return hex_text(value.word());
        case Kind::string: return value.text();
        case Kind::bytes: return hex_text(value.blob());
    }
    return {};
}

Result<contracts::Function> find_function(std::string_view name, std::size_t arguments) {
    std::string others;
    for (const auto& function : contracts::all_functions()) {
        if (function.title() != name) continue;
        C2D_TRY(const auto types, abi::parse_signature(function.signature));
        if (types.size() == arguments) return function;
        others += (others.empty() ? "" : " or ") + std::string(function.signature);
    }
    if (others.empty())
        return fail(Status::INVALID_ARGUMENT, "no contract has a function {}; expected CONTRACT.FUNCTION", name);
    return fail(Status::INVALID_ARGUMENT, "{} takes {}, not {} arguments", name, others, arguments);
}

}  // namespace

Result<NamedCall> read_named_call(std::string_view name, std::string_view arguments) {
    const auto given = json::parse(arguments);
    if (!given) return fail(given.status(), "arguments of {}: {}", name, given.error().message);
    if (!given->is_array())
        return fail(Status::INVALID_ARGUMENT, "arguments of {}: {}", name, expected("a JSON list", *given).message);
    C2D_TRY(const auto function, find_function(name, given->items().size()));
    C2D_TRY(const auto types, abi::parse_signature(function.signature));
    std::vector<abi::Value> values;
    for (std::size_t i = 0; i < types.size(); ++i) {
        auto value = read_value(types[i], given->items()[i]);
        if (!value)
            return fail(Status::INVALID_ARGUMENT, "argument {} of {}: {}", i + 1, function.title(),
                        value.error().message);
        values.push_back(*std::move(value));
    }
    return NamedCall{function, abi::encode_call(function.signature, values)};
}

Result<std::string> answer_text(const contracts::Function& function, BytesView data) {
    const auto types = contracts::types_of(function.returns);
    C2D_TRY(const auto values, abi::decode(types, data));
    json::Array out;
    for (std::size_t i = 0; i < types.size(); ++i) out.push_back(json_of(types[i], values[i]));
    return json::compact(out, json::Escape::invisible);  // others wrote it
}

}  // namespace c2d
