#include "bench/measure.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace c2d::bench;

namespace {

Series series(std::vector<double> values) { return {std::move(values)}; }
const Series kSteady = series({10, 11, 10, 12, 10});
/// 14 is 1.4 times the smallest.
const Series kUnsteady = series({10, 11, 10, 14, 10});

}  // namespace

TEST_CASE("the ratio is the median of the turns' own, and each side's spread is its own") {
    const Ratio found = ratio(series({20, 11, 30, 24, 10}), kSteady);
    CHECK(found.value == doctest::Approx(2));
    CHECK(found.spread == doctest::Approx(3));
    CHECK(found.limit_spread == doctest::Approx(1.2));
    CHECK_FALSE(found.noisy());
}

TEST_CASE("where the limit varies by more than 1.3, a goal is noisy, whatever the ratio") {
    for (const double bound : {0.5, 2.0}) {
        CHECK(at_least("g", ratio(kSteady, kUnsteady), bound).state == Goal::State::noisy);
        CHECK(at_most("g", ratio(kSteady, kUnsteady), bound).state == Goal::State::noisy);
    }
    // Ours may vary as it likes: the goal is still judged.
    CHECK(at_least("g", ratio(kUnsteady, kSteady), 0.5).state == Goal::State::met);
    CHECK(at_least("g", ratio(kUnsteady, kSteady), 2).state == Goal::State::missed);
    CHECK(report("g", ratio(kSteady, kUnsteady)).state == Goal::State::reported);
}

TEST_CASE("the exit code: met, missed, noisy; a miss outweighs noise") {
    const Goal met = at_least("met", 1, 1), missed = at_most("missed", 2, 1),
               noisy = at_least("noisy", ratio(kSteady, kUnsteady), 1);
    CHECK(exit_code({report("r", 1), met}) == 0);
    CHECK(exit_code({met, missed}) == 1);
    CHECK(exit_code({met, noisy}) == 3);
    CHECK(exit_code({noisy, missed}) == 1);
}

TEST_CASE("every subject is measured so often in each turn, and the median of a turn counts") {
    int calls = 0, others = 0;
    const auto measured = in_turns({[&]() -> c2d::Result<double> { return ++calls % 3 == 0 ? 100.0 : 1.0; },
                                    [&]() -> c2d::Result<double> { return double(++others); }},
                                   {.turns = 5, .repeats = 3, .warm_up = 2});
    REQUIRE(measured.ok());
    CHECK(calls == 2 + 5 * 3);
    CHECK(others == calls);
    CHECK(measured->at(0).values == std::vector<double>(5, 1.0));
    CHECK(measured->at(1).values.size() == 5);
}

TEST_CASE("a subject that fails ends the run with its error") {
    const auto measured = in_turns({[] { return c2d::Result<double>(c2d::Error(c2d::Status::IO, "no disk")); }}, {});
    REQUIRE_FALSE(measured.ok());
    CHECK(measured.error().message == "no disk");
}

TEST_CASE("a line names value, bound, judgement and spreads; JSON says the same") {
    const Goal goal = at_least("speed", ratio(kSteady, kUnsteady), 0.9);
    const std::string line = line_of(goal);
    for (const char* part : {"speed", "1.000", ">= 0.9", "noisy", "spread 1.20", "of the limit 1.40"})
        CHECK_MESSAGE(line.find(part) != std::string::npos, line);
    CHECK(line_of(report("count", 3)).find("spread") == std::string::npos);
    const std::string json = json_of({goal});
    for (const char* part : {R"("met":false)", R"("noisy":true)", R"("goal":">= 0.9")"})
        CHECK_MESSAGE(json.find(part) != std::string::npos, json);
}
