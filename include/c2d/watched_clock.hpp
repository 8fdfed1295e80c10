/// A clock whose jumps can be noticed: it also tells how long its machine has been up.
#pragma once

#include <c2d/environment.hpp>

#include <optional>
#include <string>

namespace c2d {

/// How long a machine has been up, time in suspension included (Linux: CLOCK_BOOTTIME).
struct Uptime {
    /// Which start of the machine it counts from; two uptimes compare only when these are equal.
    std::string boot;
    std::uint64_t seconds = 0;
};

/// What `Clock::system` is. A ledger file is not written to with such a clock after it moved further
/// than time passed (`ChainOptions::clock_ok`); any other `Clock` is believed as it is.
class WatchedClock : public Clock {
public:
    /// Nothing: it cannot be told now.
    virtual std::optional<Uptime> uptime() = 0;
    /// Whether the machine says that a time source (NTP, PTP) keeps `now_seconds`; then it may jump.
    virtual bool synchronised() = 0;
};

}  // namespace c2d
