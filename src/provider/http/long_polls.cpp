#include "provider/http/long_polls.hpp"

#include <algorithm>

namespace c2d::provider {

LongPolls::LongPolls(std::function<void()> tick) : tick_(std::move(tick)), thread_([this] { run(); }) {}

LongPolls::~LongPolls() { stop(); }

bool LongPolls::add(const Asker& asker, Moment until, Check check) {
    const std::lock_guard lock(mutex_);
    auto& own = per_signer_[asker.first];
    if (stopping_ || held_ >= kMax || own >= kPerSignerMax) {
        if (own == 0) per_signer_.erase(asker.first);
        return false;
    }
    ++own;
    ++held_;
    polls_.push_back({asker, until, std::move(check)});
    changed_ = true;  // what changed before it was here
    wake_.notify_all();
    return true;
}

std::set<LongPolls::Asker> LongPolls::askers() const {
    const std::lock_guard lock(mutex_);
    std::set<Asker> out;
    for (const auto& poll : polls_) out.insert(poll.asker);
    return out;
}

void LongPolls::end(const Asker& asker) {
    const std::lock_guard lock(mutex_);
    for (auto& poll : polls_)
        if (poll.asker == asker) poll.until = Moment();
    changed_ = true;
    wake_.notify_all();
}

void LongPolls::changed() {
    const std::lock_guard lock(mutex_);
    changed_ = true;
    wake_.notify_all();
}

std::vector<LongPolls::Poll> LongPolls::take_due(Moment now) {
    std::vector<Poll> due, rest;
    for (auto& poll : polls_) (stopping_ || changed_ || poll.until <= now ? due : rest).push_back(std::move(poll));
    polls_ = std::move(rest);
    changed_ = false;
    return due;
}

void LongPolls::run() {
    constexpr std::chrono::seconds kTick{1};
    std::unique_lock lock(mutex_);
    for (;;) {
        auto next = std::chrono::steady_clock::now() + kTick;
        for (const auto& poll : polls_) next = std::min(next, poll.until);
        wake_.wait_until(lock, next, [this] { return stopping_ || changed_; });
        const bool last = stopping_;
        auto due = take_due(std::chrono::steady_clock::now());
        lock.unlock();
        const auto now = std::chrono::steady_clock::now();
        std::vector<Address> answered;
        std::erase_if(due, [&](const Poll& poll) {
            if (!poll.check(last || poll.until <= now)) return false;
            answered.push_back(poll.signer());
            return true;
        });
        tick_();
        lock.lock();
        std::ranges::move(due, std::back_inserter(polls_));
        for (const auto& signer : answered) {
            --held_;
            if (--per_signer_[signer] == 0) per_signer_.erase(signer);
        }
        if (last && polls_.empty()) return;
    }
}

void LongPolls::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    if (thread_.joinable()) thread_.join();
}

}  // namespace c2d::provider
