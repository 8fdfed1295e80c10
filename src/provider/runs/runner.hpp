/// Executes one run: verify once more, prepare the folder, connect the peers, run the operator
/// in the sandbox, keep log, outputs and report, and see that a receipt of it reaches the ledger.
#pragma once

#include "provider/inputs/input_digests.hpp"
#include "provider/inputs/published_tables.hpp"
#include "provider/outputs/receipts.hpp"
#include "provider/peers/peer_ports.hpp"
#include "provider/peers/peer_relay.hpp"
#include "provider/peers/worker_places.hpp"
#include "provider/runs/active_run.hpp"
#include "provider/runs/grant_watch.hpp"
#include "provider/runs/runtime_digests.hpp"
#include "provider/state/tuning.hpp"

#include <c2d/provider.hpp>

#include <condition_variable>
#include <deque>
#include <map>
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
    Result<ReceiptRuntime> runtime();
    void drain();
    void hold(bool held);
    bool is_held() const;

private:
    using Key = std::pair<std::uint64_t, unsigned>;
    /// An end that could not be stored yet. Its run still counts as under way.
    struct Unsaved {
        JobRun run;
        std::optional<StoredReceipt> receipt;
    };

    /// The worker of a run, and until a joint run has one its count among those that gather.
    struct WorkerPlace;
    void work();
    /// Waits until there may be something to do. One thread looks by itself now and then, the others are told.
    void idle(std::unique_lock<std::mutex>& lock);
    /// The next queued run that may be taken now, unless there is none, no room for it on the disk, or the ledger is ahead.
    std::optional<JobRun> take_next();
    /// Under the lock.
    std::size_t gathering() const;
    std::size_t threads_max() const;
    void add_worker();
    bool has_room();
    /// Puts a run back that reached its launch while the ledger is ahead of the clock; false: it was cancelled, or
    /// cannot be put back.
    bool put_back(const JobRun& run, const ActiveRun& active, const Error& ahead);
    void execute(JobRun run, ActiveRun& active, std::unique_ptr<WorkerPlace> place);
    Result<EndedRun> prepare_and_launch(JobRun& run, RunFacts& facts, ActiveRun& active, WorkerPlace& place);
    /// Checks once more, and fills the run's folder; an end where there is nothing to launch.
    Result<std::optional<EndedRun>> prepare(JobRun& run, RunFacts& facts);
    /// The data are there, and the models may still score over them.
    Result<std::optional<EndedRun>> check_inputs(JobTerms& terms);
    Result<PeerRelay> connect(JobRun& run, const RunFacts& facts, ActiveRun& active, WorkerPlace& place);
    Result<std::optional<EndedRun>> agree_on_inputs(const InputDigests& ours, RunFacts& facts, PeerRelay& peers,
                                                    ActiveRun& active);
    Result<EndedRun> joint_end(const JobRun& run, RunFacts& facts, Report report,
                               const std::optional<FrameRelayReport>& traffic);
    /// As `revoked` where that is why the operator, or a peer, ended.
    EndedRun with_revocation(EndedRun ended, const JobTerms& terms) const;
    /// Connects the peers, and runs the operator.
    Result<EndedRun> launch(JobRun& run, RunFacts& facts, ActiveRun& active, WorkerPlace& place);
    Result<Unit> note_start(JobRun& run);
    EndedRun with_kept(const JobRun& run, RunFacts& facts, EndedRun ended);
    void write_files(const JobRun& run, const RunFacts& facts, const EndedRun& ended);
    void complete(JobRun& run, RunFacts& facts, EndedRun ended);
    std::optional<StoredReceipt> receipt_of(const JobRun& run, const RunFacts& facts);
    Result<Unit> save(const Unsaved& ended);
    void remove_old_checkpoints();
    /// Looks after what waits: ends that could not be stored, runs that stay incomplete, full disks.
    void maintain();
    void save_unsaved(std::unique_lock<std::mutex>& lock);
    /// What could not be stored by now is said, and interrupted for the next start.
    void save_last_ends();
    void end_incomplete();
    /// Receipts that waited for another attempt long enough.
    void end_waits_for_attempts();
    std::uint64_t now() const;

    const JobVerifier& verifier_;
    const ProviderOptions& options_;
    const Tuning& tuning_;
    const Sandbox sandbox_;
    const std::shared_ptr<JobStore> store_;
    const std::shared_ptr<OwnerStore> owner_;
    ReceiptPoster receipts_;
    GrantWatch watch_;
    RuntimeDigests runtime_;
    PublishedTables published_;
    const std::unique_ptr<PeerPorts> ports_;
    WorkerPlaces places_;

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
    /// Joint runs that have been taken and have no place yet, of each solver.
    std::map<Address, std::size_t> gathering_;
    /// Workers that wait for something to do.
    std::size_t idle_ = 0;
    std::deque<Unsaved> unsaved_;
    std::vector<std::thread> workers_;
    std::thread maintenance_;
};

}  // namespace c2d::provider
