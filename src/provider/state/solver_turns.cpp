#include "provider/state/solver_turns.hpp"

#include <algorithm>

namespace c2d::provider {

namespace {

/// A multiple of every weight up to 10; others differ from their share by less than a thousandth.
constexpr std::uint64_t kRound = std::uint64_t{2520} * kSolverWeightMax;

}  // namespace

std::uint64_t SolverTurns::stride_of(const Address& solver) const {
    const auto weight = weights_.find(solver);
    return kRound / (weight == weights_.end() ? 1 : weight->second);
}

Address SolverTurns::take(std::span<const Address> waiting) {
    std::map<Address, std::uint64_t> passes;
    for (const auto& solver : waiting) {
        const auto known = passes_.find(solver);
        passes[solver] = known == passes_.end() ? reached_ : std::max(known->second, reached_);
    }
    const auto next = *std::ranges::min_element(waiting, {}, [&](const Address& solver) { return passes.at(solver); });
    reached_ = passes.at(next);
    passes[next] += stride_of(next);
    passes_ = std::move(passes);
    return next;
}

}  // namespace c2d::provider
