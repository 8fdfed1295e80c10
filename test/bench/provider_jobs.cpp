// The other half of `c2d-bench provider`: jobs from their registration to their receipts on the ledger.

#include "bench/provider_load.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "support/process_figures.hpp"
#include "support/temp_dir.hpp"
#include "tools/http_server.hpp"

#include <c2d/provider.hpp>
#include <c2d/sandbox.hpp>

#include <charconv>
#include <mutex>

namespace c2d::bench {

namespace {

using namespace std::chrono_literals;

/// As the operator of verifier_world.cpp.
constexpr const char* kCode = "print(1)\n";
constexpr unsigned kWorkers = 2;
/// Of a turn: one solver has twice as many jobs as each of the others, and sends them from four threads.
constexpr unsigned kJobsOfOne = 50, kJobsOfFlood = 100, kJobs = 2 * kJobsOfOne + kJobsOfFlood;
constexpr unsigned kFloodThreads = 4;
constexpr Plan kJobsPlan{.turns = 5, .warm_up = 1};
constexpr std::size_t kQueueMax = 64;
/// A minute, and over what as many bare sandboxes at a time do: of a job's processor time somewhat less than half is
/// its sandbox's, the rest that of provider and solvers, which share the machine here.
constexpr double kJobsMin = 3'000, kOfBareMin = 0.4;
constexpr auto kBusyPause = 10ms, kReceiptLook = 5ms;
constexpr auto kTurnMax = 300s;

/// The jobs in the order in which they ended, as the provider's log tells it.
class EndedJobs final : public Logger {
public:
    void log(LogLevel level, std::string_view line) override {
        constexpr std::string_view kBegin = "job ";
        if (line.starts_with(kBegin) && line.find(": succeeded (") != line.npos) {
            std::uint64_t job = 0;
            std::from_chars(line.data() + kBegin.size(), line.data() + line.size(), job);
            const std::lock_guard lock(mutex_);
            jobs_.push_back(job);
        } else if (level >= LogLevel::error) {
            std::fprintf(stderr, "%.*s\n", int(line.size()), line.data());
        }
    }
    std::vector<std::uint64_t> take() {
        const std::lock_guard lock(mutex_);
        return std::exchange(jobs_, {});
    }

private:
    std::mutex mutex_;
    std::vector<std::uint64_t> jobs_;
};

/// A provider with three solvers, the first of which floods it.
struct JobsWorld {
    VerifierWorld& world;
    std::vector<Solver> solvers;
    std::vector<std::uint64_t> tasks;
    std::shared_ptr<EndedJobs> ended = std::make_shared<EndedJobs>();
    std::unique_ptr<Provider> provider;
    std::unique_ptr<tools::HttpServer> server;
    std::shared_ptr<HttpTransport> http = HttpTransport::curl();
};

Result<Unit> open_provider(JobsWorld& jobs, const std::filesystem::path& place) {
    ProviderOptions options;
    options.signer = jobs.world.owner;
    options.exec_dirpath = place / "exec";
    options.assets[jobs.world.dt] = place / "d.csv";
    options.workers = kWorkers;
    options.queue_max = kQueueMax;
    options.logger = jobs.ended;
    C2D_TRY(auto provider, Provider::open(jobs.world.registry, options));
    jobs.provider = std::make_unique<Provider>(std::move(provider));
    C2D_TRY(jobs.server, tools::HttpServer::start({}, [provider = jobs.provider.get()](HttpRequest request, auto done) {
                provider->answer(std::move(request), std::move(done));
            }));
    return Unit{};
}

/// Registers a job and asks for it until there is room.
Result<std::uint64_t> start_job(JobsWorld& jobs, std::size_t solver, std::chrono::steady_clock::time_point until) {
    const Solver& who = jobs.solvers[solver];
    auto& chain = jobs.world.registry.chain();
    C2D_TRY(const auto job, chain.add_job(*who.key, who.algorithm, jobs.tasks[solver]));
    RequestBody body;
    body.method = Method::onPremiseCompute;
    body.audience = jobs.world.owner->address();
    body.dt = jobs.world.dt;
    body.algo_dt = who.algorithm;
    body.job_id = job;
    while (std::chrono::steady_clock::now() < until) {
        C2D_TRY(auto text,
                signed_body(body, chain.network(), *who.key, *Random::system(), Clock::system()->now_seconds()));
        C2D_TRY(const auto answer,
                jobs.http->send({"POST",
                                 fmt::format("http://127.0.0.1:{}/onPremiseCompute", jobs.server->port()),
                                 std::move(text),
                                 {}}));
        if (answer.status == 200) return job;
        if (answer.status != 429) return fail(Status::REFUSED, "a job was answered {}: {}", answer.status, answer.body);
        std::this_thread::sleep_for(kBusyPause);
    }
    return fail(Status::TIMEOUT, "the queue had no room for job {} in time", job);
}

/// What a turn came to.
struct Turn {
    double seconds = 0;
    /// The largest difference of a solver's share from a third, over a third, while all three had jobs waiting.
    double unfairness = 0;
};

Result<Unit> wait_for_receipts(JobsWorld& jobs, const std::vector<std::uint64_t>& started,
                               std::chrono::steady_clock::time_point until) {
    for (const auto job : started)
        for (;;) {
            const auto receipt = jobs.world.registry.chain().job_receipt(job, jobs.world.dt);
            if (!receipt && receipt.status() != Status::NOT_FOUND) return receipt.error();
            if (receipt && receipt->outcome == ReceiptOutcome::succeeded) break;
            if (receipt || std::chrono::steady_clock::now() >= until)
                return fail(Status::TIMEOUT, "job {} has {} receipt", job, receipt ? "another" : "no");
            std::this_thread::sleep_for(kReceiptLook);
        }
    return Unit{};
}

/// Shares of the turns until the first solver had its last one, over a third each.
double unfairness_of(const std::vector<std::uint64_t>& order, const std::map<std::uint64_t, std::size_t>& solver_of) {
    std::vector<unsigned> had(3, 0);
    for (const auto job : order) {
        const auto solver = solver_of.find(job);
        if (solver != solver_of.end() && ++had[solver->second] == kJobsOfOne) break;
    }
    const double third = double(had[0] + had[1] + had[2]) / 3;
    double most = 0;
    for (const auto count : had) most = std::max(most, std::abs(double(count) - third) / third);
    return most;
}

Result<Turn> play(JobsWorld& jobs) {
    const auto start = std::chrono::steady_clock::now(), until = start + kTurnMax;
    std::mutex mutex;
    std::map<std::uint64_t, std::size_t> solver_of;
    Result<Unit> all = Unit{};
    std::vector<std::thread> threads;
    const auto send = [&](std::size_t solver, unsigned count) {
        for (unsigned i = 0; i < count; ++i) {
            const auto job = start_job(jobs, solver, until);
            const std::lock_guard lock(mutex);
            if (!job) all = job.error();
            if (!all) return;
            solver_of[*job] = solver;
        }
    };
    for (unsigned i = 0; i < kFloodThreads; ++i) threads.emplace_back(send, 0, kJobsOfFlood / kFloodThreads);
    for (const std::size_t solver : {1u, 2u}) threads.emplace_back(send, solver, kJobsOfOne);
    for (auto& thread : threads) thread.join();
    C2D_CHECK(all);
    std::vector<std::uint64_t> started;
    for (const auto& [job, solver] : solver_of) started.push_back(job);
    C2D_CHECK(wait_for_receipts(jobs, started, until));
    Turn turn;
    turn.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    turn.unfairness = unfairness_of(jobs.ended->take(), solver_of);
    return turn;
}

/// The same program as often, in bare sandboxes, as many at a time as the provider has workers: what nobody can do
/// without.
Result<double> bare_sandboxes(const Sandbox& sandbox, const std::filesystem::path& place) {
    Result<Unit> all = Unit{};
    std::mutex mutex;
    const double spent = seconds([&] {
        std::vector<std::thread> threads;
        for (unsigned i = 0; i < kWorkers; ++i)
            threads.emplace_back([&, i] {
                SandboxJob job;
                job.code = kCode;
                job.outputs = place / fmt::format("outputs_{}", i);
                for (unsigned n = 0; n < kJobs / kWorkers; ++n) {
                    const auto report = sandbox.run(job);
                    const std::lock_guard lock(mutex);
                    if (!report) all = report.error();
                    if (report && !report->succeeded()) all = fail(Status::IO, "in the sandbox: {}", report->detail);
                    if (!all) return;
                }
            });
        for (auto& thread : threads) thread.join();
    });
    C2D_CHECK(all);
    return spent;
}

Result<JobsWorld> make_world(VerifierWorld& world, const std::filesystem::path& place) {
    JobsWorld jobs{world, {}, {}};
    for (unsigned i = 0; i < 3; ++i) {
        C2D_TRY(auto solver, world.add_solver());
        C2D_TRY(const auto task, world.registry.chain().create_task(*solver.key, "t", "jobs"));
        jobs.solvers.push_back(std::move(solver));
        jobs.tasks.push_back(task);
    }
    C2D_CHECK(open_provider(jobs, place));
    return jobs;
}

}  // namespace

Result<Unit> jobs_end_to_end(std::vector<Goal>& goals) {
    const support::TempDir place;
    C2D_CHECK(write_file_atomic(place / "d.csv", "1\n", 0600));
    C2D_TRY(auto documents, DocumentStore::directory(place / "documents"));
    C2D_TRY(auto world, make_verifier_world("ledger:" + (place / "ledger.db").string(), std::move(documents)));
    C2D_TRY(auto jobs, make_world(world, place.path));
    C2D_TRY(const auto sandbox, Sandbox::open());
    std::vector<support::ProcessFigures> figures;
    double unfairness = 0;
    const auto ours = [&]() -> Result<double> {
        C2D_TRY(const auto turn, play(jobs));
        unfairness = std::max(unfairness, turn.unfairness);
        figures.push_back(support::figures_of("self"));
        return turn.seconds;
    };
    C2D_TRY(const auto took, in_turns({ours, [&] { return bare_sandboxes(sandbox, place.path); }}, kJobsPlan));
    const auto rate = took[0].per_second(60 * kJobs), bare = took[1].per_second(60 * kJobs);
    goals.push_back(report("bare sandboxes of the same program a minute, two at a time", bare));
    auto many = at_least("jobs a minute from registration to receipt, three solvers", rate.middle(), kJobsMin);
    // A machine that is too slow or too busy for the sandboxes alone says nothing of what is around them.
    if (many.state == Goal::State::missed && bare.middle() < kJobsMin / kOfBareMin) many.state = Goal::State::noisy;
    goals.push_back(many);
    goals.push_back(at_least("the same over the bare sandboxes", ratio(rate, bare), kOfBareMin));
    goals.push_back(at_most("a solver's share off its third, beside one that floods", unfairness, 0.1));
    const auto& warm = figures[1];
    const auto& last = figures.back();
    const double turns = double(figures.size() - 2);
    goals.push_back(at_most("descriptors more after 800 jobs", double(last.descriptors) - double(warm.descriptors), 0));
    goals.push_back(at_most("threads more after 800 jobs", double(last.threads) - double(warm.threads), 0));
    goals.push_back(report("KiB of memory more for a job",
                           (double(last.resident_kib) - double(warm.resident_kib)) / (turns * kJobs)));
    return Unit{};
}

}  // namespace c2d::bench
