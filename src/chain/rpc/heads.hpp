/// The states of a ledger that calls by block number ask for.
#pragma once

#include <c2d/chain.hpp>

#include <chrono>
#include <mutex>
#include <vector>

namespace c2d::rpc {

/// States of the last heads that somebody asked for by number. A trace over this server asks many
/// things of one block while the ledger goes on; so a state stays while it is used.
class Heads {
public:
    /// The chain as of a block. Fails with `not_found` when that is neither the head nor kept.
    Result<Chain> at(Chain& chain, std::uint64_t number);

private:
    static constexpr std::size_t kHeadsMax = 8;
    static constexpr std::chrono::seconds kIdleMax{60};

    struct Kept {
        std::uint64_t number;
        Chain chain;
        std::chrono::steady_clock::time_point used;
    };

    std::mutex mutex_;
    std::vector<Kept> kept_;
};

}  // namespace c2d::rpc
