/// The closed subset of JSON Schema that terms may use: type, enum, const, minimum, maximum,
/// exclusiveMinimum, exclusiveMaximum (numbers), minLength, maxLength, pattern (held against the
/// whole text, unlike JSON Schema's), minItems, maxItems, items, properties, required,
/// additionalProperties. Any other keyword is refused, never ignored.
#pragma once

#include "asset/effort.hpp"
#include "codec/json.hpp"

#include <string>

namespace c2d::asset {

/// Empty when the schema is supported, else where and what is not.
std::string unsupported_in(const json::Value& schema, const std::string& path, Effort& effort);
/// Whether two values are the same by RFC 8785. Also ends, with false, once `effort` is spent.
bool is_same(const json::Value& a, const json::Value& b, Effort& effort);
/// Empty when `value` fits a supported schema, else why not. All calls on schemas also end, with some text,
/// once `effort` is spent.
std::string mismatch(const json::Value& schema, const json::Value& value, const std::string& path, Effort& effort);

}  // namespace c2d::asset
