// c2d-bench mpc: the reference training job, three processes over TLS on loopback, against what the
// same machine allows: two rounds of messages as large as the protocol's, and the bare products.

#include "base/try.hpp"
#include "bench/bench.hpp"
#include "bench/mpc_job.hpp"
#include "bench/three_parties.hpp"
#include "mpc/core/sampling.hpp"
#include "mpc/link/tls_link.hpp"
#include "mpc/rep3/ml/linear_products.hpp"

#include <c2d/mpc.hpp>

#include <cmath>
#include <cstdio>
#include <poll.h>
#include <random>
#include <sched.h>

namespace c2d::bench {
namespace {

using namespace mpc;
using namespace mpc::rep3;

constexpr std::size_t kRows = kJobRows, kSplit = kJobSplit, kBatch = 256;
constexpr std::size_t kIterations = kJobIterations;
constexpr std::size_t kColumnsA = 30, kColumnsB = 42, kColumns = kColumnsA + kColumnsB;

TrainOptions job(bool evaluate) {
    TrainOptions options;
    options.lr = 0.01;
    options.batch_size = kBatch;
    options.iterations = kIterations;
    options.seed = 11;
    // Without evaluation the same rows train: the last rows are then left out of the input.
    options.split = evaluate ? kSplit : 0;
    return options;
}

/// The whole job on `link`, from sharing the input on. Numbers: seconds; rounds and bytes sent to
/// each party while training; the weights at party 0.
Result<std::vector<double>> train(std::unique_ptr<Link> link, BackendKind kind, const JobData& data, bool evaluate) {
    const unsigned party = link->party();
    SessionOptions options;
    options.link = std::move(link);
    options.backend = kind;
    C2D_TRY(auto session, Session::open(std::move(options)));
    const std::size_t rows = evaluate ? kRows : kSplit;
    const Matrix a = head(data.a, rows), b = head(data.b, rows), label = head(data.label, rows);
    Link::Stats before;
    std::optional<Matrix> weights;
    Result<Unit> done = Unit{};
    const double time = seconds([&] {
        done = [&]() -> Result<Unit> {
            C2D_TRY(const Tensor xa, session->input(0, party == 0 ? &a : nullptr));
            C2D_TRY(const Tensor xb, session->input(1, party == 1 ? &b : nullptr));
            C2D_TRY(const Tensor y, session->input_labels(0, party == 0 ? &label : nullptr));
            C2D_TRY(const Tensor x, session->hconcat({xa, xb}));
            before = session->stats();
            C2D_TRY(const Tensor w, session->train_logistic(x, y, job(evaluate)));
            C2D_TRY(weights, session->reveal(w, {0}));
            return Unit{};
        }();
    });
    C2D_CHECK(done);
    const Link::Stats after = session->stats();
    std::vector<double> out = {time, double(after.rounds - before.rounds)};
    for (unsigned peer = 0; peer < kParties; ++peer)
        out.push_back(double(after.bytes_sent[peer] - before.bytes_sent[peer]));
    if (weights) out.insert(out.end(), weights->data.begin(), weights->data.end());
    return out;
}

/// Sends to and receives from all peers, waiting in poll(2).
Result<Unit> exchange(Channels& channels, Bytes& out, Bytes& in) {
    std::size_t sent[2] = {}, got[2] = {};
    while (sent[0] + sent[1] + got[0] + got[1] < 2 * (out.size() + in.size())) {
        bool moved = false;
        pollfd entries[2];
        for (std::size_t i = 0; i < 2; ++i) {
            entries[i] = {channels[i]->fd(), POLLIN, 0};
            if (sent[i] < out.size()) {
                const auto step = channels[i]->write_some(BytesView(out).subspan(sent[i]));
                if (step.io == PeerChannel::Io::done) sent[i] += step.bytes_count;
                moved = moved || step.io == PeerChannel::Io::done;
            }
            if (got[i] < in.size()) {
                const auto step = channels[i]->read_some(std::span(in).subspan(got[i]));
                if (step.io == PeerChannel::Io::done) got[i] += step.bytes_count;
                moved = moved || step.io == PeerChannel::Io::done;
                if (step.io == PeerChannel::Io::closed || step.io == PeerChannel::Io::failed)
                    return Error{Status::PEER, "a party of the limit vanished"};
            }
        }
        if (!moved) ::poll(entries, 2, 1000);
    }
    return Unit{};
}

/// Two rounds of `round_bytes` to both peers, and the products of a replicated party, per
/// iteration.
Result<std::vector<double>> limit(Channels channels, std::size_t round_bytes) {
    const Blocks x =
        blocks_of(Owner::nobody, {kSplit, kColumns, Words(kSplit * kColumns, 3), Words(kSplit * kColumns, 5)});
    LinearProducts products(Role::a, x, 0, kSplit);
    Words w(kColumns + 1, 7), e(kBatch, 9), z(kBatch), g(kColumns + 1);
    Bytes out(round_bytes), in(round_bytes);
    Sampler sampler(3);
    std::vector<std::uint32_t> batch(kBatch);
    Result<Unit> done = Unit{};
    const double time = seconds([&] {
        for (std::size_t i = 0; i < kIterations && done.ok(); ++i) {
            sampler.batch(i, kSplit, batch);
            products.forward(batch.data(), w, w, z);
            done = exchange(channels, out, in);
            products.backward(batch, e, e, g);
            if (done.ok()) done = exchange(channels, out, in);
        }
    });
    C2D_CHECK(done);
    return std::vector<double>{time};
}

/// Double precision, exact sigmoid, the same batches and starting weights.
std::vector<double> train_in_the_clear(const JobData& data) {
    std::vector<double> w;
    for (const std::int64_t start : Sampler::weights(job(false).seed, kColumns)) w.push_back(double(start) * 0x1p-24);
    w.push_back(0);
    Sampler sampler(job(false).seed);
    std::vector<std::uint32_t> batch(kBatch);
    for (std::size_t i = 0; i < kIterations; ++i) {
        sampler.batch(i, kSplit, batch);
        std::vector<double> g(kColumns + 1);
        for (const std::uint32_t row : batch) {
            const auto x = [&](std::size_t c) {
                return c < kColumnsA ? data.a.data[row * kColumnsA + c] : data.b.data[row * kColumnsB + c - kColumnsA];
            };
            double z = w[kColumns];
            for (std::size_t c = 0; c < kColumns; ++c) z += x(c) * w[c];
            const double error = 1 / (1 + std::exp(-z)) - data.label.data[row];
            for (std::size_t c = 0; c < kColumns; ++c) g[c] += error * x(c);
            g[kColumns] += error;
        }
        for (std::size_t c = 0; c <= kColumns; ++c) w[c] -= 0.01 * g[c];
    }
    return w;
}

struct Run {
    double seconds = 0;
    /// Per iteration: of party 0 and, of bytes, the most that any party sent.
    double rounds = 0, online_bytes = 0, busiest_bytes = 0;
    std::vector<double> weights;
};

/// Takes only what others leave: the helper works ahead, and three parties share two processors.
void run_when_idle() {
    const sched_param none{};
    if (::sched_setscheduler(0, SCHED_IDLE, &none) != 0) std::fputs("the helper runs at ordinary priority\n", stderr);
}

Result<Run> run_job(const JobData& data, bool evaluate) {
    C2D_TRY(const auto numbers,
            run_three_parties([&](unsigned party, Channels channels) -> Result<std::vector<double>> {
                if (party == 2) run_when_idle();
                C2D_TRY(auto link, tls_link(party, std::move(channels)));
                return train(std::move(link), BackendKind::rep3, data, evaluate);
            }));
    Run run;
    run.seconds = numbers[0][0];
    run.rounds = numbers[0][1] / double(kIterations);
    for (unsigned party = 0; party < kParties; ++party) {
        const double sent = numbers[party][2] + numbers[party][3] + numbers[party][4];
        run.busiest_bytes = std::max(run.busiest_bytes, sent / double(kIterations));
        // The helper only deals; what the other two send is what rounds wait for.
        if (party < 2) run.online_bytes = std::max(run.online_bytes, sent / double(kIterations));
    }
    run.weights.assign(numbers[0].begin() + 5, numbers[0].end());
    return run;
}

Result<double> job_seconds(const JobData& data, bool evaluate) {
    C2D_TRY(const Run run, run_job(data, evaluate));
    return run.seconds;
}

Result<double> limit_seconds(std::size_t round_bytes) {
    C2D_TRY(const auto bare,
            run_three_parties([&](unsigned, Channels channels) { return limit(std::move(channels), round_bytes); }));
    return bare[0][0];
}

double largest_difference(const JobData& data, const Run& run) {
    double out = 0;
    const auto clear = train_in_the_clear(data);
    for (std::size_t c = 0; c < clear.size(); ++c) out = std::max(out, std::abs(clear[c] - run.weights[c]));
    return out;
}

}  // namespace

JobData make_job_data() {
    std::mt19937_64 random(7);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform(0, 1);
    std::vector<double> truth(kColumns);
    for (double& t : truth) t = normal(random) * 1.8 / std::sqrt(double(kColumns));
    JobData out{{kRows, kColumnsA, std::vector<double>(kRows * kColumnsA)},
                {kRows, kColumnsB, std::vector<double>(kRows * kColumnsB)},
                {kRows, 1, std::vector<double>(kRows)}};
    for (std::size_t r = 0; r < kRows; ++r) {
        double z = -2;
        for (std::size_t c = 0; c < kColumns; ++c) {
            const double x = normal(random);
            (c < kColumnsA ? out.a.at(r, c) : out.b.at(r, c - kColumnsA)) = x;
            z += truth[c] * x;
        }
        out.label.data[r] = uniform(random) < 1 / (1 + std::exp(-z)) ? 1 : 0;
    }
    return out;
}

Matrix head(const Matrix& all, std::size_t rows) {
    return {rows, all.cols, {all.data.begin(), all.data.begin() + std::ptrdiff_t(rows * all.cols)}};
}

Result<double> engine_rate(const JobData& data) {
    C2D_TRY(const Run run, run_job(data, false));
    return double(kIterations) / run.seconds;
}

Result<std::vector<Goal>> mpc_bench() {
    const JobData data = make_job_data();
    C2D_TRY(const Run run, run_job(data, false));  // warms up, and says how large messages the limit sends
    const auto round_bytes = std::size_t(run.online_bytes / 2);
    C2D_TRY(const auto times,
            in_turns({[&] { return job_seconds(data, false); }, [&] { return limit_seconds(round_bytes); },
                      [&] { return job_seconds(data, true); }},
                     {}));
    const Series &plain = times[0], rates = plain.per_second(double(kIterations)),
                 limits = times[1].per_second(double(kIterations));
    return std::vector<Goal>{
        report("iterations a second, input and dealing included", rates),
        report("limit: two rounds of bare messages and products a second", limits),
        at_least("iterations / limit", ratio(rates, limits), 1.5),
        at_most("rounds per iteration, domain checks included", run.rounds, 3.05),
        at_most("bytes sent online per iteration by the busier bank", run.online_bytes, 6000),
        at_most("bytes sent per iteration by the busiest party", run.busiest_bytes, 48000),
        at_most("largest difference of a weight from clear training", largest_difference(data, run), 0.01),
        report("seconds, 10,001 iterations without evaluation", plain),
        at_most("seconds with 101 evaluations / without", ratio(times[2], plain), 10),
    };
}

}  // namespace c2d::bench
