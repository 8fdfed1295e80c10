/// The methods that a served ledger answers, by name.
#pragma once

#include "codec/json.hpp"

#include <c2d/chain.hpp>

#include <functional>
#include <string_view>

namespace c2d::rpc {

/// What a method works on.
struct Served {
    Chain& chain;
    /// The chain as of a block.
    std::function<Result<Chain>(std::uint64_t)> state_at;

    ChainNode& node() const { return chain.node(); }
};

using Handler = Result<json::Value> (*)(const Served& served, const json::Array& parameters);
/// Null when there is no such method.
Handler method(std::string_view name);

}  // namespace c2d::rpc
