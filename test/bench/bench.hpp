/// What c2d-bench measures: each bench is a function that returns goals with their values.
#pragma once

#include <c2d/result.hpp>

#include <chrono>
#include <string>
#include <vector>

namespace c2d::bench {

/// One figure. `goal` says what it must meet, for example ">= 0.6"; empty: only reported.
struct Goal {
    std::string name;
    double value = 0;
    std::string goal;
    bool met = true;
};

Goal report(std::string name, double value);
Goal at_least(std::string name, double value, double bound);
Goal at_most(std::string name, double value, double bound);

/// Seconds that `work` takes.
template <class Work>
double seconds(Work&& work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

/// The middle one of an odd number of values.
double median(std::vector<double> values);

using Bench = Result<std::vector<Goal>> (*)();
struct Named {
    const char* name;
    const char* text;
    Bench run;
};
/// All benches, in one table (main.cpp).
extern const std::vector<Named> kBenches;

Result<std::vector<Goal>> ledger_bench();
Result<std::vector<Goal>> sandbox_bench();
Result<std::vector<Goal>> verifier_bench();
Result<std::vector<Goal>> mpc_bench();
Result<std::vector<Goal>> evm_bench();
Result<std::vector<Goal>> mpc_wan_bench();
Result<std::vector<Goal>> mpc_relay_bench();
Result<std::vector<Goal>> capi_bench();
Result<std::vector<Goal>> trace_bench();
Result<std::vector<Goal>> provider_bench();

}  // namespace c2d::bench
