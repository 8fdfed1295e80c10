/// How fast a solver asks, whatever providers answer.
#include "client/wait_pace.hpp"

#include <doctest/doctest.h>

#include <numeric>
#include <string>
#include <vector>

using namespace c2d::client;
using namespace std::chrono_literals;

namespace {

/// The pauses after answers that came at once.
std::vector<std::chrono::milliseconds> pauses_after(const std::vector<std::string>& states) {
    WaitPace pace;
    std::vector<std::chrono::milliseconds> out;
    for (const auto& state : states) out.push_back(pace.after(0, state, 0ms));
    return out;
}

}  // namespace

TEST_CASE("a part that goes on is asked about again at once, and one that does not in growing pauses") {
    CHECK(pauses_after({"waiting", "queued", "running", "running", "running"}) ==
          std::vector{0ms, 0ms, 0ms, 500ms, 1000ms});
    WaitPace pace;
    CHECK(pace.after(0, "running", 0ms) == 0ms);
    CHECK(pace.after(0, "running", 0ms) == 500ms);
    CHECK(pace.after(0, "running", 30s) == 0ms);  // waited for there
    CHECK(pace.after(0, "running", 0ms) == 1000ms);
    CHECK(pace.after(1, "queued", 0ms) == 0ms);  // another part
    CHECK(pace.after(1, "queued", 0ms) == 500ms);
}

TEST_CASE("whatever a provider answers at once, the pauses grow") {
    const std::vector<std::vector<std::string>> kRounds = {{"queued", "running"},
                                                           {"none of ours", "queued"},
                                                           {"", "running"},
                                                           {"waiting", "queued", "preparing", "running"}};
    for (const auto& round : kRounds) {
        std::vector<std::string> answers;
        while (answers.size() < 40) answers.insert(answers.end(), round.begin(), round.end());
        const auto pauses = pauses_after(answers);
        CHECK(std::accumulate(pauses.begin(), pauses.end(), 0ms) > 4min);
        CHECK(pauses.back() == 10s);
    }
}

TEST_CASE("a provider may be silent for a while") {
    Silence silence;
    const Silence::Time begin{};
    CHECK(silence.tolerate(begin + 1h));
    CHECK(silence.tolerate(begin + 1h + Silence::kTolerated - 1s));
    CHECK(!silence.tolerate(begin + 1h + Silence::kTolerated));
    silence.reset();
    CHECK(silence.tolerate(begin + 2h));
}
