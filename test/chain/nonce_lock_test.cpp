/// Processes that send with one key wait for each other.
#include "chain/nonce_lock.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <atomic>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace c2d;
using support::must;
using support::named_address;
using support::TempDir;

namespace {

constexpr std::chrono::milliseconds kLong{60'000}, kShort{30};
constexpr int kProcesses = 4, kTurnsEach = 50;

/// What the processes of a test share.
struct Seen {
    std::atomic<int> inside{0}, together{0}, turns{0};
};

pid_t in_process(const std::function<int()>& work) {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(work());
    return child;
}
int exit_code(pid_t child) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("of several processes one at a time has the turn") {
    const TempDir folder;
    void* memory = ::mmap(nullptr, sizeof(Seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    REQUIRE(memory != MAP_FAILED);
    auto& seen = *new (memory) Seen;
    std::vector<pid_t> children;
    for (int i = 0; i < kProcesses; ++i)
        children.push_back(in_process([&] {
            for (int turn = 0; turn < kTurnsEach; ++turn) {
                const auto held = NonceLock::take(folder.path.string(), 7, named_address("bank"), kLong);
                if (!held) return 1;
                if (++seen.inside != 1) ++seen.together;
                ::usleep(100);
                ++seen.turns;
                --seen.inside;
            }
            return 0;
        }));
    for (const pid_t child : children) CHECK(exit_code(child) == 0);
    CHECK(seen.turns == kProcesses * kTurnsEach);
    CHECK(seen.together == 0);
    ::munmap(memory, sizeof(Seen));
}

TEST_CASE("a turn that is not given up is waited for so long, and the account is named") {
    const TempDir folder;
    const auto held = NonceLock::take(folder.path.string(), 7, named_address("bank"), kLong);
    REQUIRE(held.ok());
    const auto second = NonceLock::take(folder.path.string(), 7, named_address("bank"), kShort);
    REQUIRE(second.status() == Status::UNAVAILABLE);
    CHECK(second.error().message.find(address_text(named_address("bank"))) != std::string::npos);
    // Other accounts and chains have turns of their own.
    CHECK(NonceLock::take(folder.path.string(), 7, named_address("solver"), kShort).ok());
    CHECK(NonceLock::take(folder.path.string(), 8, named_address("bank"), kShort).ok());
}

TEST_CASE("who dies with the turn loses it") {
    const TempDir folder;
    int ready[2];
    REQUIRE(::pipe(ready) == 0);
    const pid_t child = in_process([&] {
        const auto held = NonceLock::take(folder.path.string(), 7, named_address("bank"), kLong);
        if (!held || ::write(ready[1], "x", 1) != 1) return 1;
        ::pause();
        return 0;
    });
    char byte = 0;
    REQUIRE(::read(ready[0], &byte, 1) == 1);
    CHECK(NonceLock::take(folder.path.string(), 7, named_address("bank"), kShort).status() == Status::UNAVAILABLE);
    ::kill(child, SIGKILL);
    exit_code(child);
    CHECK(NonceLock::take(folder.path.string(), 7, named_address("bank"), kLong).ok());
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_CASE("the folder is made for its owner alone; where there can be none it is said") {
    const TempDir folder;
    const auto inner = (folder.path / "state" / "c2d").string();
    REQUIRE(NonceLock::take(inner, 7, named_address("bank"), kShort).ok());
    struct stat status {};
    REQUIRE(::stat(inner.c_str(), &status) == 0);
    CHECK((status.st_mode & 077) == 0);
    const auto nowhere = NonceLock::take("/proc/no such folder", 7, named_address("bank"), kShort);
    REQUIRE(nowhere.status() == Status::IO);
}
