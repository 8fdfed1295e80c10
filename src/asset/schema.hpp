/// The closed subset of JSON Schema that terms may use: type, enum, const, minimum, maximum,
/// exclusiveMinimum, exclusiveMaximum (numbers), minLength, maxLength, minItems, maxItems, items,
/// properties, required, additionalProperties. Any other keyword is refused, never ignored.
#pragma once

#include "codec/json.hpp"

#include <string>

namespace c2d::asset {

/// Empty when the schema is supported, else where and what is not.
std::string unsupported_in(const json::Value& schema, const std::string& path);
/// Empty when `value` fits a supported schema, else why not.
std::string mismatch(const json::Value& schema, const json::Value& value, const std::string& path);

}  // namespace c2d::asset
