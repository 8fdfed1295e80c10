/// Group commit: threads that submit at the same time share one block and one sync of the disk.
/// A block waits for those whom the last one served, at most as long as that one took: a lone
/// thread never waits, and many share a sync instead of queueing for several.
#pragma once

#include "base/semaphore.hpp"
#include "codec/transaction.hpp"

#include <c2d/chain_node.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace c2d::ledger {

/// The first thread that finds no leader becomes it and lets others gather; who completes the
/// number takes over from it, since that one sleeps. A leader commits what has gathered for all,
/// and hands over. Thread-safe.
class CommitQueue {
public:
    struct Pending {
        const SignedTransaction* transaction = nullptr;
        Result<Receipt> result = Error(Status::INTERNAL, "not committed");
        bool done = false;
        /// Posted when it is done, unless its thread led, or when it is its thread's turn to lead.
        /// The thread's own, shared since who posts may still be at it when the thread has gone on.
        std::shared_ptr<Semaphore> wake;
    };
    /// Commits a batch and sets every result.
    using Commit = std::function<void(const std::vector<Pending*>&)>;

    explicit CommitQueue(Commit commit) : commit_(std::move(commit)) {}

    /// Returns when the transaction is durable, or refused.
    Result<Receipt> submit(const SignedTransaction& transaction);

private:
    std::vector<Pending*> take_batch();
    /// Commits as long as it is `own`'s turn. False when it is not, and `own` not done yet.
    bool lead(std::unique_lock<std::mutex>& lock, const Pending& own);
    /// Lets others join; false when one of them took over, and `own` is done.
    bool gather(std::unique_lock<std::mutex>& lock, const Pending& own);
    void commit_batch(std::unique_lock<std::mutex>& lock, const Pending& own);

    const Commit commit_;
    std::mutex mutex_;
    std::vector<Pending*> waiting_;
    /// Whose turn it is to commit; nobody's when none is waiting.
    const Pending* leader_ = nullptr;
    /// The leader sleeps, and may be relieved.
    bool gathering_ = false;
    /// How many a block may expect: those of the last one, who may be back with their next, and
    /// those who came while it was committed.
    std::size_t expected_ = 0;
    std::chrono::steady_clock::duration last_commit_{};
};

}  // namespace c2d::ledger
