// c2d-bench NAME [--json]: measures one part and holds it against its goals in the same run.

#include "bench/bench.hpp"
#include "codec/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstring>

namespace c2d::bench {

const std::vector<Named> kBenches = {
    {"ledger", "durable transactions a second against bare SQLite commits", ledger_bench},
    {"sandbox", "start to exit of a sandboxed program against bubblewrap and a bare spawn", sandbox_bench},
    {"verifier", "job verdicts a second", verifier_bench},
    {"provider", "signed requests a second, and under attack; what lives while others stall", provider_bench},
    {"evm", "presigned jobs a second on an EVM node beside ethers", evm_bench},
    {"capi", "job verdicts a second through C++, C and Python, and what a call costs", capi_bench},
    {"trace", "a trace of 10^3, 10^4 and 10^5 jobs in one task: what each costs", trace_bench},
    {"mpc", "the reference training job against the limit of the machine", mpc_bench},
    {"mpc-wan", "training over 20 ms each way and 100 Mbit/s", mpc_wan_bench},
    {"mpc-relay", "the demo's operator in the sandbox, behind relays, against the engine alone", mpc_relay_bench},
};

Goal report(std::string name, double value) { return {std::move(name), value, "", true}; }
Goal at_least(std::string name, double value, double bound) {
    return {std::move(name), value, fmt::format(">= {}", bound), value >= bound};
}
Goal at_most(std::string name, double value, double bound) {
    return {std::move(name), value, fmt::format("<= {}", bound), value <= bound};
}

double median(std::vector<double> values) {
    std::ranges::sort(values);
    return values.empty() ? 0 : values[values.size() / 2];
}

namespace {

int usage() {
    std::fputs("usage: c2d-bench NAME [--json]\n", stderr);
    for (const auto& bench : kBenches) std::fprintf(stderr, "  %-10s %s\n", bench.name, bench.text);
    return 2;
}

void print(const std::vector<Goal>& goals, bool as_json) {
    json::Array rows;
    for (const auto& goal : goals) {
        if (!as_json)
            std::printf("%-56s %14.3f  %-10s %s\n", goal.name.c_str(), goal.value, goal.goal.c_str(),
                        goal.goal.empty() ? ""
                        : goal.met        ? "met"
                                          : "MISSED");
        rows.push_back(
            json::Value::object({{"name", goal.name}, {"value", goal.value}, {"goal", goal.goal}, {"met", goal.met}}));
    }
    if (as_json) std::puts(json::compact(json::Value::object({{"goals", std::move(rows)}})).c_str());
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
    return std::ranges::all_of(*goals, [](const Goal& goal) { return goal.met; }) ? 0 : 1;
}

}  // namespace c2d::bench

int main(int argc, char** argv) { return c2d::bench::run(argc, argv); }
