#include "chain/ledger/commit_queue.hpp"

#include "chain/ledger/execution.hpp"

#include <algorithm>

namespace c2d::ledger {

namespace {
/// However slow the disk is, a transaction is not held back longer.
constexpr std::chrono::milliseconds kGatherMax{2};

std::shared_ptr<std::condition_variable> thread_wake() {
    static thread_local const auto kWake = std::make_shared<std::condition_variable>();
    return kWake;
}
}  // namespace

std::vector<CommitQueue::Pending*> CommitQueue::take_batch() {
    const auto count = std::min(waiting_.size(), kBlockTransactionsMax);
    std::vector<Pending*> batch(waiting_.begin(), waiting_.begin() + std::ptrdiff_t(count));
    waiting_.erase(waiting_.begin(), waiting_.begin() + std::ptrdiff_t(count));
    return batch;
}

void CommitQueue::gather(std::unique_lock<std::mutex>& lock) {
    const auto wait = std::min<std::chrono::steady_clock::duration>(last_commit_, kGatherMax);
    gathered_.wait_for(lock, wait, [&] { return waiting_.size() >= expected_; });
}

void CommitQueue::commit_batch(std::unique_lock<std::mutex>& lock) {
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
    std::vector<std::shared_ptr<std::condition_variable>> wakes;
    for (auto* pending : batch) {
        pending->done = true;
        wakes.push_back(std::move(pending->wake));
    }
    // Without the lock, which each of them needs at once.
    lock.unlock();
    for (const auto& wake : wakes) wake->notify_one();
    lock.lock();
}

Result<Receipt> CommitQueue::submit(const SignedTransaction& transaction) {
    Pending own;
    own.transaction = &transaction;
    const auto wake = own.wake = thread_wake();
    std::unique_lock lock(mutex_);
    waiting_.push_back(&own);
    if (waiting_.size() >= expected_) gathered_.notify_one();
    wake->wait(lock, [&] { return own.done || !leading_; });
    if (own.done) return std::move(own.result);
    // Nobody leads, so our own transaction is still waiting: lead until it is done.
    leading_ = true;
    while (!own.done) {
        gather(lock);
        commit_batch(lock);
    }
    leading_ = false;
    // One thread is enough to go on; the others wait for what it does.
    if (!waiting_.empty()) waiting_.front()->wake->notify_one();
    return std::move(own.result);
}

}  // namespace c2d::ledger
