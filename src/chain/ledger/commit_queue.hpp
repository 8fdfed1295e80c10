/// Group commit: threads that submit at the same time share one block and one sync of the disk.
/// A leader waits for those whom the last block served, at most as long as that block took: a lone
/// thread never waits, and many share a sync instead of queueing for several.
#pragma once

#include "codec/transaction.hpp"

#include <c2d/chain_node.hpp>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace c2d::ledger {

/// The first thread that finds nobody committing becomes the leader: it takes what has gathered,
/// commits it for all, and hands over. Thread-safe.
class CommitQueue {
public:
    struct Pending {
        const SignedTransaction* transaction = nullptr;
        Result<Receipt> result = Error(Status::INTERNAL, "not committed");
        bool done = false;
        /// Notified when it is done, or when it is this thread's turn to lead. The thread's own,
        /// shared so that it can be notified without a lock when the thread may have gone on.
        std::shared_ptr<std::condition_variable> wake;
    };
    /// Commits a batch and sets every result.
    using Commit = std::function<void(const std::vector<Pending*>&)>;

    explicit CommitQueue(Commit commit) : commit_(std::move(commit)) {}

    /// Returns when the transaction is durable, or refused.
    Result<Receipt> submit(const SignedTransaction& transaction);

private:
    std::vector<Pending*> take_batch();
    void gather(std::unique_lock<std::mutex>& lock);
    void commit_batch(std::unique_lock<std::mutex>& lock);

    const Commit commit_;
    std::mutex mutex_;
    std::vector<Pending*> waiting_;
    bool leading_ = false;
    /// How many a block may expect: those of the last one, who may be back with their next, and
    /// those who came while it was committed.
    std::size_t expected_ = 0;
    std::condition_variable gathered_;
    std::chrono::steady_clock::duration last_commit_{};
};

}  // namespace c2d::ledger
