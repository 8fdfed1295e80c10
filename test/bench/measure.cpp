#include "bench/measure.hpp"

#include "base/try.hpp"
#include "codec/json.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <numeric>
#include <random>

namespace c2d::bench {

namespace {

constexpr std::array kStates = {"", "met", "MISSED", "noisy"};

Goal::State judged(bool met) { return met ? Goal::State::met : Goal::State::missed; }

Goal beside(std::string name, const Ratio& ratio, std::string bound, bool met) {
    const auto state = ratio.noisy() ? Goal::State::noisy : judged(met);
    return {std::move(name), ratio.value, std::move(bound), state, ratio.spread, ratio.limit_spread};
}

/// What every subject measured in one turn, each `repeats` times.
Result<std::vector<double>> one_turn(const std::vector<Measure>& subjects, int repeats, std::mt19937& random) {
    std::vector<std::vector<double>> values(subjects.size());
    std::vector<std::size_t> order(subjects.size());
    std::iota(order.begin(), order.end(), std::size_t(0));
    for (int i = 0; i < repeats; ++i) {
        std::ranges::shuffle(order, random);
        for (const std::size_t subject : order) {
            C2D_TRY(values[subject].emplace_back(), subjects[subject]());
        }
    }
    std::vector<double> out;
    for (auto& of_subject : values) out.push_back(median(std::move(of_subject)));
    return out;
}

}  // namespace

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

double Series::spread() const {
    if (values.empty()) return 1;
    const auto [smallest, largest] = std::ranges::minmax(values);
    return largest / smallest;
}

Series Series::per_second(double count) const {
    Series out;
    for (const double value : values) out.values.push_back(count / value);
    return out;
}

Series Series::minus(const Series& other) const {
    Series out;
    for (std::size_t i = 0; i < values.size(); ++i) out.values.push_back(values[i] - other.values.at(i));
    return out;
}

Result<std::vector<Series>> in_turns(const std::vector<Measure>& subjects, Plan plan) {
    std::vector<Series> out(subjects.size());
    std::mt19937 random(1);
    if (plan.warm_up > 0) C2D_CHECK(one_turn(subjects, plan.warm_up, random));
    for (int turn = 0; turn < plan.turns; ++turn) {
        std::fprintf(stderr, "turn %d of %d\r", turn + 1, plan.turns);
        C2D_TRY(const auto values, one_turn(subjects, plan.repeats, random));
        for (std::size_t i = 0; i < values.size(); ++i) out[i].values.push_back(values[i]);
    }
    return out;
}

Ratio ratio(const Series& ours, const Series& limit) {
    if (ours.values.size() != limit.values.size() || ours.values.size() < std::size_t(kTurnsMin)) {
        std::fprintf(stderr, "a bench compares %zu turns with %zu; it takes %d at least, of both\n", ours.values.size(),
                     limit.values.size(), kTurnsMin);
        std::abort();
    }
    std::vector<double> ratios;
    for (std::size_t i = 0; i < ours.values.size(); ++i) ratios.push_back(ours.values[i] / limit.values[i]);
    return {median(std::move(ratios)), ours.spread(), limit.spread()};
}

Goal report(std::string name, double value) { return {.name = std::move(name), .value = value}; }
Goal report(std::string name, const Series& series) {
    return {.name = std::move(name), .value = series.middle(), .spread = series.spread()};
}
Goal report(std::string name, const Ratio& ratio) {
    return {.name = std::move(name), .value = ratio.value, .spread = ratio.spread, .limit_spread = ratio.limit_spread};
}
Goal at_least(std::string name, double value, double bound) {
    return {
        .name = std::move(name), .value = value, .bound = fmt::format(">= {}", bound), .state = judged(value >= bound)};
}
Goal at_most(std::string name, double value, double bound) {
    return {
        .name = std::move(name), .value = value, .bound = fmt::format("<= {}", bound), .state = judged(value <= bound)};
}
Goal at_least(std::string name, const Ratio& ratio, double bound) {
    return beside(std::move(name), ratio, fmt::format(">= {}", bound), ratio.value >= bound);
}
Goal at_most(std::string name, const Ratio& ratio, double bound) {
    return beside(std::move(name), ratio, fmt::format("<= {}", bound), ratio.value <= bound);
}

int exit_code(const std::vector<Goal>& goals) {
    const auto any = [&goals](Goal::State state) { return std::ranges::count(goals, state, &Goal::state) > 0; };
    if (any(Goal::State::missed)) return 1;
    return any(Goal::State::noisy) ? 3 : 0;
}

std::string line_of(const Goal& goal) {
    std::string out = fmt::format("{:<58} {:>14.3f}  {:<10} {:<6}", goal.name, goal.value, goal.bound,
                                  kStates[std::size_t(goal.state)]);
    if (goal.spread > 0) out += fmt::format("  spread {:.2f}", goal.spread);
    if (goal.limit_spread > 0) out += fmt::format(", of the limit {:.2f}", goal.limit_spread);
    out.erase(out.find_last_not_of(' ') + 1);
    return out;
}

std::string json_of(const std::vector<Goal>& goals) {
    json::Array rows;
    for (const auto& goal : goals)
        rows.push_back(json::Value::object({{"name", goal.name},
                                            {"value", goal.value},
                                            {"goal", goal.bound},
                                            {"met", goal.state <= Goal::State::met},
                                            {"noisy", goal.state == Goal::State::noisy},
                                            {"spread", goal.spread},
                                            {"limit_spread", goal.limit_spread}}));
    return json::compact(json::Value::object({{"goals", std::move(rows)}}));
}

}  // namespace c2d::bench
