#include "tools/cli/live_log.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <future>

using namespace c2d::cli;

namespace {

/// What was shown, which can be made to wait.
struct Shown {
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> lines;

    LiveLog::Show show() {
        return [this](const std::string& line) {
            const std::lock_guard lock(mutex);
            lines.push_back(line);
            changed.notify_all();
        };
    }
    bool wait_for(std::size_t count) {
        std::unique_lock lock(mutex);
        return changed.wait_for(lock, std::chrono::seconds(60), [&] { return lines.size() >= count; });
    }
};

}  // namespace

TEST_CASE("live log: whole lines, as they come, behind who wrote them") {
    Shown shown;
    LiveLog live(2, 1000, shown.show());
    live.take(0, "one\ntw");
    live.take(1, "of another\n");
    REQUIRE(shown.wait_for(2));
    live.take(0, "o\n\nlast");
    live.finish();
    const std::vector<std::string> expected = {"party 0 | one\n", "party 1 | of another\n", "party 0 | two\n",
                                               "party 0 | \n", "party 0 | last\n"};
    CHECK(shown.lines == expected);
    CHECK(live.left_out(0) == 0);
    CHECK(live.left_out(1) == 0);
}

TEST_CASE("live log: nothing of a line drives the terminal") {
    Shown shown;
    LiveLog live(1, 1000, shown.show());
    live.take(0, "\x1b[2J\xff\n");
    live.finish();
    REQUIRE(shown.lines.size() == 1);
    CHECK(shown.lines[0] == "party 0 | \\x1b[2J\\xff\n");
}

TEST_CASE("live log: a party's bytes and a line's are bounded, and what is not shown is counted") {
    Shown shown;
    LiveLog live(2, 10'000, shown.show());
    live.take(0, std::string(5000, 'x'));
    live.take(0, std::string(5'000'000, 'x') + "\nshort\n");
    for (int i = 0; i < 2000; ++i) live.take(0, "123456789\n");
    live.take(1, "still here\n");
    live.finish();
    CHECK(shown.lines.front() == "party 0 | " + std::string(kLiveLineMax, 'x') + "...\n");
    CHECK(shown.lines[1] == "party 0 | short\n");
    CHECK(shown.lines.back() == "party 1 | still here\n");
    std::size_t bytes = 0;
    for (const auto& line : shown.lines) bytes += line.size();
    CHECK(bytes < 20'000);
    CHECK(live.left_out(0) > 1400);
    CHECK(live.left_out(1) == 0);
}

TEST_CASE("live log: a terminal that stands still holds nobody up, and what waits for it is bounded") {
    std::promise<void> go;
    const auto gone = go.get_future().share();
    std::atomic<std::size_t> shown_bytes = 0;
    LiveLog live(1, std::uint64_t(1) << 40, [&, gone](const std::string& line) {
        gone.wait();
        shown_bytes += line.size();
    });
    const std::string line(1000, 'x');
    for (int i = 0; i < 3000; ++i) live.take(0, line + "\n");
    go.set_value();
    live.finish();
    CHECK(shown_bytes > kLiveWaitingMax / 2);
    CHECK(shown_bytes <= kLiveWaitingMax + 2 * line.size());
    CHECK(live.left_out(0) > 1900);
}
