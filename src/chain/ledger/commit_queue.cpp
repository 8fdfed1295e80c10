#include "chain/ledger/commit_queue.hpp"

#include <algorithm>

namespace c2d::ledger {

namespace {
/// Bounds of one block, so that no reader meets an endless one.
constexpr std::size_t kBatchMax = 256;
}  // namespace

std::vector<CommitQueue::Pending*> CommitQueue::take_batch() {
    const auto count = std::min(waiting_.size(), kBatchMax);
    std::vector<Pending*> batch(waiting_.begin(), waiting_.begin() + std::ptrdiff_t(count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + std::ptrdiff_t(count));
    return batch;
}

Result<Receipt> CommitQueue::submit(const SignedTransaction& transaction) {
    Pending own;
    own.transaction = &transaction;
    std::unique_lock lock(mutex_);
    waiting_.push_back(&own);
    changed_.wait(lock, [&] { return own.done || !leading_; });
    if (own.done) return std::move(own.result);
    // Nobody leads, so our own transaction is still waiting: lead until it is done.
    leading_ = true;
    while (!own.done) {
        const auto batch = take_batch();
        lock.unlock();
        try {
            commit_(batch);
        } catch (const std::exception& error) {
            // Out of memory, in practice. The others must not wait for ever for a leader that left.
            for (auto* pending : batch) pending->result = Error(Status::INTERNAL, error.what());
        }
        lock.lock();
        for (auto* pending : batch) pending->done = true;
        changed_.notify_all();
    }
    leading_ = false;
    changed_.notify_all();
    return std::move(own.result);
}

}  // namespace c2d::ledger
