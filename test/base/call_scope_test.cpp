#include "base/call_scope.hpp"

#include <doctest/doctest.h>

using namespace c2d;
using std::chrono::milliseconds;

TEST_CASE(
    "what is left of a time that has run out already is nothing, in a scope that has an end as in one that has none") {
    // A wait for a lock asks so when it was woken a little late.
    CHECK(CallScope::time_left(milliseconds(0)) == milliseconds(0));
    for (const auto deadline : {CallScope::kNever, std::chrono::steady_clock::now() + std::chrono::hours(1)}) {
        const CallScope scope(deadline, nullptr);
        CHECK(CallScope::time_left(milliseconds(-1)) <= milliseconds(0));
        CHECK(CallScope::time_left(milliseconds(50)) == milliseconds(50));
    }
    const CallScope over(std::chrono::steady_clock::now(), nullptr);
    CHECK(CallScope::time_left(milliseconds(50)) == milliseconds(0));
    CHECK(CallScope::time_left(milliseconds(-1)) == milliseconds(0));
}
