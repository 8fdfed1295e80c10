/// What a provider says of itself to anybody: what it can, and nothing of who it is or what it does.
#pragma once

#include "codec/json.hpp"

#include <c2d/chain_node.hpp>

namespace c2d::provider {

/// {"version","editions":{"known":[…],"head"},"protocols":[…]}. `editions` are those of the ledger's rules: which this
/// program knows, and which the network was found to have; 0: the original contracts.
json::Value build_info(const NetworkInfo& network);

}  // namespace c2d::provider
