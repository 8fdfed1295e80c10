// c2d-bench NAME [--json]: measures one part and holds it against its goals in the same run.

#include "bench/bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace c2d::bench {

const std::vector<Named> kBenches = {
    {"ledger", "durable transactions a second against bare SQLite commits", ledger_bench},
    {"sandbox", "start to exit of a sandboxed program against bubblewrap and a bare spawn", sandbox_bench},
    {"verifier", "job verdicts a second", verifier_bench},
    {"provider", "signed requests a second, and under attack; what lives while others stall; jobs a minute",
     provider_bench},
    {"evm", "presigned jobs a second on an EVM node beside ethers", evm_bench},
    {"capi", "job verdicts a second through C++, C and Python, and what a call costs", capi_bench},
    {"trace", "a trace of 10^3, 10^4 and 10^5 jobs in one task: what each costs", trace_bench},
    {"align", "matching two banks' customers against bare curve operations and a merge in the clear", align_bench},
    {"table", "CSV to typed columns beside pandas, and what a check holds", table_bench},
    {"mpc", "the reference training job against the limit of the machine", mpc_bench},
    {"mpc-wan", "training over 20 ms each way and 100 Mbit/s", mpc_wan_bench},
    {"irls", "logistic regression to its end, 40,000 x 72 from even to 1 in 500, near and far", irls_bench},
    {"woe", "weight of evidence and information value, 50,000 x 72 x 10 bins", woe_bench},
    {"score", "points of customers of two banks by a model on shares, 72 columns", score_bench},
    {"mpc-relay", "the demo's operator in the sandbox, behind relays, against the engine alone", mpc_relay_bench},
};

namespace {

int usage() {
    std::fputs("usage: c2d-bench NAME [--json]\n", stderr);
    for (const auto& bench : kBenches) std::fprintf(stderr, "  %-10s %s\n", bench.name, bench.text);
    std::fputs(
        "exit code: 0 every goal is met, 1 one is missed or the bench failed, 3 what a goal is measured against was\n"
        "noisy (it varied by more than 1.3 within the run, which then meets nothing)\n",
        stderr);
    return 2;
}

void print(const std::vector<Goal>& goals, bool as_json) {
    if (as_json)
        std::puts(json_of(goals).c_str());
    else
        for (const auto& goal : goals) std::puts(line_of(goal).c_str());
}

}  // namespace

int run(int argc, char** argv) {
    const char* name = nullptr;
    bool as_json = false;
    for (int i = 1; i < argc; ++i) {
        if (std::strcmp(argv[i], "--json") == 0)
            as_json = true;
        else if (!name)
            name = argv[i];
        else
            return usage();
    }
    const auto bench =
        std::ranges::find_if(kBenches, [name](const Named& b) { return name && std::strcmp(b.name, name) == 0; });
    if (bench == kBenches.end()) return usage();
    const auto goals = bench->run();
    if (!goals) {
        std::fprintf(stderr, "error: %s\n", goals.error().message.c_str());
        return 1;
    }
    print(*goals, as_json);
    return exit_code(*goals);
}

}  // namespace c2d::bench

int main(int argc, char** argv) { return c2d::bench::run(argc, argv); }
