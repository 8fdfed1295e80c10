// Two runs that want to talk: outside each pair does, or it would prove nothing; in two sandboxes
// at the same time it does not, save where docs/sandbox.md says that it stays possible.
#include "sandbox/pairs.hpp"
#include "sandbox/victim.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string>
#include <sys/socket.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace c2d;
using namespace c2d::test;

namespace {

/// One end for the test, one that becomes descriptor 3 of the operator.
struct Orders {
    Fd test, run;
    Orders() {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        test = Fd(ends[0]);
        run = Fd(ends[1]);
    }
    /// What the operator answers to the order; '!' when it gave up, or ended.
    char ask(char order) const {
        char answer = '!';
        if (::send(test.get(), &order, 1, MSG_NOSIGNAL) != 1) return '!';
        pollfd polled{test.get(), POLLIN, 0};
        if (::poll(&polled, 1, 20'000) != 1) return '!';
        return ::read(test.get(), &answer, 1) == 1 ? answer : '!';
    }
};

/// True when the second learns all of what only the first is told.
bool secret_passes(const Orders& told, const Orders& hearing) {
    constexpr std::string_view kSecret = "0110100111";
    for (const char bit : kSecret)
        if (told.ask(bit) != '+' || hearing.ask('?') != bit) return false;
    return true;
}

std::string program_of(const HostilePair& pair) {
    std::string body = pair.body;
    for (std::size_t at = 0; (at = body.find('\n', at)) != std::string::npos; at += 5) body.insert(at + 1, "    ");
    return std::string(kHostilePrelude) + kPairPrelude + "try:\n" + body + kPairLoop;
}

pid_t start_outside(const HostilePair& pair, const Victim& victim, const char* name, const Orders& orders) {
    const std::string program = (victim / name).string();
    write_text(program, program_of(pair));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 1, (program + ".log").c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, orders.run.get(), 3);
    const char* arguments[] = {"python3", "-IS", program.c_str(), nullptr};
    pid_t pid = -1;
    REQUIRE(::posix_spawn(&pid, "/usr/bin/python3", &actions, nullptr, const_cast<char**>(arguments), environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

bool passes_outside(const HostilePair& pair, const Victim& victim) {
    Orders told, hearing;
    ::setenv("C2D_TEST_VICTIM", victim.coordinates(false).c_str(), 1);
    const pid_t first = start_outside(pair, victim, "told.py", told);
    const pid_t second = start_outside(pair, victim, "hearing.py", hearing);
    told.run.reset();
    hearing.run.reset();
    const bool passed = secret_passes(told, hearing);
    told.test.reset();
    hearing.test.reset();
    for (const pid_t pid : {first, second}) ::waitpid(pid, nullptr, 0);
    return passed;
}

struct Attempt {
    bool passed = false;
    std::string logs;
};

Attempt try_inside(const HostilePair& pair, const Victim& victim) {
    Orders orders[2];
    std::string logs[2];
    std::vector<std::thread> runs;
    for (int i = 0; i < 2; ++i)
        runs.emplace_back([&, i] {
            auto job = inside_job({pair.name, pair.outside, ""}, victim);
            job.code = program_of(pair);
            job.peer_fd = orders[i].run.get();
            job.limits.memory_bytes = 512u << 20;
            job.limits.open_files = 256;
            logs[i] = log_of(sandbox().run(job));
            orders[i].run.reset();
        });
    Attempt out;
    out.passed = secret_passes(orders[0], orders[1]);
    for (const auto& each : orders) ::shutdown(each.test.get(), SHUT_RDWR);
    for (auto& run : runs) run.join();
    out.logs = logs[0] + " / " + logs[1];
    return out;
}

bool stays(const HostilePair& pair) {
    return pair.stays == HostilePair::Stays::for_all ||
           (pair.stays == HostilePair::Stays::for_a_user && !running_as_root());
}

}  // namespace

TEST_CASE("two runs at the same time cannot tell each other what one of them was told") {
#ifndef __x86_64__
    MESSAGE("skipped: the operators name system calls by their x86-64 numbers");
    return;
#endif
    Victim victim;
    (void)sandbox();
    std::vector<std::string> drowned;
    for (const auto& pair : hostile_pairs()) {
        CAPTURE(std::string(pair.name));
        const bool outside = passes_outside(pair, victim);
        if (pair.outside == HostileOperator::Outside::anybody && !outside) drowned.push_back(pair.name);
        const auto inside = try_inside(pair, victim);
        CHECK_MESSAGE(inside.logs.find("not started") == std::string::npos, inside.logs);
        if (!stays(pair)) CHECK_MESSAGE(!inside.passed, "the secret was told");
        if (std::getenv("C2D_TEST_VERBOSE"))
            fmt::print("{}: outside {}, inside {}\n    {}\n", pair.name, outside, inside.passed, inside.logs);
    }
    // What other programs of the machine do at that moment may drown a channel, outside as well.
    CHECK_MESSAGE(drowned.size() <= 2, fmt::format("did not pass outside: {}", fmt::join(drowned, ", ")));
}
