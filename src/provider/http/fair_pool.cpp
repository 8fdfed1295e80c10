#include "provider/http/fair_pool.hpp"

#include <algorithm>

namespace c2d::provider {

FairPool::FairPool(const FairPoolBounds& bounds) : bounds_(bounds) {
    for (unsigned i = 0; i < bounds_.threads; ++i) threads_.emplace_back([this] { run(); });
}

FairPool::~FairPool() { stop(); }

void FairPool::list(const std::string& name, Party& party) {
    if (party.listed || party.waiting.empty() || party.running >= bounds_.running_per_party_max) return;
    party.listed = true;
    turns_.push_back(name);
}

/// The newest work of whoever has most of it waiting, if that is more than `own`.
FairPool::Work FairPool::drop_from_longest_queue(std::size_t own) {
    const auto waits_less = [](const auto& a, const auto& b) {
        return a.second.waiting.size() < b.second.waiting.size();
    };
    const auto longest = std::ranges::max_element(parties_, waits_less);
    auto& waiting = longest->second.waiting;
    if (waiting.size() <= own) return {};
    auto dropped = std::move(waiting.back());
    waiting.pop_back();
    --waiting_;
    return dropped;
}

bool FairPool::submit(const std::string& party, Work work) {
    Work dropped;  // goes after the lock, since what it holds may call back
    const std::lock_guard lock(mutex_);
    if (stopping_) return false;
    const auto known = parties_.find(party);
    const std::size_t own = known == parties_.end() ? 0 : known->second.waiting.size();
    if (own >= bounds_.waiting_per_party_max) return false;
    // Beside one more of ours the longest must still have as many.
    if (waiting_ >= bounds_.waiting_max && !(dropped = drop_from_longest_queue(own + 1))) return false;
    Party& entry = parties_[party];
    entry.waiting.push_back(std::move(work));
    ++waiting_;
    list(party, entry);
    work_.notify_one();
    return true;
}

void FairPool::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        work_.wait(lock, [this] { return stopping_ || !turns_.empty(); });
        if (stopping_) return;
        const auto name = std::move(turns_.front());
        turns_.pop_front();
        Party& party = parties_[name];
        party.listed = false;
        auto work = std::move(party.waiting.front());
        party.waiting.pop_front();
        --waiting_;
        ++party.running;
        list(name, party);
        lock.unlock();
        work();
        work = nullptr;  // what it holds may go, and not under the lock
        lock.lock();
        --party.running;
        list(name, party);
        if (party.listed) work_.notify_one();
        if (party.running == 0 && party.waiting.empty()) parties_.erase(name);
    }
}

void FairPool::stop() {
    std::map<std::string, Party> undone;
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        turns_.clear();
    }
    work_.notify_all();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
    const std::lock_guard lock(mutex_);
    parties_.swap(undone);
    waiting_ = 0;
}

}  // namespace c2d::provider
