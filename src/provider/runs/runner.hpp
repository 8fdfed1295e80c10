/// The queue of runs and the threads that carry them out.
#pragma once

#include "provider/runs/active_run.hpp"
#include "provider/runs/run_ends.hpp"
#include "provider/runs/run_services.hpp"
#include "provider/runs/worker_place.hpp"

#include <c2d/provider.hpp>

#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace c2d::provider {

/// Worker threads over the durable queue.
class Runner {
public:
    Runner(const JobVerifier& verifier, const ProviderOptions& options, const Tuning& tuning, Sandbox sandbox,
           std::shared_ptr<JobStore> store, std::shared_ptr<OwnerStore> owner, std::unique_ptr<PeerPorts> ports);
    /// Cancels what runs and joins.
    ~Runner();

    void start();
    /// A run may be waiting in the queue.
    void wake();
    /// The owner closed a token of ours.
    void token_closed();
    /// Cancels a run in any state, and the wait for another attempt at one that has ended; false when there is neither.
    Result<bool> cancel(std::uint64_t job_id, unsigned party);
    /// What operators are shown at this moment. Fails with `io` or `limit`.
    Result<ReceiptRuntime> runtime() { return services_.runtime.read(); }
    void drain();
    void hold(bool held);
    bool is_held() const;

private:
    using Key = std::pair<std::uint64_t, unsigned>;

    void work();
    /// Waits until there may be something to do. One thread looks by itself now and then, the others are told.
    void idle(std::unique_lock<std::mutex>& lock);
    /// The next queued run that may be taken now, unless there is none, no room for it on the disk, or the ledger is
    /// ahead.
    std::optional<JobRun> take_next();
    /// Under the lock.
    std::size_t threads_max() const;
    void add_worker();
    bool has_room();
    /// Puts a run back that reached its launch while the ledger is ahead of the clock; false: it was cancelled, or
    /// cannot be put back.
    bool put_back(const JobRun& run, const ActiveRun& active, const Error& ahead);
    void execute(JobRun run, ActiveRun& active, std::unique_ptr<WorkerPlace> place);
    /// Its end is stored.
    void forget(const JobRun& run);

    RunServices services_;
    GatheringRuns gathering_;
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    bool paused_ = false;
    bool held_ = false;
    /// No run is launched before: the ledger is ahead.
    std::chrono::steady_clock::time_point launches_from_{};
    CancelToken ending_;
    std::map<Key, std::shared_ptr<ActiveRun>> running_;
    /// Whether a thread looks by itself.
    bool looks_ = false;
    /// Workers that wait for something to do.
    std::size_t idle_ = 0;
    std::vector<std::thread> workers_;
    /// Goes first: until the last end is stored, or said to be lost, its run counts as under way.
    RunEnds ends_;
};

}  // namespace c2d::provider
