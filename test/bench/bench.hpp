/// What c2d-bench measures: each bench is a function that returns goals with their values.
#pragma once

#include "bench/measure.hpp"

namespace c2d::bench {

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
Result<std::vector<Goal>> align_bench();
Result<std::vector<Goal>> evm_bench();
Result<std::vector<Goal>> mpc_wan_bench();
Result<std::vector<Goal>> irls_bench();
Result<std::vector<Goal>> woe_bench();
Result<std::vector<Goal>> score_bench();
Result<std::vector<Goal>> mpc_relay_bench();
Result<std::vector<Goal>> capi_bench();
Result<std::vector<Goal>> trace_bench();
Result<std::vector<Goal>> provider_bench();
Result<std::vector<Goal>> table_bench();

}  // namespace c2d::bench
