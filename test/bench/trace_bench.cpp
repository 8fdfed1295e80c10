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
/// In turns on all ledgers, so that all meet the same machine.
constexpr int kRounds = 5;
/// Jobs that a round walks over at least, so that the small ones are measured as long as the large.
constexpr std::size_t kJobsPerRound = 20'000;
constexpr std::size_t kSignedAhead = 2'000;

/// C2D_BENCH_JOBS: jobs of the largest ledger, for a quick look.
std::size_t size_of(std::size_t i) {
    const char* text = std::getenv("C2D_BENCH_JOBS");
    const auto largest = text ? std::strtoull(text, nullptr, 10) : 0;
    return i + 1 == kSizes.size() && largest > 0 ? std::size_t(largest) : kSizes[i];
}

/// A ledger with so many jobs of one Algorithm.
struct Jobs {
    std::size_t count = 0;
    VerifierWorld world;
    double seconds_to_add = 0;

    std::vector<double> wall, processor;  ///< seconds of one trace
    std::vector<double> rendering;        ///< of its text and its JSON
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

Result<Jobs> make_jobs(const Scratch& scratch, std::size_t count) {
    const auto name = std::to_string(count);
    std::filesystem::create_directories(scratch.file(name + "-documents"));
    C2D_TRY(auto documents, DocumentStore::directory(scratch.file(name + "-documents")));
    C2D_TRY(auto world, make_verifier_world(ledger_options(scratch, name + ".db"), std::move(documents)));
    Jobs jobs{count, std::move(world), 0, {}, {}, {}};
    C2D_CHECK(add_jobs(jobs));
    return jobs;
}

Result<Unit> trace_once(Jobs& jobs) {
    Result<std::vector<TraceNode>> trees = std::vector<TraceNode>();
    const double before = cpu_seconds();
    jobs.wall.push_back(seconds([&] { trees = Tracer(jobs.world.registry).walk({jobs.world.algorithm}); }));
    jobs.processor.push_back(cpu_seconds() - before);
    if (!trees) return trees.error();
    if (trees->at(0).jobs.size() != jobs.count)
        return fail(Status::INTERNAL, "expected {} jobs in the trace, found {}", jobs.count, trees->at(0).jobs.size());
    std::size_t bytes = 0;
    jobs.rendering.push_back(seconds([&] { bytes = trace_text(*trees).size() + trace_json(*trees).size(); }));
    return bytes > jobs.count ? Result<Unit>(Unit{}) : fail(Status::INTERNAL, "the trace shows nothing");
}

double megabytes_at_most() {
    rusage used{};
    ::getrusage(RUSAGE_SELF, &used);
    return double(used.ru_maxrss) / 1024;
}

}  // namespace

Result<std::vector<Goal>> trace_bench() {
    const Scratch scratch;
    std::vector<Jobs> ledgers;
    for (std::size_t i = 0; i < kSizes.size(); ++i) {
        C2D_TRY(auto made, make_jobs(scratch, size_of(i)));
        ledgers.push_back(std::move(made));
    }
    const double before = megabytes_at_most();
    for (int round = 0; round < kRounds; ++round)
        for (auto& jobs : ledgers)
            for (std::size_t walked = 0; walked < kJobsPerRound; walked += jobs.count) C2D_CHECK(trace_once(jobs));

    const auto per_job = [](const std::vector<double>& times, const Jobs& jobs) {
        return median(times) * 1e6 / double(jobs.count);
    };
    std::vector<Goal> goals;
    for (const auto& jobs : ledgers) {
        const auto of = fmt::format(", {} jobs", jobs.count);
        goals.push_back(report("us to register a job" + of, jobs.seconds_to_add * 1e6 / double(jobs.count)));
        goals.push_back(report("us of the processor a traced job" + of, per_job(jobs.processor, jobs)));
        goals.push_back(report("us to render a job, text and JSON" + of, per_job(jobs.rendering, jobs)));
    }
    goals.push_back(report("MB that the traces took at most", megabytes_at_most() - before));
    const double smallest = per_job(ledgers[0].processor, ledgers[0]);
    for (std::size_t i = 1; i < ledgers.size(); ++i) {
        const double ratio = per_job(ledgers[i].processor, ledgers[i]) / smallest;
        const auto of = fmt::format("time of a traced job, {} / {} jobs", ledgers[i].count, ledgers[0].count);
        goals.push_back(at_most(of, ratio, 1.2));
        goals.push_back(at_least(of, ratio, 0.8));
        goals.push_back(at_most(fmt::format("seconds of a trace, {} jobs", ledgers[i].count), median(ledgers[i].wall),
                                1e-4 * double(ledgers[i].count)));
    }
    return goals;
}

}  // namespace c2d::bench
