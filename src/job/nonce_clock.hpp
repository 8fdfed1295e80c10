/// The time by which nonces are kept. It follows the wall clock, whose seconds are those of expiries, but not
/// its jumps: set ahead by a day, it would forget every nonce at once, and set back, requests that are still
/// good would be taken again.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>

namespace c2d {

/// Seconds of a clock that nobody sets, and that goes on while the machine sleeps.
using SteadySeconds = std::function<std::int64_t()>;
/// CLOCK_BOOTTIME.
std::int64_t boot_seconds();

/// For one thread at a time.
class NonceClock {
public:
    /// A wall clock that moved so much more or less than the steady one has jumped.
    static constexpr std::int64_t kJumpSeconds = 120;

    NonceClock() : NonceClock(0, boot_seconds) {}
    /// Goes on from `start`.
    NonceClock(std::uint64_t start, SteadySeconds steady) : time_(start), steady_(std::move(steady)) {}

    /// The time now; never less than before.
    std::uint64_t at(std::uint64_t wall_seconds);

private:
    struct Look {
        std::int64_t wall, steady;
    };

    std::uint64_t time_;
    SteadySeconds steady_;
    std::optional<Look> last_;
};

}  // namespace c2d
