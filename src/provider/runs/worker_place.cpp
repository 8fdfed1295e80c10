#include "provider/runs/worker_place.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"

#include <utility>

namespace c2d::provider {

namespace {

constexpr std::chrono::milliseconds kPlaceLook{20};

}  // namespace

void GatheringRuns::add(const Address& solver) {
    const std::lock_guard lock(mutex_);
    ++counts_[solver];
}

void GatheringRuns::remove(const Address& solver) {
    {
        const std::lock_guard lock(mutex_);
        const auto own = counts_.find(solver);
        if (--own->second == 0) counts_.erase(own);
    }
    ended_();
}

std::size_t GatheringRuns::count() const {
    const std::lock_guard lock(mutex_);
    std::size_t out = 0;
    for (const auto& [solver, count] : counts_) out += count;
    return out;
}

std::vector<Address> GatheringRuns::solvers_at_max() const {
    const std::lock_guard lock(mutex_);
    std::vector<Address> out;
    for (const auto& [solver, count] : counts_)
        if (count >= kOfOneMax) out.push_back(solver);
    return out;
}

WorkerPlace::WorkerPlace(GatheringRuns& gathering, WorkerPlaces& places, Run run, const Address& solver, bool joint)
    : gathering_(gathering), solver_(solver), gathers_(joint) {
    if (joint)
        gathering_.add(solver_);
    else
        seeker_.emplace(places, run, false);
}

Result<Unit> WorkerPlace::take(const CancelToken& cancel) {
    while (!seeker_->try_take(std::chrono::steady_clock::now())) {
        if (cancel.cancelled() || CallScope::over())
            return fail(Status::CANCELLED, "cancelled while waiting for a worker");
        CallScope::pause(kPlaceLook);
    }
    seeker_->keep();
    return Unit{};
}

void WorkerPlace::end_gathering() {
    if (std::exchange(gathers_, false)) gathering_.remove(solver_);
}

}  // namespace c2d::provider
