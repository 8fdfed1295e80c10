/// Waiting for what other threads do, without a guess of how long they take.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <thread>

namespace c2d::test {

/// Looks again and again until `holds()`; ends the test after a minute.
template <class Condition>
void wait_until(const char* what, const Condition& holds) {
    using namespace std::chrono_literals;
    const auto deadline = std::chrono::steady_clock::now() + 60s;
    while (!holds()) {
        REQUIRE_MESSAGE(std::chrono::steady_clock::now() < deadline, "waited in vain: " << what);
        std::this_thread::sleep_for(20ms);
    }
}

}  // namespace c2d::test
