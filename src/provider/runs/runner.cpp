#include "provider/runs/runner.hpp"

#include "base/call_scope.hpp"
#include "base/fail_point.hpp"
#include "base/try.hpp"
#include "provider/runs/launch.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace c2d::provider {

namespace fs = std::filesystem;

namespace {

/// How often a worker looks by itself.
constexpr std::chrono::seconds kLook{1};
/// How long launches wait at most before the ledger is asked again: its keeper may have taken the block out.
constexpr std::uint64_t kAheadSecondsMax = 10;

}  // namespace

Runner::Runner(const JobVerifier& verifier, const ProviderOptions& options, const Tuning& tuning, Sandbox sandbox,
               std::shared_ptr<JobStore> store, std::shared_ptr<OwnerStore> owner, std::unique_ptr<PeerPorts> ports)
    : services_{verifier, options, tuning, std::move(sandbox), std::move(store), std::move(owner), std::move(ports)},
      gathering_([this] { wake(); }),
      ends_(services_, [this](const JobRun& run) { forget(run); }) {}

Runner::~Runner() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        ending_.cancel();
        for (auto& [key, active] : running_) active->cancel(RunEndKind::interrupted);
    }
    changed_.notify_all();
    for (auto& worker : workers_) worker.join();
}

void Runner::start() {
    ends_.start();
    services_.watch.start();
    const std::lock_guard lock(mutex_);
    while (workers_.size() < threads_max()) add_worker();
}

/// As many again as carry out runs may be about to come back, one looks, and one waits for a place that is lent.
std::size_t Runner::threads_max() const { return 2 * std::size_t(services_.options.workers) + 2 + gathering_.count(); }

void Runner::add_worker() {
    workers_.emplace_back([this] { work(); });
}

void Runner::wake() {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

void Runner::forget(const JobRun& run) {
    const std::lock_guard lock(mutex_);
    // Once it was stored, another attempt may have begun.
    const auto running = running_.find({run.job_id, run.party});
    if (running != running_.end() && running->second->is_closed()) running_.erase(running);
    changed_.notify_all();
    fail_point("run_forgotten");
}

void Runner::token_closed() { services_.watch.wake(); }

Result<bool> Runner::cancel(std::uint64_t job_id, unsigned party) {
    // Under the lock: a run that is put back is in the queue or under way, never in between.
    const std::lock_guard lock(mutex_);
    C2D_TRY(const bool waiting, services_.store->cancel_waiting(job_id, party, services_.now()));
    changed_.notify_all();
    if (waiting) {
        ends_.wake_receipts();
        return true;
    }
    const auto running = running_.find({job_id, party});
    if (running != running_.end() && running->second->cancel(RunEndKind::cancelled)) return true;
    // It has ended. Where that is stored it may wait for another attempt.
    C2D_TRY(const bool waited, services_.store->give_up(job_id, party));
    if (waited) ends_.attempts_are_over();
    return waited;
}

void Runner::hold(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
}

bool Runner::is_held() const {
    const std::lock_guard lock(mutex_);
    return held_;
}

void Runner::drain() {
    {
        std::unique_lock lock(mutex_);
        const auto idle = [this] {
            const auto active = held_ ? Result<std::size_t>(0) : services_.store->active_count();
            return running_.empty() && (!active || *active == 0);
        };
        if (!wait_within_scope(lock, changed_, idle)) return;
    }
    ends_.drain();
}

void Runner::work() {
    const CallScope scope(CallScope::kNever, &ending_);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        auto next = take_next();
        if (!next) {
            idle(lock);
            continue;
        }
        auto place = std::make_unique<WorkerPlace>(
            gathering_, services_.places, WorkerPlaces::Run{next->job_id, next->party}, next->solver, next->joint);
        // Somebody else looks from now on. What waits for its peers takes no worker's thread.
        if (idle_ == 0 && workers_.size() < threads_max()) add_worker();
        changed_.notify_all();
        const Key key{next->job_id, next->party};
        const auto active = std::make_shared<ActiveRun>();
        running_[key] = active;
        lock.unlock();
        execute(*std::move(next), *active, std::move(place));
        lock.lock();
        changed_.notify_all();
    }
}

void Runner::idle(std::unique_lock<std::mutex>& lock) {
    ++idle_;
    if (looks_) {
        changed_.wait(lock);
    } else {
        looks_ = true;
        changed_.wait_for(lock, kLook);
        looks_ = false;
    }
    --idle_;
}

std::optional<JobRun> Runner::take_next() {
    const auto time = std::chrono::steady_clock::now();
    if (held_ || time < launches_from_ || !has_room()) return {};
    const bool is_free = services_.places.is_free(time);
    TakeableRuns takeable;
    takeable.alone = is_free || services_.places.is_lent(time);
    takeable.joint = is_free || gathering_.count() < GatheringRuns::kMax;
    takeable.not_joint_of = gathering_.solvers_at_max();
    auto next = services_.store->take_next(services_.now(), takeable);
    if (next) return *std::move(next);
    services_.log(LogLevel::error, "queue: " + next.error().message);
    return {};
}

/// A full disk must not burn the queue: runs stay queued until there is room again.
bool Runner::has_room() {
    std::error_code error;
    const auto free = fs::space(services_.options.exec_dirpath, error).available;
    const auto needed = services_.tuning.now().disk_bytes_min;
    const bool full = error || free < needed;
    if (full && !paused_)
        services_.log(LogLevel::error,
                      error ? fmt::format("the queue pauses: cannot look at {}: {}",
                                          services_.options.exec_dirpath.string(), error.message())
                            : fmt::format("the queue pauses: {} has {} bytes free, a run needs {}; make room",
                                          services_.options.exec_dirpath.string(), free, needed));
    if (!full && paused_) services_.log(LogLevel::info, "the queue goes on: there is room again");
    paused_ = full;
    return !full;
}

void Runner::execute(JobRun run, ActiveRun& active, std::unique_ptr<WorkerPlace> place) {
    RunFacts facts;
    auto ended = Launch(services_, run, facts, active, *place).execute();
    place.reset();
    if (!ended && ended.error().name == reason_name(Reason::ledger_ahead)) {
        if (put_back(run, active, ended.error())) return;
        // Whoever cancelled it is told so, rather than what kept it from its launch.
        if (active.cancelled_as()) ended = EndedRun::early(RunEndKind::cancelled, "cancelled before its launch");
    }
    ends_.complete(std::move(run), facts, active.close(ended ? *std::move(ended) : EndedRun::of(ended.error())));
}

bool Runner::put_back(const JobRun& run, const ActiveRun& active, const Error& ahead) {
    const std::lock_guard lock(mutex_);
    const auto why = active.cancelled_as();
    // What our own end interrupted goes on with the next start.
    if (why && why != RunEndKind::interrupted) return false;
    if (!services_.store->set_state(run, RunState::queued, services_.now())) return false;
    running_.erase({run.job_id, run.party});
    const auto wait = std::clamp<std::uint64_t>(ahead.code, 1, kAheadSecondsMax);
    launches_from_ = std::chrono::steady_clock::now() + std::chrono::seconds(wait);
    services_.log(LogLevel::warn, fmt::format("job {} party {} waits for the ledger, as all that is queued: {}",
                                              run.job_id, run.party, ahead.message));
    return true;
}

}  // namespace c2d::provider
