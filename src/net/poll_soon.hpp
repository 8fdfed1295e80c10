/// poll(2) that for a short time gives the processor away and looks again before it sleeps: an
/// answer that is on its way is there sooner than a sleeping thread is awake.
#pragma once

#include <chrono>
#include <poll.h>
#include <sched.h>
#include <span>

namespace c2d {

/// As poll(2), with up to `wait_ms` of sleep after `yield_for`.
inline int poll_soon(std::span<pollfd> entries, std::chrono::microseconds yield_for, int wait_ms) {
    const auto sleep_at = std::chrono::steady_clock::now() + yield_for;
    while (std::chrono::steady_clock::now() < sleep_at) {
        if (const int ready = ::poll(entries.data(), entries.size(), 0); ready != 0) return ready;
        ::sched_yield();
    }
    return ::poll(entries.data(), entries.size(), wait_ms);
}

}  // namespace c2d
