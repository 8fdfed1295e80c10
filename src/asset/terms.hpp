/// Terms: what a constraint allows, decided on RFC 8785 equality (DESIGN: an embedding bank relies
/// on 0, false and "" being values like any other).
///
/// `{}` is free; an object whose only key is `$schema` is a schema; any other object needs the same
/// keys, each matched in turn; arrays and scalars match exactly.
#pragma once

#include "codec/json.hpp"

#include <c2d/reason.hpp>

namespace c2d::asset {

bool is_free(const json::Value& constraint) noexcept;
bool is_schema(const json::Value& constraint) noexcept;
/// True when any part is free or a schema: not yet an argument.
bool is_open(const json::Value& constraint) noexcept;

/// Accepts when `inner` only narrows `outer`: every argument that fits `inner` fits `outer`.
/// `inner` may be a constraint (composing) or finished arguments (running).
Verdict narrows(const json::Value& outer, const json::Value& inner, const std::string& path);

/// Accepts when the schema uses nothing but the closed subset, rightly typed.
Verdict check_schema(const json::Value& schema, const std::string& path);
/// Accepts when every `$schema` inside a constraint passes `check_schema`.
Verdict check_schemas_within(const json::Value& constraint, const std::string& path);

}  // namespace c2d::asset
