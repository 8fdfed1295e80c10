// c2d-bench irls: logistic regression by Newton's method, three processes over TLS on loopback, from as many bad as
// good customers to 1 in 500; then over wires of 20 ms each way and 100 Mbit/s. C2D_FULL=1: 1,000,000 rows of 100
// columns, too.

#include "base/try.hpp"
#include "bench/bench.hpp"
#include "bench/slow_wires.hpp"
#include "bench/three_parties.hpp"
#include "mpc/link/tls_link.hpp"

#include <c2d/regression.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <random>
#include <sys/resource.h>

namespace c2d::bench {
namespace {

using namespace mpc;

constexpr double kRates[] = {0.5, 0.2, 0.02, 0.005, 0.002};
/// A fit is timed so many times; the slowest counts.
constexpr int kTurns = 3;

struct Table {
    Matrix a, b, label;
};

/// Logits without their intercept.
std::vector<double> fill(Table& table, std::mt19937_64& random) {
    std::normal_distribution<double> normal;
    const std::size_t cols = table.a.cols + table.b.cols;
    std::vector<double> truth(cols), z(table.a.rows);
    for (double& t : truth) t = normal(random) * 1.8 / std::sqrt(static_cast<double>(cols));
    for (std::size_t r = 0; r < z.size(); ++r) {
        const double common = normal(random);
        for (std::size_t c = 0; c < cols; ++c) {
            const double x = c % 5 == 0 ? 0.6 * common + 0.8 * normal(random) : normal(random);
            (c < table.a.cols ? table.a.at(r, c) : table.b.at(r, c - table.a.cols)) = x;
            z[r] += truth[c] * x;
        }
    }
    return z;
}

Table make_table(std::size_t rows, std::size_t cols, double rate) {
    std::mt19937_64 random(17);
    const std::size_t first = cols * 5 / 12;
    Table out{{rows, first, std::vector<double>(rows * first)},
              {rows, cols - first, std::vector<double>(rows * (cols - first))},
              {rows, 1, std::vector<double>(rows)}};
    const std::vector<double> z = fill(out, random);
    double low = -20, high = 20;
    for (int i = 0; i < 40; ++i) {
        const double middle = (low + high) / 2;
        double bad = 0;
        for (const double one : z) bad += 1 / (1 + std::exp(-one - middle));
        (bad > rate * static_cast<double>(rows) ? high : low) = middle;
    }
    std::uniform_real_distribution<double> uniform(0, 1);
    for (std::size_t r = 0; r < rows; ++r)
        out.label.data[r] = uniform(random) < 1 / (1 + std::exp(-z[r] - low)) ? 1 : 0;
    return out;
}

struct Fitted {
    double seconds = 0, steps = 0, megabytes = 0, rounds = 0, memory_gb = 0;
};

/// At one party: seconds, steps, MB sent, rounds, GB of memory at most.
Result<std::vector<double>> fit(unsigned party, Channels channels, const Table& table) {
    SessionOptions session_options;
    C2D_TRY(session_options.link, tls_link(party, std::move(channels)));
    C2D_TRY(auto session, Session::open(std::move(session_options)));
    C2D_TRY(const Tensor xa, session->input(0, party == 0 ? &table.a : nullptr));
    C2D_TRY(const Tensor xb, session->input(1, party == 1 ? &table.b : nullptr));
    C2D_TRY(const Tensor y, session->input_labels(0, party == 0 ? &table.label : nullptr));
    C2D_TRY(const Tensor x, session->hconcat({xa, xb}));
    C2D_TRY(const auto ready, session->exchange({}));
    const Link::Stats before = session->stats();
    RegressionOptions options;
    options.statistics_to = {0};
    Result<Regression> model = Error(Status::INTERNAL, "not run");
    const double time = seconds([&] { model = session->fit_logistic(x, y, options); });
    C2D_CHECK(model);
    if (!model->converged) return Error(Status::INTERNAL, "the fit did not converge");
    double sent = 0;
    for (unsigned peer = 0; peer < kParties; ++peer)
        sent += static_cast<double>(session->stats().bytes_sent[peer] - before.bytes_sent[peer]);
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return std::vector<double>{time, static_cast<double>(model->steps), sent / 1e6,
                               static_cast<double>(session->stats().rounds - before.rounds),
                               static_cast<double>(usage.ru_maxrss) / 1e6};
}

Result<Fitted> fit_once(const Table& table, SlowWires* wires) {
    C2D_TRY(const auto numbers,
            run_three_parties([&](unsigned party, Channels channels) { return fit(party, std::move(channels), table); },
                              wires));
    Fitted out;
    for (const auto& party : numbers) {
        out.seconds = std::max(out.seconds, party[0]);
        out.steps = party[1];
        out.megabytes = std::max(out.megabytes, party[2]);
        out.rounds = std::max(out.rounds, party[3]);
        out.memory_gb = std::max(out.memory_gb, party[4]);
    }
    return out;
}

void report_fit(std::vector<Goal>& goals, const std::string& what, const Fitted& fitted, double seconds_max) {
    goals.push_back(at_most(what + ": seconds", fitted.seconds, seconds_max));
    goals.push_back(report(what + ": steps", fitted.steps));
    goals.push_back(report(what + ": MB sent by the busiest party", fitted.megabytes));
    goals.push_back(report(what + ": rounds", fitted.rounds));
}

}  // namespace

Result<std::vector<Goal>> irls_bench() {
    std::vector<Goal> goals;
    for (const double rate : kRates) {
        const Table table = make_table(40'000, 72, rate);
        Fitted slowest;
        for (int turn = 0; turn < kTurns; ++turn) {
            C2D_TRY(const Fitted one, fit_once(table, nullptr));
            if (one.seconds > slowest.seconds) slowest = one;
        }
        report_fit(goals, fmt::format("40,000 x 72, {:g} % bad", 100 * rate), slowest, 3);
        if (rate != kRates[0] && rate != kRates[std::size(kRates) - 1]) continue;
        SlowWires wires(WireSpeed{});
        C2D_TRY(const Fitted far, fit_once(table, &wires));
        report_fit(goals, fmt::format("the same over 20 ms and 100 Mbit/s"), far, 15);
    }
    if (std::getenv("C2D_FULL") == nullptr) return goals;
    C2D_TRY(const Fitted large, fit_once(make_table(1'000'000, 100, 0.05), nullptr));
    report_fit(goals, "1,000,000 x 100, 5 % bad", large, 120);
    goals.push_back(
        at_most("the same: GB of memory of the largest party, its table in the clear included", large.memory_gb, 5));
    return goals;
}

}  // namespace c2d::bench
