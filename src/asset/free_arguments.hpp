/// What terms leave to whoever composes or runs: the places that nothing bounds.
#pragma once

#include "asset/ddo.hpp"

#include <c2d/asset_registry.hpp>

namespace c2d::asset {

/// Every `{}`, and every `$schema` that bounds nothing, of all services; at most
/// `kFreeArgumentsMax`.
std::vector<FreeArgument> free_arguments(const Ddo& ddo);

/// Whether a schema takes only what its author could have listed or measured: `const` or `enum`; a
/// number between two bounds; a text of a greatest length, by `maxLength` or a pattern; an array of a
/// greatest length, whose items are bounded; an object whose members are named and bounded.
bool is_bounded(const json::Value& schema);

}  // namespace c2d::asset
