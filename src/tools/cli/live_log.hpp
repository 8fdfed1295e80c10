/// What the parties of a try-out write, shown while they run: whole lines, each behind who wrote it.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace c2d::cli {

/// Bytes of one line that are shown, and of all lines that wait for a slow terminal.
inline constexpr std::size_t kLiveLineMax = 4096;
inline constexpr std::size_t kLiveWaitingMax = std::size_t(1) << 20;

/// Shows lines on a thread of its own, so that a terminal that stands still holds nobody up. Thread-safe.
class LiveLog {
public:
    using Show = std::function<void(const std::string& line)>;

    /// `bytes_max` are shown of each party; the rest is counted. `show` takes lines with their ends.
    LiveLog(std::size_t parties, std::uint64_t bytes_max, Show show);
    ~LiveLog() { finish(); }
    LiveLog(const LiveLog&) = delete;
    LiveLog& operator=(const LiveLog&) = delete;

    /// Raw bytes as they come, in pieces of any length. Returns at once.
    void take(unsigned party, std::string_view bytes);
    /// Shows what is left, the last lines without an end too, and waits for that.
    void finish();
    /// After `finish`: lines, and parts of lines, that were not shown.
    std::uint64_t left_out(unsigned party) const { return parties_[party].left_out; }

private:
    struct Party {
        std::string line;
        bool cut = false;
        std::uint64_t shown_bytes = 0, left_out = 0;
    };

    void end_line(unsigned party);
    void show_waiting();

    const std::uint64_t bytes_max_;
    const Show show_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<Party> parties_;
    std::deque<std::string> waiting_;
    std::size_t waiting_bytes_ = 0;
    bool ending_ = false;
    std::thread thread_;
};

/// "party 1 | text": what an operator writes does not speak to the terminal.
std::string labelled_line(unsigned party, std::string_view line);

}  // namespace c2d::cli
