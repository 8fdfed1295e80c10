/// What a provider says of itself to anybody: what it can, and nothing of who it is or what it does.
#pragma once

#include "codec/json.hpp"

#include <cstdint>

namespace c2d::provider {

/// {"version","editions":{"known":[…],"head"},"protocols":[…]}. `editions` are those of the ledger's rules: which this
/// program knows, and which the network has now; 0: the original contracts.
json::Value build_info(std::uint64_t edition);
/// The last of the editions that this program knows.
inline constexpr std::uint64_t kEditionLast = 2;

}  // namespace c2d::provider
