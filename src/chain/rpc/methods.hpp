/// The methods that a served ledger answers, by name.
#pragma once

#include "codec/json.hpp"

#include <c2d/chain.hpp>

#include <functional>
#include <string_view>

namespace c2d::rpc {

class SenderLimits;

/// What a method works on.
struct Served {
    Chain& chain;
    /// The chain as of a block.
    std::function<Result<Chain>(std::uint64_t)> state_at;
    /// What is taken from a sender; null: whatever the ledger takes.
    SenderLimits* limits = nullptr;

    ChainNode& node() const { return chain.node(); }
};

using Handler = Result<json::Value> (*)(const Served& served, const json::Array& parameters);
/// Null when there is no such method.
Handler method(std::string_view name);

}  // namespace c2d::rpc
