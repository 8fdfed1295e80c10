/// Whose run is taken next: organisations in turn, by their weights, however many runs each of them has queued (stride
/// scheduling; Waldspurger and Weihl, 1995). Not thread-safe.
#pragma once

#include <c2d/types.hpp>

#include <map>
#include <span>

namespace c2d::provider {

/// Of a turn: one with weight 2 has two where another has one.
inline constexpr unsigned kSolverWeightMax = 1000;

class SolverTurns {
public:
    /// Whoever is not named has weight 1.
    explicit SolverTurns(std::map<Address, unsigned> weights = {}) : weights_(std::move(weights)) {}

    /// Gives the turn to one of `waiting` (at least one, each once); of those whose turn it is as much, to the first.
    Address take(std::span<const Address> waiting);

private:
    std::uint64_t stride_of(const Address& solver) const;

    std::map<Address, unsigned> weights_;
    /// How far each of those has come who waited at the last turn.
    std::map<Address, std::uint64_t> passes_;
    /// How far the one had come whose turn was last: whoever comes anew begins there, and has saved nothing up.
    std::uint64_t reached_ = 0;
};

}  // namespace c2d::provider
