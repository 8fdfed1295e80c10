#include "provider/runs/grant_watch.hpp"

#include "base/call_scope.hpp"
#include "base/try.hpp"
#include "chain/taken_back.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace c2d::provider {

namespace {

constexpr std::chrono::seconds kLook{2};
/// Blocks that are read once more each time: the last ones of a network may be replaced by others.
constexpr std::uint64_t kReadAgain = 64;

std::string closed_here(OwnerStore& owner, const JobTerms& terms) {
    for (const auto& input : terms.inputs)
        if (const auto closed = owner.is_closed(input.dt); closed && *closed)
            return token_text(input.dt) + " was closed by its owner";
    return {};
}

std::string named(const TakenBack& event, const JobTerms& terms) {
    const bool rests_on_it = std::ranges::any_of(terms.grants, [&](const JobGrant& grant) {
        return grant.dt == event.dt && grant.grantee == event.grantee.value_or(grant.grantee);
    });
    const bool is_algorithm = !event.grantee && event.dt == terms.algo_dt;
    if (!rests_on_it && !is_algorithm) return {};
    if (!event.grantee) return fmt::format("{} was closed in block {}", token_text(event.dt), event.block_number);
    return fmt::format("the grant of {} to {} was taken back in block {}", token_text(event.dt),
                       token_text(*event.grantee), event.block_number);
}

bool is_closed(const Chain& chain, const TokenId& dt) {
    const auto closed = chain.is_closed(dt);
    return closed && *closed;
}

}  // namespace

std::string taken_back(const Chain& chain, OwnerStore& owner, const JobTerms& terms) {
    for (const auto& grant : terms.grants) {
        const auto state = chain.grant_state(grant.dt, grant.grantee);
        if (state && !state->given)
            return fmt::format("the grant of {} to {} was taken back", token_text(grant.dt), token_text(grant.grantee));
        if (is_closed(chain, grant.dt)) return token_text(grant.dt) + " was closed by its owner";
    }
    if (is_closed(chain, terms.algo_dt)) return token_text(terms.algo_dt) + " was closed by its owner";
    return closed_here(owner, terms);
}

GrantWatch::Watched::~Watched() {
    const std::lock_guard lock(watch_.mutex_);
    watch_.watched_.remove(this);
}

GrantWatch::GrantWatch(const Chain& chain, std::shared_ptr<OwnerStore> owner, std::shared_ptr<Logger> logger)
    : chain_(chain), owner_(std::move(owner)), logger_(std::move(logger)) {}

GrantWatch::~GrantWatch() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        ending_.cancel();
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void GrantWatch::start() {
    thread_ = std::thread([this] { work(); });
}

std::unique_ptr<GrantWatch::Watched> GrantWatch::watch(const JobTerms& terms, std::uint64_t verified_at,
                                                       std::function<void()> end) {
    std::unique_ptr<Watched> out(new Watched(*this));
    out->terms_ = &terms;
    out->verified_at_ = verified_at;
    out->end_ = std::move(end);
    const std::lock_guard lock(mutex_);
    next_block_ = watched_.empty() ? verified_at + 1 : std::min(next_block_, verified_at + 1);
    watched_.push_back(out.get());
    changed_.notify_all();
    return out;
}

void GrantWatch::wake() {
    const std::lock_guard lock(mutex_);
    asked_ = true;
    changed_.notify_all();
}

void GrantWatch::work() {
    const CallScope scope(CallScope::kNever, &ending_);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        changed_.wait(lock, [this] { return stopping_ || !watched_.empty(); });
        asked_ = false;
        if (!stopping_) look(lock);
        changed_.wait_for(lock, kLook, [this] { return stopping_ || asked_; });
    }
}

void GrantWatch::look(std::unique_lock<std::mutex>& lock) {
    if (watched_.empty()) return;
    end_where([this](const Watched& run) { return closed_here(*owner_, *run.terms_); });
    const auto from = next_block_;
    lock.unlock();
    const auto head = chain_.info();
    const auto events = head ? taken_back_since(chain_, from) : head.error();
    lock.lock();
    if (!events && !failing_ && !stopping_)
        logger_->log(LogLevel::warn, "grants of runs under way cannot be watched now: " + events.error().message);
    failing_ = !events;
    if (!events) return;
    // Where a run from further back was added meanwhile, the next look is from there.
    const auto number = head->head.number;
    if (next_block_ == from && number > kReadAgain) next_block_ = std::max(from, number - kReadAgain);
    for (const auto& event : *events)
        end_where([&](const Watched& run) {
            return event.block_number > run.verified_at_ ? named(event, *run.terms_) : std::string();
        });
}

void GrantWatch::end_where(const std::function<std::string(const Watched&)>& why) {
    for (auto* run : watched_) {
        const auto reason = why(*run);
        if (reason.empty()) continue;
        logger_->log(LogLevel::warn,
                     fmt::format("job {} party {} is ended: {}", run->terms_->job_id, run->terms_->party, reason));
        run->end_();
    }
}

}  // namespace c2d::provider
