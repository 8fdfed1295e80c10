/// Who may run when, with the time as a number.
#include "provider/peers/worker_places.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>

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

TEST_CASE("nobody gives up a place while another one is free") {
    WorkerPlaces places(2);
    WorkerPlaces::Seeker second(places, {2, 0});
    CHECK(second.try_take(kNow));
    const WorkerPlaces::Seeker first(places, {1, 0});
    CHECK_FALSE(second.is_wanted(kNow + 1h));
}
