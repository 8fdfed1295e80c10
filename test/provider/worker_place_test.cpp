/// The worker of a run, from the moment that the run is taken from the queue.
#include "provider/runs/worker_place.hpp"
#include "support/doubles.hpp"

#include <doctest/doctest.h>

using namespace c2d;
using namespace c2d::provider;
using support::named_address;

namespace {

struct Taken {
    std::size_t ended = 0;
    GatheringRuns gathering{[this] { ++ended; }};
    WorkerPlaces places{1};
    CancelToken cancel;

    bool is_free() const { return places.is_free(std::chrono::steady_clock::now()); }
};

}  // namespace

TEST_CASE_FIXTURE(Taken, "a run of one party seeks its worker from the moment it is taken") {
    {
        WorkerPlace place(gathering, places, {1, 0}, named_address("solver"), false);
        CHECK_FALSE(is_free());
        CHECK(place.take(cancel).ok());
        CHECK_FALSE(is_free());
    }
    CHECK(is_free());
    CHECK(gathering.count() == 0);
    CHECK(ended == 0);
}

TEST_CASE_FIXTURE(Taken, "who waits for a worker that another has can be cancelled") {
    WorkerPlace first(gathering, places, {1, 0}, named_address("solver"), false);
    REQUIRE(first.take(cancel).ok());
    WorkerPlace second(gathering, places, {2, 0}, named_address("solver"), false);
    cancel.cancel();
    CHECK(second.take(cancel).status() == Status::CANCELLED);
}

TEST_CASE_FIXTURE(Taken, "a joint run gathers until it has its worker, once") {
    {
        WorkerPlace joint(gathering, places, {1, 0}, named_address("solver"), true);
        CHECK(gathering.count() == 1);
        CHECK(is_free());
        joint.end_gathering();
        CHECK(gathering.count() == 0);
    }
    CHECK(gathering.count() == 0);
    CHECK(ended == 1);
}

TEST_CASE_FIXTURE(Taken, "one solver's joint runs come to a bound of their own") {
    for (std::size_t i = 0; i < GatheringRuns::kOfOneMax; ++i) {
        CHECK(gathering.solvers_at_max().empty());
        gathering.add(named_address("many"));
    }
    gathering.add(named_address("other"));
    CHECK(gathering.solvers_at_max() == std::vector<Address>{named_address("many")});
    CHECK(gathering.count() == GatheringRuns::kOfOneMax + 1);
    gathering.remove(named_address("many"));
    CHECK(gathering.solvers_at_max().empty());
}
