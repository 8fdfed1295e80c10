#include "provider/peers/worker_places.hpp"

#include <algorithm>
#include <limits>

namespace c2d::provider {

namespace {

constexpr WorkerPlaces::Run kAfterAll{std::numeric_limits<std::uint64_t>::max(), std::numeric_limits<unsigned>::max()};

}  // namespace

std::size_t WorkerPlaces::taken() const {
    return std::size_t(
        std::ranges::count_if(runs_, [](const auto& run) { return run.second.stage != Stage::seeking; }));
}

std::size_t WorkerPlaces::seeking_before(const Run& before, Time now) const {
    return std::size_t(std::count_if(runs_.begin(), runs_.lower_bound(before), [now](const auto& run) {
        return run.second.stage == Stage::seeking && run.second.since <= now;
    }));
}

/// Who seek a place or try one, but for the run that asks.
std::size_t WorkerPlaces::others() const {
    return std::size_t(std::ranges::count_if(runs_, [](const auto& run) { return run.second.stage != Stage::kept; })) -
           1;
}

bool WorkerPlaces::is_free(Time now) const {
    const std::lock_guard lock(mutex_);
    return taken() + seeking_before(kAfterAll, now) < workers_;
}

/// One at a time, so that the order in which runs are taken from the queue stays theirs.
bool WorkerPlaces::is_lent(Time now) const {
    const std::lock_guard lock(mutex_);
    const auto seeks_alone = [](const auto& run) { return run.second.stage == Stage::seeking && !run.second.joint; };
    return std::ranges::any_of(runs_, [now](const auto& run) { return run.second.is_long_trial(now); }) &&
           std::ranges::none_of(runs_, seeks_alone);
}

WorkerPlaces::Seeker::Seeker(WorkerPlaces& places, Run run, bool joint) : places_(places), run_(run) {
    const std::lock_guard lock(places_.mutex_);
    places_.runs_[run_].joint = joint;
}

WorkerPlaces::Seeker::~Seeker() {
    const std::lock_guard lock(places_.mutex_);
    places_.runs_.erase(run_);
}

bool WorkerPlaces::Seeker::try_take(Time now) {
    const std::lock_guard lock(places_.mutex_);
    State& own = places_.runs_.at(run_);
    if (own.stage != Stage::seeking) return true;
    // Nobody is let go first where nobody seeks.
    const bool lets_others = own.since > now && places_.seeking_before(kAfterAll, now) > 0;
    if (lets_others || places_.taken() + places_.seeking_before(run_, now) >= places_.workers_) return false;
    own.stage = Stage::trial;
    own.since = now;
    return true;
}

bool WorkerPlaces::Seeker::is_wanted(Time now) const {
    const std::lock_guard lock(places_.mutex_);
    const State& own = places_.runs_.at(run_);
    if (own.stage != Stage::trial || places_.taken() < places_.workers_) return false;
    return places_.seeking_before(own.is_long_trial(now) ? kAfterAll : run_, now) > 0;
}

void WorkerPlaces::Seeker::give_back(Time now) {
    const std::lock_guard lock(places_.mutex_);
    State& own = places_.runs_.at(run_);
    Time seeks_from = now;
    if (own.is_long_trial(now)) {
        ++own.trials;
        const bool all_first = own.trials % kAllFirstEvery == 0;
        const auto of_all = kTrial * int(kAllFirstEvery * places_.others());
        seeks_from += all_first ? std::min(kPauseMax, kPause + of_all) : kPause;
    }
    own.stage = Stage::seeking;
    own.since = seeks_from;
}

void WorkerPlaces::Seeker::keep() {
    const std::lock_guard lock(places_.mutex_);
    places_.runs_.at(run_).stage = Stage::kept;
}

}  // namespace c2d::provider
