/// The worker of a run: one of as many as the provider has, and for a joint run one only when all its parties have
/// theirs.
#pragma once

#include "provider/peers/worker_places.hpp"

#include <c2d/environment.hpp>
#include <c2d/types.hpp>

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace c2d::provider {

/// Joint runs that have been taken from the queue and wait for their peers, who may keep them waiting for hours.
/// Thread-safe.
class GatheringRuns {
public:
    /// So many of all solvers, and of one, beside those that have a worker.
    static constexpr std::size_t kMax = 64, kOfOneMax = 16;

    /// `ended` is called, on the run's thread, whenever there is one less.
    explicit GatheringRuns(std::function<void()> ended) : ended_(std::move(ended)) {}

    void add(const Address& solver);
    void remove(const Address& solver);
    std::size_t count() const;
    /// Solvers who have as many as one may have.
    std::vector<Address> solvers_at_max() const;

private:
    const std::function<void()> ended_;
    mutable std::mutex mutex_;
    std::map<Address, std::size_t> counts_;
};

/// Of one run, and of its thread alone but for the making.
class WorkerPlace {
public:
    using Run = WorkerPlaces::Run;
    /// A joint run gathers from now on; any other seeks its worker.
    WorkerPlace(GatheringRuns& gathering, WorkerPlaces& places, Run run, const Address& solver, bool joint);
    ~WorkerPlace() { end_gathering(); }
    WorkerPlace(const WorkerPlace&) = delete;
    WorkerPlace& operator=(const WorkerPlace&) = delete;

    /// For the run of one party, which was taken when a worker was free: a joint run may have been quicker.
    /// Fails with `cancelled`.
    Result<Unit> take(const CancelToken& cancel);
    /// A joint run's, which seeks one while its peers do.
    std::optional<WorkerPlaces::Seeker>& seeker() { return seeker_; }
    /// A joint run has its worker.
    void end_gathering();

private:
    GatheringRuns& gathering_;
    const Address solver_;
    bool gathers_;
    std::optional<WorkerPlaces::Seeker> seeker_;
};

}  // namespace c2d::provider
