#include "provider/fair_pool.hpp"

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

bool FairPool::submit(const std::string& name, Work work) {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_ >= bounds_.waiting_max) return false;
    Party& party = parties_[name];
    if (party.waiting.size() >= bounds_.waiting_per_party_max) return false;
    party.waiting.push_back(std::move(work));
    ++waiting_;
    list(name, party);
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
