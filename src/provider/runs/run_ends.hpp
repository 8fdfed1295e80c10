/// The ends of runs: their outputs kept or encrypted, their files, state and receipt stored, whatever the disk says at
/// the moment, and the ends of what waits too long.
#pragma once

#include "provider/outputs/receipts.hpp"
#include "provider/runs/ended_run.hpp"
#include "provider/runs/run_services.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

namespace c2d::provider {

/// Thread-safe.
class RunEnds {
public:
    /// `stored` is told of each run whose end is stored, on any thread and without a lock of ours.
    RunEnds(RunServices& services, std::function<void(const JobRun&)> stored);
    /// Once no run is under way. What cannot be stored by now is said, and interrupted for the next start.
    ~RunEnds();

    void start();
    /// Stores the end of a run, now or as soon as that is possible.
    void complete(JobRun run, RunFacts& facts, EndedRun ended);
    /// Receipts are due.
    void wake_receipts() { receipts_.wake(); }
    /// Of some job no other attempt comes: its checkpoints go, and its receipt is due.
    void attempts_are_over();
    /// Waits until no receipt can be posted now.
    void drain() { receipts_.drain(); }

private:
    /// An end that could not be stored yet. Its run still counts as under way.
    struct Unsaved {
        JobRun run;
        std::optional<StoredReceipt> receipt;
    };

    EndedRun with_outputs(const JobRun& run, RunFacts& facts, EndedRun ended);
    void write_files(const JobRun& run, const RunFacts& facts, const EndedRun& ended);
    std::optional<StoredReceipt> receipt_of(const JobRun& run, const RunFacts& facts);
    Result<Unit> save(const Unsaved& end);
    void remove_old_checkpoints();
    /// Looks after what waits: ends that could not be stored, runs that stay incomplete.
    void maintain();
    void save_unsaved(std::unique_lock<std::mutex>& lock);
    void end_incomplete();
    void end_waits_for_attempts();

    RunServices& services_;
    const std::function<void(const JobRun&)> stored_;
    ReceiptPoster receipts_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    std::deque<Unsaved> unsaved_;
    std::thread maintenance_;
};

}  // namespace c2d::provider
