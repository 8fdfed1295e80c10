// c2d-bench score: rows of two banks scored by a model on shares, from columns in the clear to points at bank A; three
// processes over TLS on loopback, so many rows at a time; then which four columns cost each most. C2D_FULL=1: a million
// rows and two, in the same memory.

#include "base/try.hpp"
#include "bench/bench.hpp"
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

constexpr std::size_t kFirst = 30, kSecond = 42;
constexpr std::size_t kRowsAtOnce = 50'000, kTrainingRows = 2'000;
constexpr std::size_t kReasons = 4, kRowsWithReasons = 10'000;
/// Each is timed so many times; the slowest counts.
constexpr int kTurns = 3;

Matrix make_columns(std::size_t rows, std::size_t cols, unsigned seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    Matrix out{rows, cols, std::vector<double>(rows * cols)};
    for (double& x : out.data) x = normal(random);
    return out;
}

Result<Tensor> both(Session& session, unsigned party, const Matrix& a, const Matrix& b) {
    C2D_TRY(const Tensor xa, session.input(0, party == 0 ? &a : nullptr));
    C2D_TRY(const Tensor xb, session.input(1, party == 1 ? &b : nullptr));
    return session.hconcat({xa, xb});
}

/// A few steps: what a model says is not the question.
Result<Tensor> train(Session& session, unsigned party) {
    const Matrix a = make_columns(kTrainingRows, kFirst, 1), b = make_columns(kTrainingRows, kSecond, 2);
    Matrix label{kTrainingRows, 1, std::vector<double>(kTrainingRows)};
    for (std::size_t row = 0; row < kTrainingRows; ++row) label.data[row] = a.at(row, 0) > 0 ? 1 : 0;
    C2D_TRY(const Tensor x, both(session, party, a, b));
    C2D_TRY(const Tensor y, session.input_labels(0, party == 0 ? &label : nullptr));
    TrainOptions options;
    options.iterations = 50;
    options.batch_size = 64;
    options.evaluate_every = 1000;
    return session.train_logistic(x, y, options);
}

/// Seconds.
Result<double> name_reasons(Session& session, unsigned party, const Tensor& model) {
    const Matrix a = make_columns(kRowsWithReasons, kFirst, 5), b = make_columns(kRowsWithReasons, kSecond, 6);
    const Matrix none{1, kFirst + kSecond, std::vector<double>(kFirst + kSecond)};
    Result<Unit> done = Unit{};
    const double time = seconds([&] {
        done = [&]() -> Result<Unit> {
            C2D_TRY(const Tensor x, both(session, party, a, b));
            C2D_TRY(const Tensor added, session.contributions(x, model));
            C2D_TRY(const Tensor base, session.constant(none));
            C2D_TRY(const Tensor codes, session.reason_codes(added, base, kReasons));
            C2D_TRY(const auto opened, session.reveal(codes, {0}));
            return Unit{};
        }();
    });
    C2D_CHECK(done);
    return time;
}

/// At one party: seconds; MB sent; rounds; GB of memory at most; seconds of the reasons.
Result<std::vector<double>> score(unsigned party, Channels channels, std::size_t rows) {
    SessionOptions options;
    options.rules.scores = ScoresOpened::points;
    options.rules.reason_codes = kReasons;
    C2D_TRY(options.link, tls_link(party, std::move(channels)));
    C2D_TRY(auto session, Session::open(std::move(options)));
    C2D_TRY(const Tensor model, train(*session, party));
    const Matrix a = make_columns(kRowsAtOnce, kFirst, 3), b = make_columns(kRowsAtOnce, kSecond, 4);
    C2D_TRY(const auto ready, session->exchange({}));
    const Link::Stats before = session->stats();
    Result<Unit> done = Unit{};
    const double time = seconds([&] {
        for (std::size_t at = 0; done && at < rows; at += kRowsAtOnce)
            done = [&]() -> Result<Unit> {
                C2D_TRY(const Tensor x, both(*session, party, a, b));
                C2D_TRY(const Tensor points, session->score(x, model));
                C2D_TRY(const auto opened, session->reveal(points, {0}));
                return Unit{};
            }();
    });
    C2D_CHECK(done);
    double sent = 0;
    for (unsigned peer = 0; peer < kParties; ++peer)
        sent += static_cast<double>(session->stats().bytes_sent[peer] - before.bytes_sent[peer]);
    const auto rounds = static_cast<double>(session->stats().rounds - before.rounds);
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    C2D_TRY(const double reasons, name_reasons(*session, party, model));
    return std::vector<double>{time, sent / 1e6, rounds, static_cast<double>(usage.ru_maxrss) / 1e6, reasons};
}

/// Of each number the largest of all parties.
Result<std::vector<double>> score_once(std::size_t rows) {
    C2D_TRY(const auto numbers, run_three_parties([rows](unsigned party, Channels channels) {
                return score(party, std::move(channels), rows);
            }));
    std::vector<double> out = numbers[0];
    for (const auto& party : numbers)
        for (std::size_t i = 0; i < out.size(); ++i) out[i] = std::max(out[i], party[i]);
    return out;
}

void report_run(std::vector<Goal>& goals, std::size_t rows, const std::vector<double>& found) {
    const auto what = fmt::format("{} rows x {}", rows, kFirst + kSecond);
    goals.push_back(at_least(what + ": rows a second", static_cast<double>(rows) / found[0], 200'000));
    goals.push_back(report(what + ": MB sent by the busiest party", found[1]));
    goals.push_back(report(what + ": rounds", found[2]));
    goals.push_back(at_most(what + ": GB of memory of the largest party", found[3], 0.5));
    goals.push_back(report(fmt::format("{} reason codes of {} columns: rows a second", kReasons, kFirst + kSecond),
                           static_cast<double>(kRowsWithReasons) / found[4]));
}

}  // namespace

Result<std::vector<Goal>> score_bench() {
    std::vector<Goal> goals;
    constexpr std::size_t kRows = 8 * kRowsAtOnce;
    std::vector<double> slowest{0, 0, 0, 0, 0};
    for (int turn = 0; turn < kTurns; ++turn) {
        C2D_TRY(const auto one, score_once(kRows));
        if (one[0] > slowest[0]) slowest = one;
    }
    report_run(goals, kRows, slowest);
    if (std::getenv("C2D_FULL") == nullptr) return goals;
    constexpr std::size_t kMillion = 1'000'000;
    C2D_TRY(const auto one, score_once(kMillion));
    C2D_TRY(const auto two, score_once(2 * kMillion));
    report_run(goals, kMillion, one);
    report_run(goals, 2 * kMillion, two);
    goals.push_back(at_most("memory of 2,000,000 rows, of that of 1,000,000", two[3] / one[3], 1.05));
    return goals;
}

}  // namespace c2d::bench
