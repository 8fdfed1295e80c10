// c2d-bench trace: what a job costs in a trace, on ledgers where one Algorithm has 10^3, 10^4 and 10^5
// jobs in one task, each with its receipt. Every one is registered by a signed transaction.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "bench/ledger_load.hpp"
#include "bench/verifier_world.hpp"

#include <c2d/tracer.hpp>

#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace c2d::bench {

namespace {

constexpr std::array<std::size_t, 3> kSizes = {1'000, 10'000, 100'000};
/// Jobs that a turn walks over at least, so that the small ones are measured as long as the large.
constexpr std::size_t kJobsPerTurn = 20'000;
constexpr std::size_t kSignedAhead = 2'000;

/// C2D_BENCH_JOBS: jobs of the largest ledger, for a quick look.
std::size_t size_of(std::size_t i) {
    const char* text = std::getenv("C2D_BENCH_JOBS");
    const auto largest = text ? std::strtoull(text, nullptr, 10) : 0;
    return i + 1 == kSizes.size() && largest > 0 ? std::size_t(largest) : kSizes[i];
}

struct Times {
    Series wall, processor;  ///< seconds of one trace
    Series rendering;        ///< of its text and its JSON

    void add(const Times& turn) {
        wall.values.push_back(turn.wall.middle());
        processor.values.push_back(turn.processor.middle());
        rendering.values.push_back(turn.rendering.middle());
    }
};

/// A ledger with so many jobs of one Algorithm.
struct Jobs {
    std::size_t count = 0;
    VerifierWorld world;
    double seconds_to_add = 0;

    Times times;
};

Result<Unit> add_jobs(Jobs& jobs) {
    Chain& chain = jobs.world.registry.chain();
    Sender owner{jobs.world.owner, 0};
    C2D_TRY(owner.nonce, chain.node().nonce(owner.key->address()));
    C2D_TRY(const auto first, chain.job(jobs.world.job_id));
    for (auto job = jobs.world.job_id; job < jobs.count; job += kSignedAhead) {
        const auto more = std::min<std::size_t>(kSignedAhead, jobs.count - job);
        C2D_TRY(const auto raws, sign_jobs(chain, owner, jobs.world.algorithm, first.task, more));
        Result<Unit> sent = Unit{};
        jobs.seconds_to_add += seconds([&] { sent = send_together(chain, raws); });
        C2D_CHECK(std::move(sent));
    }
    std::vector<Bytes> receipts;
    for (std::uint64_t job = 1; job <= jobs.count; ++job) {
        C2D_TRY(receipts.emplace_back(), sign_receipt(chain, owner, job, jobs.world.dt));
        if (receipts.size() < kSignedAhead && job < jobs.count) continue;
        C2D_CHECK(send_together(chain, receipts));
        receipts.clear();
    }
    return Unit{};
}

Result<Jobs> make_jobs(const TempDir& scratch, std::size_t count) {
    const auto name = std::to_string(count);
    std::filesystem::create_directories((scratch / (name + "-documents")).string());
    C2D_TRY(auto documents, DocumentStore::directory((scratch / (name + "-documents")).string()));
    C2D_TRY(auto world, make_verifier_world(ledger_options(scratch, name + ".db"), std::move(documents)));
    Jobs jobs{count, std::move(world), 0, {}};
    C2D_CHECK(add_jobs(jobs));
    return jobs;
}

Result<Unit> trace_once(const Jobs& jobs, Times& times) {
    Result<std::vector<TraceNode>> trees = std::vector<TraceNode>();
    const double before = cpu_seconds();
    times.wall.values.push_back(seconds([&] { trees = Tracer(jobs.world.registry).walk({jobs.world.algorithm}); }));
    times.processor.values.push_back(cpu_seconds() - before);
    if (!trees) return trees.error();
    if (trees->at(0).jobs.size() != jobs.count)
        return fail(Status::INTERNAL, "expected {} jobs in the trace, found {}", jobs.count, trees->at(0).jobs.size());
    std::size_t bytes = 0;
    times.rendering.values.push_back(seconds([&] { bytes = trace_text(*trees).size() + trace_json(*trees).size(); }));
    return bytes > jobs.count ? Result<Unit>(Unit{}) : fail(Status::INTERNAL, "the trace shows nothing");
}

Result<Unit> trace_turn(Jobs& jobs) {
    Times turn;
    for (std::size_t walked = 0; walked < kJobsPerTurn; walked += jobs.count) C2D_CHECK(trace_once(jobs, turn));
    jobs.times.add(turn);
    return Unit{};
}

/// Microseconds a job.
Series per_job(const Series& times, const Jobs& jobs) {
    Series out = times;
    for (double& value : out.values) value *= 1e6 / double(jobs.count);
    return out;
}

void add_times(std::vector<Goal>& goals, const Jobs& jobs) {
    const auto of = fmt::format(", {} jobs", jobs.count);
    goals.push_back(report("us to register a job" + of, jobs.seconds_to_add * 1e6 / double(jobs.count)));
    goals.push_back(report("us of the processor a traced job" + of, per_job(jobs.times.processor, jobs)));
    goals.push_back(report("us to render a job, text and JSON" + of, per_job(jobs.times.rendering, jobs)));
}

/// A job must cost the same on each ledger: the smallest one is what the others are held against.
void compare(std::vector<Goal>& goals, const Jobs& jobs, const Jobs& smallest) {
    const auto cost = ratio(per_job(jobs.times.processor, jobs), per_job(smallest.times.processor, smallest));
    const auto of = fmt::format("time of a traced job, {} / {} jobs", jobs.count, smallest.count);
    goals.push_back(at_most(of, cost, 1.2));
    goals.push_back(at_least(of, cost, 0.8));
    goals.push_back(at_most(fmt::format("seconds of a trace, {} jobs", jobs.count), jobs.times.wall.middle(),
                            1e-4 * double(jobs.count)));
}

double megabytes_at_most() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return double(used.ru_maxrss) / 1024;
}

}  // namespace

Result<std::vector<Goal>> trace_bench() {
    const TempDir scratch;
    std::vector<Jobs> ledgers;
    for (std::size_t i = 0; i < kSizes.size(); ++i) {
        C2D_TRY(auto made, make_jobs(scratch, size_of(i)));
        ledgers.push_back(std::move(made));
    }
    const double before = megabytes_at_most();
    for (int turn = 0; turn < kTurnsMin; ++turn)
        for (auto& jobs : ledgers) C2D_CHECK(trace_turn(jobs));
    std::vector<Goal> goals;
    for (const auto& jobs : ledgers) add_times(goals, jobs);
    goals.push_back(report("MB that the traces took at most", megabytes_at_most() - before));
    for (std::size_t i = 1; i < ledgers.size(); ++i) compare(goals, ledgers[i], ledgers[0]);
    return goals;
}

}  // namespace c2d::bench
