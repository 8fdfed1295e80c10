#include "chain/ledger/commit_queue.hpp"

#include "chain/ledger/execution.hpp"

#include <algorithm>

namespace c2d::ledger {

namespace {
/// However slow the disk is, a transaction is not held back longer.
constexpr std::chrono::milliseconds kGatherMax{2};

std::shared_ptr<Semaphore> thread_wake() {
    static thread_local const auto kWake = std::make_shared<Semaphore>();
    return kWake;
}
}  // namespace

std::vector<CommitQueue::Pending*> CommitQueue::take_batch() {
    const auto count = std::min(waiting_.size(), kBlockTransactionsMax);
    std::vector<Pending*> batch(waiting_.begin(), waiting_.begin() + std::ptrdiff_t(count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + std::ptrdiff_t(count));
    return batch;
}

bool CommitQueue::gather(std::unique_lock<std::mutex>& lock, const Pending& own) {
    if (waiting_.size() >= expected_) return true;
    const auto wait = std::min<std::chrono::steady_clock::duration>(last_commit_, kGatherMax);
    gathering_ = true;
    lock.unlock();
    const bool posted = own.wake->wait_for(wait);
    lock.lock();
    if (leader_ == &own) {
        gathering_ = false;
        return true;
    }
    if (posted) return false;
    // The time was over, but another one had relieved us by then.
    lock.unlock();
    own.wake->wait();
    lock.lock();
    return false;
}

void CommitQueue::commit_batch(std::unique_lock<std::mutex>& lock, const Pending& own) {
    const auto batch = take_batch();
    lock.unlock();
    const auto start = std::chrono::steady_clock::now();
    try {
        commit_(batch);
    } catch (const std::exception& error) {
        // Out of memory, in practice. The others must not wait for ever for a leader that left.
        for (auto* pending : batch) pending->result = Error(Status::INTERNAL, error.what());
    }
    const auto took = std::chrono::steady_clock::now() - start;
    lock.lock();
    last_commit_ = took;
    expected_ = std::min(batch.size() + waiting_.size(), kBlockTransactionsMax);
    std::vector<std::shared_ptr<Semaphore>> wakes;
    wakes.reserve(batch.size());
    for (auto* pending : batch) {
        pending->done = true;
        if (pending != &own) wakes.push_back(pending->wake);
    }
    // Without the lock, which each of them needs for its next.
    lock.unlock();
    for (const auto& wake : wakes) wake->post();
    lock.lock();
}

bool CommitQueue::lead(std::unique_lock<std::mutex>& lock, const Pending& own) {
    while (leader_ == &own) {
        if (!gather(lock, own)) return own.done;
        commit_batch(lock, own);
        leader_ = waiting_.empty() ? nullptr : waiting_.front();
    }
    // One thread is enough to go on; the others wait for what it does.
    if (leader_) leader_->wake->post();
    return own.done;
}

Result<Receipt> CommitQueue::submit(const SignedTransaction& transaction) {
    Pending own;
    own.transaction = &transaction;
    const auto wake = own.wake = thread_wake();
    std::unique_lock lock(mutex_);
    waiting_.push_back(&own);
    if (!leader_ || (gathering_ && waiting_.size() >= expected_)) {
        leader_ = &own;
        gathering_ = false;
    }
    while (leader_ != &own || !lead(lock, own)) {
        lock.unlock();
        wake->wait();
        if (own.done) break;
        lock.lock();
    }
    return std::move(own.result);
}

}  // namespace c2d::ledger
