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

bool WorkerPlaces::is_free(Time now) const {
    const std::lock_guard lock(mutex_);
    return taken() + seeking_before(kAfterAll, now) < workers_;
}

WorkerPlaces::Seeker::Seeker(WorkerPlaces& places, Run run) : places_(places), run_(run) {
    const std::lock_guard lock(places_.mutex_);
    places_.runs_[run_] = {};
}

WorkerPlaces::Seeker::~Seeker() {
    const std::lock_guard lock(places_.mutex_);
    places_.runs_.erase(run_);
}

bool WorkerPlaces::Seeker::try_take(Time now) {
    const std::lock_guard lock(places_.mutex_);
    State& own = places_.runs_.at(run_);
    if (own.stage != Stage::seeking) return true;
    if (own.since > now || places_.taken() + places_.seeking_before(run_, now) >= places_.workers_) return false;
    own = {Stage::trial, now};
    return true;
}

bool WorkerPlaces::Seeker::is_wanted(Time now) const {
    const std::lock_guard lock(places_.mutex_);
    const State& own = places_.runs_.at(run_);
    if (own.stage != Stage::trial || places_.taken() < places_.workers_) return false;
    const bool is_long = now - own.since >= kTrial;
    return places_.seeking_before(is_long ? kAfterAll : run_, now) > 0;
}

void WorkerPlaces::Seeker::give_back(Time now) {
    const std::lock_guard lock(places_.mutex_);
    State& own = places_.runs_.at(run_);
    const bool is_long = now - own.since >= kTrial;
    own = {Stage::seeking, is_long ? now + kPause : now};
}

void WorkerPlaces::Seeker::keep() {
    const std::lock_guard lock(places_.mutex_);
    places_.runs_.at(run_).stage = Stage::kept;
}

}  // namespace c2d::provider
