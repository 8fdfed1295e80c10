/// Terms: what a constraint allows, decided on RFC 8785 equality (an embedding bank relies on
/// 0, false and "" being values like any other).
///
/// `{}` is free; an object whose only key is `$schema` is a schema; any other object needs the same
/// keys, each matched in turn; arrays and scalars match exactly.
#pragma once

#include "asset/effort.hpp"
#include "codec/json.hpp"

#include <c2d/reason.hpp>

namespace c2d::asset {

bool is_free(const json::Value& constraint) noexcept;
bool is_schema(const json::Value& constraint) noexcept;
/// True when any part is free or a schema: not yet an argument.
bool is_open(const json::Value& constraint) noexcept;

/// Accepts when `inner` only narrows `outer`: every argument that fits `inner` fits `outer`.
/// `inner` may be a constraint (composing) or finished arguments (running). Whether one schema
/// implies another is not decided: within a `$schema`, a `pattern` in it or not, `inner` is the
/// same schema by RFC 8785 text, or a value that fits. Refuses with `terms_too_deep` what costs
/// more than `effort` has left.
Verdict narrows(const json::Value& outer, const json::Value& inner, const std::string& path, Effort& effort);

}  // namespace c2d::asset
