/// Wires between three parties as slow as those between cities: a latency each way and a bandwidth per
/// sender, by a process that passes bytes on late (kernels without netem have nothing better).
#pragma once

#include "base/file.hpp"

#include <c2d/result.hpp>

#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace c2d::bench {

struct WireSpeed {
    double latency_seconds = 0.020;
    /// Of all that one party sends, to both others together: 100 Mbit/s.
    double bytes_per_second = 100e6 / 8;
};

/// Not thread-safe; `start` forks, so call it from one thread. The destructor ends the process.
class SlowWires {
public:
    explicit SlowWires(WireSpeed speed) : speed_(speed) {}
    ~SlowWires();
    SlowWires(const SlowWires&) = delete;
    SlowWires& operator=(const SlowWires&) = delete;

    /// What party `from` dials instead of `port` of party `to` on loopback.
    Result<std::uint16_t> route(unsigned from, unsigned to, std::uint16_t port);
    Result<Unit> start();

private:
    struct Route {
        Fd listener;
        unsigned from = 0, to = 0;
        std::uint16_t port = 0;
    };
    WireSpeed speed_;
    std::vector<Route> routes_;
    pid_t process_ = -1;
};

}  // namespace c2d::bench
