/// Programs that are told to end.
#include "tools/end_signals.hpp"

#include <doctest/doctest.h>

#include <cstdio>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace c2d;

namespace {

/// Its standard error is a pipe that is full, in which a thread stands.
[[noreturn]] void be_told_to_end_while_nobody_reads() {
    int ends[2];
    if (::pipe(ends) != 0 || ::dup2(ends[1], STDERR_FILENO) < 0) std::_Exit(2);
    const tools::EndInTime end(std::chrono::seconds(1));
    std::thread([] {
        const std::string much(std::size_t(1) << 20, 'x');
        (void)!std::fwrite(much.data(), 1, much.size(), stderr);
    }).detach();
    pollfd polled{STDERR_FILENO, POLLOUT, 0};
    while (::poll(&polled, 1, 0) != 0) std::this_thread::yield();
    (void)::kill(::getpid(), SIGTERM);
    std::this_thread::sleep_for(std::chrono::seconds(60));
    std::_Exit(3);
}

/// -1: it had to be killed.
int exit_code_within(pid_t child, std::chrono::seconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    for (int ended = 0; std::chrono::steady_clock::now() < until;) {
        if (::waitpid(child, &ended, WNOHANG) == child) return WIFEXITED(ended) ? WEXITSTATUS(ended) : -2;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    (void)::kill(child, SIGKILL);
    (void)::waitpid(child, nullptr, 0);
    return -1;
}

}  // namespace

TEST_CASE("a program whose messages nobody reads ends in time all the same") {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) be_told_to_end_while_nobody_reads();
    CHECK(exit_code_within(child, std::chrono::seconds(20)) == 1);
}
