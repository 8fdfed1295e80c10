/// Who may run when, with the time as a number.
#include "provider/peers/worker_places.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <vector>

using namespace c2d::provider;
using namespace std::chrono_literals;

namespace {

const WorkerPlaces::Time kNow = WorkerPlaces::Time{} + 1h;

}  // namespace

TEST_CASE("as many as there are workers, and the lowest job first") {
    WorkerPlaces places(2);
    CHECK(places.is_free(kNow));
    WorkerPlaces::Seeker third(places, {3, 0}), first(places, {1, 0}), second(places, {2, 0});
    CHECK_FALSE(places.is_free(kNow));
    CHECK_FALSE(third.try_take(kNow));
    CHECK(second.try_take(kNow));
    CHECK(first.try_take(kNow));
    CHECK(first.try_take(kNow));
    CHECK_FALSE(third.try_take(kNow));
}

TEST_CASE("a place on trial is wanted by whoever comes before, one that is kept by nobody") {
    WorkerPlaces places(1);
    WorkerPlaces::Seeker second(places, {2, 0});
    CHECK(second.try_take(kNow));
    CHECK_FALSE(second.is_wanted(kNow));
    std::optional<WorkerPlaces::Seeker> first(std::in_place, places, WorkerPlaces::Run{1, 0});
    CHECK(second.is_wanted(kNow));
    CHECK_FALSE(first->try_take(kNow));
    second.give_back(kNow);
    CHECK_FALSE(second.try_take(kNow));
    CHECK(first->try_take(kNow));
    first->keep();
    CHECK_FALSE(second.try_take(kNow));
    CHECK_FALSE(first->is_wanted(kNow + 1h));
    first.reset();
    CHECK(second.try_take(kNow));
}

TEST_CASE("parties of one job seek their places one by one") {
    WorkerPlaces places(1);
    WorkerPlaces::Seeker one(places, {1, 1}), zero(places, {1, 0});
    CHECK_FALSE(one.try_take(kNow));
    CHECK(zero.try_take(kNow));
}

TEST_CASE("a long trial lets those behind it go first, for a moment") {
    WorkerPlaces places(1);
    WorkerPlaces::Seeker first(places, {1, 0}), second(places, {2, 0});
    CHECK(first.try_take(kNow));
    CHECK_FALSE(first.is_wanted(kNow + WorkerPlaces::kTrial - 1ms));
    const auto late = kNow + WorkerPlaces::kTrial;
    CHECK(first.is_wanted(late));
    first.give_back(late);
    CHECK_FALSE(first.try_take(late));
    CHECK(second.try_take(late));
    // Its moment over, it comes before the other again.
    CHECK_FALSE(second.is_wanted(late + WorkerPlaces::kPause - 1ms));
    CHECK(second.is_wanted(late + WorkerPlaces::kPause));
}

TEST_CASE("one whose peers are there has its turn behind any number of those whose peers keep it waiting") {
    for (const std::uint64_t blocked : {1u, 2u, 5u}) {
        WorkerPlaces places(1);
        std::vector<std::unique_ptr<WorkerPlaces::Seeker>> all;
        for (std::uint64_t job = 1; job <= blocked + 1; ++job)
            all.push_back(std::make_unique<WorkerPlaces::Seeker>(places, WorkerPlaces::Run{job, 0}));
        auto now = kNow;
        // Each looks as often as a gathering does. The last one goes when it has a place.
        while (now < kNow + 3min && !all.back()->try_take(now)) {
            for (std::size_t i = 0; i < blocked; ++i) {
                if (all[i]->is_wanted(now)) all[i]->give_back(now);
                all[i]->try_take(now);
            }
            now += 20ms;
        }
        CAPTURE(blocked);
        CHECK(now < kNow + 3min);
    }
}

TEST_CASE("a place that is held on trial for long is lent to a run of one party") {
    WorkerPlaces places(1);
    WorkerPlaces::Seeker joint(places, {1, 0});
    CHECK_FALSE(places.is_lent(kNow));
    REQUIRE(joint.try_take(kNow));
    const auto late = kNow + WorkerPlaces::kTrial;
    CHECK_FALSE(places.is_free(late));
    CHECK_FALSE(places.is_lent(late - 1ms));
    CHECK(places.is_lent(late));
    std::optional<WorkerPlaces::Seeker> alone(std::in_place, places, WorkerPlaces::Run{2, 0}, false);
    // To one after the other.
    CHECK_FALSE(places.is_lent(late));
    REQUIRE(joint.is_wanted(late));
    joint.give_back(late);
    CHECK_FALSE(joint.try_take(late));
    REQUIRE(alone->try_take(late));
    alone->keep();
    CHECK_FALSE(places.is_lent(late + 1h));
    alone.reset();
    CHECK(joint.try_take(late));
}

TEST_CASE("nobody gives up a place while another one is free") {
    WorkerPlaces places(2);
    WorkerPlaces::Seeker second(places, {2, 0});
    CHECK(second.try_take(kNow));
    const WorkerPlaces::Seeker first(places, {1, 0});
    CHECK_FALSE(second.is_wanted(kNow + 1h));
}
