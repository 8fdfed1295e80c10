/// Whose run is taken next.
#include "provider/state/solver_turns.hpp"

#include "support/doubles.hpp"

#include <map>
#include <vector>

using namespace c2d;
using provider::SolverTurns;
using support::named_address;

namespace {

const Address kA = named_address("a"), kB = named_address("b"), kC = named_address("c");

/// How often each has its turn, with all of them waiting.
std::map<Address, unsigned> turns_of(SolverTurns& turns, const std::vector<Address>& waiting, unsigned count) {
    std::map<Address, unsigned> out;
    for (unsigned i = 0; i < count; ++i) ++out[turns.take(waiting)];
    return out;
}

}  // namespace

TEST_CASE("everybody who waits has a turn after the other") {
    SolverTurns turns;
    const std::vector waiting{kB, kA, kC};
    for (int round = 0; round < 3; ++round)
        for (const auto& solver : waiting) CHECK(turns.take(waiting) == solver);
}

TEST_CASE("weights are shares") {
    SolverTurns turns({{kA, 3}, {kB, 2}});
    const auto had = turns_of(turns, {kA, kB, kC}, 600);
    CHECK(had.at(kA) == 300);
    CHECK(had.at(kB) == 200);
    CHECK(had.at(kC) == 100);
}

TEST_CASE("the largest weight and the least keep their shares") {
    SolverTurns turns({{kA, provider::kSolverWeightMax}});
    const auto had = turns_of(turns, {kA, kB}, 10'010);
    CHECK(had.at(kA) >= 9'990);
    CHECK(had.at(kB) >= 9);
}

TEST_CASE("whoever did not wait has saved nothing up, and whoever comes anew begins with the others") {
    SolverTurns turns;
    for (int i = 0; i < 100; ++i) CHECK(turns.take(std::vector{kA}) == kA);
    const auto had = turns_of(turns, {kA, kB}, 100);
    CHECK(had.at(kA) == 50);
    CHECK(had.at(kB) == 50);
    // One of them waits alone for long, the other comes back.
    for (int i = 0; i < 100; ++i) turns.take(std::vector{kB});
    CHECK(turns_of(turns, {kA, kB}, 100).at(kB) >= 49);
}
