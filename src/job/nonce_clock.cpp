#include "job/nonce_clock.hpp"

#include <ctime>

#include <algorithm>

namespace c2d {

std::int64_t boot_seconds() {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return now.tv_sec;
}

std::uint64_t NonceClock::at(std::uint64_t wall_seconds) {
    const Look now{std::int64_t(wall_seconds), steady_()};
    if (last_) {
        const auto wall = now.wall - last_->wall, steady = now.steady - last_->steady;
        const bool jumped = wall - steady > kJumpSeconds || steady - wall > kJumpSeconds;
        time_ += std::uint64_t(std::max<std::int64_t>(0, jumped ? steady : wall));
    }
    last_ = now;
    return time_;
}

}  // namespace c2d
