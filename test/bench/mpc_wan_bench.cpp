// c2d-bench mpc-wan: 200 iterations between three processes whose wires take 20 ms each way and carry
// 100 Mbit/s from each party, against what rounds and bytes must take there.

#include "base/try.hpp"
#include "bench/bench.hpp"
#include "bench/slow_wires.hpp"
#include "bench/three_parties.hpp"
#include "mpc/link/tls_link.hpp"

#include <c2d/mpc.hpp>

#include <algorithm>
#include <cmath>
#include <random>

namespace c2d::bench {
namespace {

using namespace mpc;

constexpr std::size_t kRows = 4'000, kColumnsA = 30, kColumnsB = 42, kIterations = 200;

Matrix normal_columns(std::size_t cols, unsigned seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    Matrix out{kRows, cols, std::vector<double>(kRows * cols)};
    for (double& x : out.data) x = std::clamp(normal(random), -6.0, 6.0);
    return out;
}

/// Seconds, rounds and bytes sent while training.
Result<std::vector<double>> train(unsigned party, Channels channels, bool wide_area) {
    SessionOptions session_options;
    C2D_TRY(session_options.link, tls_link(party, std::move(channels)));
    C2D_TRY(auto session, Session::open(std::move(session_options)));
    const Matrix a = normal_columns(kColumnsA, 1), b = normal_columns(kColumnsB, 2);
    Matrix label{kRows, 1, std::vector<double>(kRows)};
    std::mt19937_64 random(3);
    std::uniform_real_distribution<double> uniform(0, 1);
    for (std::size_t i = 0; i < kRows; ++i)
        label.data[i] = uniform(random) < 1 / (1 + std::exp(-a.at(i, 0) - b.at(i, 1))) ? 1 : 0;
    C2D_TRY(const Tensor xa, session->input(0, party == 0 ? &a : nullptr));
    C2D_TRY(const Tensor xb, session->input(1, party == 1 ? &b : nullptr));
    C2D_TRY(const Tensor y, session->input_labels(0, party == 0 ? &label : nullptr));
    C2D_TRY(const Tensor x, session->hconcat({xa, xb}));
    // Everybody is here and has everything: the clock starts at all three alike.
    C2D_TRY(const auto ready, session->exchange({}));
    const Link::Stats before = session->stats();
    TrainOptions options;
    options.lr = 0.002;
    options.iterations = kIterations;
    options.evaluate_every = kIterations;
    options.wide_area = wide_area;
    Result<Tensor> model = Error(Status::INTERNAL, "not run");
    const double time = seconds([&] { model = session->train_logistic(x, y, options); });
    C2D_CHECK(model);
    const Link::Stats after = session->stats();
    std::vector<double> out = {time, double(after.rounds - before.rounds), 0};
    for (unsigned peer = 0; peer < kParties; ++peer) out[2] += double(after.bytes_sent[peer] - before.bytes_sent[peer]);
    return out;
}

struct Measured {
    double seconds, rounds, bytes;
    /// What rounds and bytes take at these wires.
    double bound(WireSpeed speed) const { return rounds * speed.latency_seconds + bytes / speed.bytes_per_second; }
};

Result<Measured> measure_once(bool wide_area, WireSpeed speed) {
    SlowWires wires(speed);
    C2D_TRY(
        const auto numbers,
        run_three_parties(
            [&](unsigned party, Channels channels) { return train(party, std::move(channels), wide_area); }, &wires));
    Measured out{};
    for (const auto& party : numbers) {
        out.seconds = std::max(out.seconds, party[0]);
        out.rounds = std::max(out.rounds, party[1]);
        out.bytes = std::max(out.bytes, party[2]);
    }
    return out;
}

/// One way to train, turn by turn. The wires are as slow as they are told, so their bound is computed.
struct Schedule {
    Series seconds, bounds;
    Measured last{};

    Result<Unit> measure(bool wide_area) {
        const WireSpeed speed;
        C2D_TRY(last, measure_once(wide_area, speed));
        seconds.values.push_back(last.seconds);
        bounds.values.push_back(last.bound(speed));
        return Unit{};
    }
};

}  // namespace

Result<std::vector<Goal>> mpc_wan_bench() {
    Schedule two, three;
    for (int turn = 0; turn < kTurnsMin; ++turn) {
        C2D_CHECK(two.measure(true));
        C2D_CHECK(three.measure(false));
    }
    return std::vector<Goal>{
        report("seconds, 200 iterations, two rounds each", two.seconds),
        report("rounds", two.last.rounds),
        report("MB sent by the busiest party, features cut included", two.last.bytes / 1e6),
        at_most("rounds per iteration, dealing and checks included", two.last.rounds / kIterations, 2.2),
        at_most("seconds / (rounds x 20 ms + bytes / 12.5 MB)", ratio(two.seconds, two.bounds), 1.3),
        report("seconds, 200 iterations, three rounds each", three.seconds),
        at_most("the same ratio", ratio(three.seconds, three.bounds), 1.3),
        at_most("seconds, two rounds / three rounds", ratio(two.seconds, three.seconds), 0.9),
    };
}

}  // namespace c2d::bench
