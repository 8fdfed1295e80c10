/// Writers are killed at random points while others write: nothing that was answered is lost.
#include "support/ledger.hpp"
#include "support/temp_dir.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <random>

using namespace c2d;
using support::Ledger;
using support::must;
using support::TempDir;

namespace {

constexpr int kWriters = 4;
/// A busy machine is slow, but not that slow.
constexpr int kAnswerMsMax = 120'000;

/// What a writer says after each receipt; shorter than PIPE_BUF, so that it arrives whole.
struct Answer {
    std::uint64_t task = 0;
    char name[40] = {};
};

[[noreturn]] void write_for_ever(const ChainOptions& options, int writer, int life, int pipe) {
    const auto key = PrivateKey::from_bytes(keccak256("key of writer " + std::to_string(writer)));
    auto chain = Chain::open(options);
    if (!key || !chain) ::_exit(2);
    for (int i = 0;; ++i) {
        Answer answer;
        const auto name = std::to_string(writer) + "/" + std::to_string(life) + "/" + std::to_string(i);
        const auto task = chain->create_task(**key, name, "");
        if (!task) ::_exit(3);
        answer.task = *task;
        name.copy(answer.name, sizeof answer.name - 1);
        if (::write(pipe, &answer, sizeof answer) != sizeof answer) ::_exit(4);
    }
}

/// Four writers on one ledger file, and what they answered.
class Writers {
public:
    explicit Writers(const TempDir& folder) : folder_(folder) {
        Ledger ledger((folder / "ledger").string());
        for (int i = 0; i < kWriters; ++i) ledger.organisation("writer " + std::to_string(i));
        options_ = ledger.options;
        REQUIRE(::pipe2(pipe_, O_CLOEXEC) == 0);
    }
    ~Writers() {
        for (std::size_t i = 0; i < kWriters; ++i) end(i);
        ::close(pipe_[0]);
        ::close(pipe_[1]);
    }

    /// No connection of this process may be open: SQLite does not bear forks.
    void start(std::size_t i) {
        const int life = ++lives_;
        const pid_t child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) write_for_ever(options_of(int(i)), int(i), life, pipe_[1]);
        pids_[i] = child;
    }
    /// Killed, not ended: it must have been alive.
    void kill(std::size_t i) {
        ::kill(pids_[i], SIGKILL);
        int status = 0;
        REQUIRE(::waitpid(pids_[i], &status, 0) == pids_[i]);
        pids_[i] = 0;
        CHECK_MESSAGE(WIFSIGNALED(status), "writer " << i << " ended by itself with " << WEXITSTATUS(status));
    }
    void await_answers(std::size_t count) {
        for (std::size_t seen = 0; seen < count; ++seen) REQUIRE(read_answer(kAnswerMsMax));
    }
    void read_rest() {
        while (read_answer(0)) {
        }
    }
    /// The first two share what they replayed, as one user's programs do.
    ChainOptions options_of(int i) const {
        auto options = options_;
        options.trust_dir = (folder_ / ("trust " + std::to_string(std::max(i, 1)))).string();
        return options;
    }
    const std::vector<Answer>& answers() const { return answers_; }

private:
    void end(std::size_t i) {
        if (pids_[i] == 0) return;
        ::kill(pids_[i], SIGKILL);
        ::waitpid(pids_[i], nullptr, 0);
    }
    bool read_answer(int wait_ms) {
        pollfd ready{pipe_[0], POLLIN, 0};
        if (::poll(&ready, 1, wait_ms) != 1) return false;
        Answer answer;
        REQUIRE(::read(pipe_[0], &answer, sizeof answer) == sizeof answer);
        answers_.push_back(answer);
        return true;
    }

    const TempDir& folder_;
    ChainOptions options_;
    int pipe_[2] = {-1, -1};
    pid_t pids_[kWriters] = {};
    int lives_ = 0;
    std::vector<Answer> answers_;
};

/// Kills four writers at random points, one after the other while the rest go on, then looks at
/// what they left. Returns how many answers were checked.
std::size_t kill_all(Writers& writers, std::mt19937& random) {
    std::array<std::size_t, kWriters> order{0, 1, 2, 3};
    std::ranges::shuffle(order, random);
    for (std::size_t i = 0; i < kWriters; ++i) writers.start(i);
    for (const auto victim : order) {
        writers.await_answers(1 + random() % 6);
        // Somewhere inside the next transaction, not always right behind an answer.
        ::usleep(useconds_t(random() % 1500));
        writers.kill(victim);
    }
    writers.read_rest();
    // With the memory of one of the killed: it may not be ahead of the ledger either.
    const auto chain = Chain::open(writers.options_of(int(order[0])));
    REQUIRE_MESSAGE(chain.ok(), chain.error().message);
    const auto verified = chain->verify();
    REQUIRE_MESSAGE(verified.ok(), verified.error().message);
    for (const auto& answer : writers.answers()) CHECK(must(chain->task(answer.task)).name == answer.name);
    return writers.answers().size();
}

}  // namespace

TEST_CASE("writers killed at random points lose nothing that they answered") {
    const int ledgers = std::getenv("C2D_FULL") ? 7 : 1;
    constexpr int kRounds = 20;
    std::mt19937 random(17);
    std::size_t answered = 0;
    for (int i = 0; i < ledgers; ++i) {
        TempDir folder;
        Writers writers(folder);
        std::size_t here = 0;
        for (int round = 0; round < kRounds; ++round) {
            CAPTURE(round);
            here = kill_all(writers, random);
        }
        answered += here;
    }
    MESSAGE((ledgers * kRounds * kWriters), " kills, ", answered, " answered transactions, none lost");
}
