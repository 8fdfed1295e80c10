/// Group commit: threads that submit at the same time share one block and one sync of the disk.
#pragma once

#include "codec/transaction.hpp"

#include <c2d/chain_node.hpp>

#include <condition_variable>
#include <functional>
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
    };
    /// Commits a batch and sets every result.
    using Commit = std::function<void(const std::vector<Pending*>&)>;

    explicit CommitQueue(Commit commit) : commit_(std::move(commit)) {}
    /// Returns when the transaction is durable, or refused.
    Result<Receipt> submit(const SignedTransaction& transaction);

private:
    std::vector<Pending*> take_batch();

    const Commit commit_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Pending*> waiting_;
    bool leading_ = false;
};

}  // namespace c2d::ledger
