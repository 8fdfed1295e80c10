// c2d-bench woe: weight of evidence and information value of party B's columns by party A's labels, and the encoded
// columns; three processes over TLS on loopback. C2D_FULL=1: 1,000,000 rows of 100 columns, too, and 20 ms each way at
// 100 Mbit/s.

#include "base/try.hpp"
#include "bench/bench.hpp"
#include "bench/slow_wires.hpp"
#include "bench/three_parties.hpp"
#include "mpc/link/tls_link.hpp"

#include <c2d/mpc.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <sys/resource.h>

namespace c2d::bench {
namespace {

using namespace mpc;

constexpr std::size_t kBins = 10;
/// Each is timed so many times; the slowest counts.
constexpr int kTurns = 3;

struct Table {
    Matrix bins, labels;
};
Table make_table(std::size_t rows, std::size_t cols) {
    std::mt19937_64 random(19);
    Table out{{rows, cols, std::vector<double>(rows * cols)}, {rows, 1, std::vector<double>(rows)}};
    for (double& bin : out.bins.data) bin = static_cast<double>(random() % kBins);
    for (std::size_t row = 0; row < rows; ++row)
        out.labels.data[row] = random() % 200 < 10 + out.bins.at(row, 0) ? 1 : 0;
    return out;
}

/// At one party: seconds of counts, weights and values; of the encoded columns; MB sent; rounds; GB of memory at most.
Result<std::vector<double>> run(unsigned party, Channels channels, const Table& table) {
    SessionOptions options;
    C2D_TRY(options.link, tls_link(party, std::move(channels)));
    C2D_TRY(auto session, Session::open(std::move(options)));
    C2D_TRY(const Tensor y, session->input_labels(0, party == 0 ? &table.labels : nullptr));
    C2D_TRY(const auto ready, session->exchange({}));
    const Matrix* const bins = party == 1 ? &table.bins : nullptr;
    const Link::Stats before = session->stats();
    Result<Tensor> woe = Error(Status::INTERNAL, "not run"), encoded = woe;
    Result<std::optional<Matrix>> value = Error(Status::INTERNAL, "not run");
    const auto weigh = [&]() -> Result<Unit> {
        C2D_TRY(const Tensor counts, session->bin_counts(1, bins, kBins, y));
        woe = session->weight_of_evidence(counts);
        C2D_TRY(const Tensor values, session->information_value(counts));
        value = session->reveal(values, {0, 1, 2});
        return Unit{};
    };
    Result<Unit> weighed = Unit{};
    const double evidence = seconds([&] { weighed = weigh(); });
    C2D_CHECK(weighed);
    C2D_CHECK(value);
    C2D_CHECK(woe);
    const double encoding = seconds([&] { encoded = session->encode_bins(1, bins, *woe); });
    C2D_CHECK(encoded);
    double sent = 0;
    for (unsigned peer = 0; peer < kParties; ++peer)
        sent += static_cast<double>(session->stats().bytes_sent[peer] - before.bytes_sent[peer]);
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return std::vector<double>{evidence, encoding, sent / 1e6,
                               static_cast<double>(session->stats().rounds - before.rounds),
                               static_cast<double>(usage.ru_maxrss) / 1e6};
}

/// Of each number the largest of all parties.
Result<std::vector<double>> run_once(const Table& table, SlowWires* wires) {
    C2D_TRY(const auto numbers,
            run_three_parties([&](unsigned party, Channels channels) { return run(party, std::move(channels), table); },
                              wires));
    std::vector<double> out = numbers[0];
    for (const auto& party : numbers)
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::max(out[i], party[i]);
    return out;
}

void report_run(std::vector<Goal>& goals, const std::string& what, const std::vector<double>& found,
                std::optional<double> seconds_max) {
    const double all = found[0] + found[1];
    goals.push_back(seconds_max ? at_most(what + ": seconds", all, *seconds_max) : report(what + ": seconds", all));
    goals.push_back(report(what + ": of these, for encoded columns", found[1]));
    goals.push_back(report(what + ": MB sent by the busiest party", found[2]));
    goals.push_back(report(what + ": rounds", found[3]));
    goals.push_back(report(what + ": GB of memory of the largest party", found[4]));
}

}  // namespace

Result<std::vector<Goal>> woe_bench() {
    std::vector<Goal> goals;
    const Table table = make_table(50'000, 72);
    std::vector<double> slowest{0, 0, 0, 0, 0};
    for (int turn = 0; turn < kTurns; ++turn) {
        C2D_TRY(const auto one, run_once(table, nullptr));
        if (one[0] + one[1] > slowest[0] + slowest[1]) slowest = one;
    }
    report_run(goals, "50,000 x 72 x 10 bins", slowest, 1);
    if (std::getenv("C2D_FULL") == nullptr) return goals;
    SlowWires wires(WireSpeed{});
    C2D_TRY(const auto far, run_once(table, &wires));
    report_run(goals, "the same over 20 ms and 100 Mbit/s", far, {});
    C2D_TRY(const auto large, run_once(make_table(1'000'000, 100), nullptr));
    report_run(goals, "1,000,000 x 100 x 10 bins", large, 20);
    return goals;
}

}  // namespace c2d::bench
