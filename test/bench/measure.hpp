/// How benches measure: ours and its limit in turns, so that both meet the same machine. Where the limit itself
/// varies too much within a run, the run says nothing of ours.
#pragma once

#include <c2d/result.hpp>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

namespace c2d::bench {

/// Turns that a comparison takes at least.
inline constexpr int kTurnsMin = 5;
/// Largest over smallest value of a limit, above which its ratios are noise.
inline constexpr double kNoisySpread = 1.3;

/// Seconds that `work` takes.
template <class Work>
double seconds(Work&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The middle one of an odd number of values; 0 of none.
double median(std::vector<double> values);

/// What one subject took or did, a value a turn.
struct Series {
    std::vector<double> values;
    double middle() const { return median(values); }
    /// Largest over smallest; 1 of none.
    double spread() const;
    /// Of seconds that `count` of something took: how many a second.
    Series per_second(double count) const;
    Series minus(const Series& other) const;
};

/// Measures once: a time, a rate, whatever the bench compares.
using Measure = std::function<Result<double>()>;

/// How often is measured. A measurement that takes milliseconds is repeated within a turn, and its median counts.
struct Plan {
    int turns = kTurnsMin;
    int repeats = 1;
    /// Measured first and left out, to fill caches.
    int warm_up = 0;
};

/// All subjects in each turn, in an order that changes; a series for each.
Result<std::vector<Series>> in_turns(const std::vector<Measure>& subjects, Plan plan);

/// Ours over its limit: the median over the turns, and how much each varied by itself.
struct Ratio {
    double value = 0;
    double spread = 1, limit_spread = 1;
    bool noisy() const { return limit_spread > kNoisySpread; }
};
/// Both have a value for each turn, at least kTurnsMin of them: another number is a mistake in the bench, which ends.
Ratio ratio(const Series& ours, const Series& limit);

/// One line of a bench's answer.
struct Goal {
    enum class State { reported, met, missed, noisy };

    std::string name;
    double value = 0;
    /// What the value must meet, for example ">= 0.6"; empty: only reported.
    std::string bound;
    State state = State::reported;
    /// Of ours and of its limit over the turns; 0: not measured in turns.
    double spread = 0, limit_spread = 0;
};

/// A figure without a goal.
Goal report(std::string name, double value);
Goal report(std::string name, const Series& series);
Goal report(std::string name, const Ratio& ratio);
/// Figures that no machine changes: counts, bytes, and times that are to be far from their bound.
Goal at_least(std::string name, double value, double bound);
Goal at_most(std::string name, double value, double bound);
/// Figures beside what the same machine allows. A noisy one meets nothing and misses nothing.
Goal at_least(std::string name, const Ratio& ratio, double bound);
Goal at_most(std::string name, const Ratio& ratio, double bound);

/// 0: every goal is met; 1: one is missed; 3: none is missed, but one is noisy.
int exit_code(const std::vector<Goal>& goals);
/// A line for people.
std::string line_of(const Goal& goal);
/// `{"goals": [{"name", "value", "goal", "met", "noisy", "spread", "limit_spread"}]}`
std::string json_of(const std::vector<Goal>& goals);

}  // namespace c2d::bench
