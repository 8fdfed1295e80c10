/// Notices a wall clock that moved further than time passed: a block with such a time would hold up
/// every other user of the ledger until theirs reach it.
#pragma once

#include <c2d/watched_clock.hpp>

#include <filesystem>
#include <mutex>
#include <optional>
#include <string>

namespace c2d::ledger {

/// How much further than the machine's uptime its clock may move between two looks, in seconds.
inline constexpr std::uint64_t kClockJumpMax = 120;

/// What the clocks of a machine showed at one moment.
struct ClockLook {
    std::uint64_t wall = 0;
    Uptime up;
};

/// Thread-safe. Several processes may share the file.
class ClockWatch {
public:
    /// `file` keeps the last look between processes; empty: this one's looks only. `clock_ok`: the clock is right
    /// now, whatever the last look says.
    static Result<std::unique_ptr<ClockWatch>> open(std::shared_ptr<Clock> clock, std::filesystem::path file,
                                                    bool clock_ok);
    /// Fails with `unavailable` and the name `clock_jumped` unless the clock moved as time passed since the last
    /// look, or the machine says that it is synchronised. A clock that was set back is believed.
    Result<Unit> require_steady();

private:
    ClockWatch(std::shared_ptr<WatchedClock> clock, std::filesystem::path file)
        : clock_(std::move(clock)), file_(std::move(file)) {}
    /// Nothing when the clock cannot be watched.
    std::optional<ClockLook> look() const;
    std::optional<ClockLook> read() const;
    /// From now on time is measured from `look`.
    Result<Unit> take(const ClockLook& look, bool save);

    const std::shared_ptr<WatchedClock> clock_;
    const std::filesystem::path file_;
    std::mutex mutex_;
    std::optional<ClockLook> last_;
    /// Wall time of what the file holds.
    std::uint64_t saved_ = 0;
};

}  // namespace c2d::ledger
