/// The policy alone, without sockets and with the time in our hands.
#include "net/accept_slots.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace c2d;
using namespace std::chrono_literals;
using Source = AcceptSlots::Source;

namespace {

constexpr AcceptSlots::Time kStart{};

AcceptSlots four_and_four() { return AcceptSlots({4, 5'000ms, 10'000ms}); }

/// Admits `count` of them; the ids of those that got a place.
std::vector<AcceptSlots::Id> admit(AcceptSlots& slots, Source source, int count) {
    std::vector<AcceptSlots::Id> out;
    for (int i = 0; i < count; ++i)
        if (const auto got = slots.admit(source, kStart); got.admitted) out.push_back(*got.admitted);
    return out;
}

}  // namespace

TEST_CASE("anybody gets a place while one is free, and then the place of the oldest mute one") {
    auto slots = four_and_four();
    const auto first = admit(slots, Source::other, 4);
    REQUIRE(first.size() == 4);
    for (const auto oldest : first) {
        const auto got = slots.admit(Source::other, kStart);
        CHECK(got.admitted);
        CHECK(got.dropped == oldest);
        CHECK(slots.size() == 4);
    }
}

TEST_CASE("no number of unknown callers reaches the places that are kept") {
    auto slots = four_and_four();
    const auto known = admit(slots, Source::known, 4);
    for (int i = 0; i < 1000; ++i)
        if (const auto got = slots.admit(Source::other, kStart); got.dropped)
            CHECK(std::find(known.begin(), known.end(), *got.dropped) == known.end());
    CHECK(slots.size() == 8);
    auto flooded = four_and_four();
    (void)admit(flooded, Source::other, 1000);
    const auto got = flooded.admit(Source::known, kStart);
    CHECK(got.admitted);
    CHECK_FALSE(got.dropped);
}

TEST_CASE("a caller who has spoken is never dropped for a newer one") {
    auto slots = four_and_four();
    for (const auto id : admit(slots, Source::other, 3)) slots.note_client_hello(id);
    const auto mute = admit(slots, Source::other, 1).at(0);
    const auto got = slots.admit(Source::other, kStart);
    CHECK(got.dropped == mute);
    slots.note_client_hello(*got.admitted);
    // All have spoken: the newcomer is refused, whoever is known has its own half.
    const auto refused = slots.admit(Source::other, kStart);
    CHECK_FALSE(refused.admitted);
    CHECK_FALSE(refused.dropped);
    CHECK(slots.admit(Source::known, kStart).admitted);
}

TEST_CASE("a known caller competes for the other half when its own is full") {
    auto slots = four_and_four();
    const auto known = admit(slots, Source::known, 8);
    CHECK(slots.size() == 8);
    // Of its own half first, oldest first.
    CHECK(slots.admit(Source::known, kStart).dropped == known[0]);
    for (const auto id : known) slots.note_client_hello(id);
    const auto got = slots.admit(Source::known, kStart);  // the one that came for known[0]
    CHECK(got.admitted);
    CHECK(got.dropped);
    slots.note_client_hello(*got.admitted);
    CHECK_FALSE(slots.admit(Source::known, kStart).admitted);
}

TEST_CASE("time ends for the mute first, and for everybody in the end") {
    auto slots = four_and_four();
    const auto mute = *slots.admit(Source::other, kStart).admitted;
    const auto speaking = *slots.admit(Source::known, kStart + 1'000ms).admitted;
    slots.note_client_hello(speaking);
    CHECK(slots.overdue(kStart + 4'999ms).empty());
    CHECK(slots.overdue(kStart + 5'000ms) == std::vector{mute});
    CHECK(slots.overdue(kStart + 11'000ms) == std::vector{mute, speaking});
    slots.release(mute);
    slots.release(speaking);
    slots.release(999);
    slots.note_client_hello(999);
    CHECK(slots.size() == 0);
}

TEST_CASE("places that were released are free again, and numbers are not used twice") {
    auto slots = four_and_four();
    AcceptSlots::Id last = 0;
    for (int i = 0; i < 100; ++i) {
        const auto got = slots.admit(i % 2 ? Source::known : Source::other, kStart);
        REQUIRE(got.admitted);
        CHECK_FALSE(got.dropped);
        CHECK(*got.admitted > last);
        last = *got.admitted;
        slots.note_client_hello(last);
        slots.release(last);
    }
    CHECK(slots.size() == 0);
}
