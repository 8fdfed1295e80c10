// Each hostile operator succeeds outside, or it would prove nothing, and is contained inside.
#include "base/file.hpp"
#include "sandbox/operators.hpp"
#include "sandbox/support.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace c2d;
using namespace c2d::test;

namespace {

/// A host with things worth stealing: files, ports, sockets, a descriptor, a variable.
class Victim {
public:
    Victim() {
        std::filesystem::permissions(scratch_.path(), std::filesystem::perms(0755));
        for (const char* folder : {"tmp", "outputs"})
            std::filesystem::create_directory(scratch_ / folder);
        write_text(scratch_ / "secret", "secret", 0644);
        write_text(scratch_ / "input", "secret", 0600);
        write_text(scratch_ / "inside", "secret", 0600);
        write_text(scratch_ / "code", "pass\n", 0644);
        descriptor_ = Fd(::open((scratch_ / "secret").c_str(), O_RDONLY));  // no O_CLOEXEC: a leak
        listen_tcp();
        abstract_ = fmt::format("c2d-hostile-{}", ::getpid());
        listen_unix(abstract_listener_, std::string(1, '\0') + abstract_);
        listen_unix(file_listener_, (scratch_ / "socket").string());
        ::setenv("C2D_TEST_SECRET", "secret", 1);
    }
    ~Victim() { ::unsetenv("C2D_TEST_SECRET"); }
    Victim(const Victim&) = delete;
    Victim& operator=(const Victim&) = delete;

    std::filesystem::path operator/(std::string_view name) const { return scratch_ / name; }

    /// Everything that an attacker needs to know, with the paths of outside or inside.
    std::string coordinates(bool inside) const {
        const auto path = [&](const char* out, const char* in) {
            return inside ? std::string(in) : (scratch_ / out).string();
        };
        char host[256] = {};
        ::gethostname(host, sizeof host - 1);
        return fmt::format(
            R"({{"secret":"{}","socket":"{}","input":"{}","code":"{}","outputs":"{}","tmp":"{}",)"
            R"("pid":{},"port":{},"abstract":"{}","descriptor":{},"host":"{}"}})",
            (scratch_ / "secret").string(), (scratch_ / "socket").string(),
            path("input", "/job/inputs/input"), path("code", "/job/code"),
            path("outputs", "/job/outputs"), path("tmp", "/tmp"), ::getpid(), port_, abstract_,
            descriptor_.get(), host);
    }

private:
    void listen_tcp() {
        tcp_listener_ = Fd(::socket(AF_INET, SOCK_STREAM, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        REQUIRE(::bind(tcp_listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(tcp_listener_.get(), 64) == 0);
        ::getsockname(tcp_listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
        port_ = ntohs(address.sin_port);
    }
    static void listen_unix(Fd& out, const std::string& name) {
        out = Fd(::socket(AF_UNIX, SOCK_STREAM, 0));
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        name.copy(address.sun_path, sizeof address.sun_path - 1);
        const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + name.size());
        REQUIRE(::bind(out.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
        REQUIRE(::listen(out.get(), 64) == 0);
    }

    Scratch scratch_;
    Fd descriptor_, tcp_listener_, abstract_listener_, file_listener_;
    int port_ = 0;
    std::string abstract_;
};

std::string program_of(const HostileOperator& attack) {
    std::string body = attack.body;
    for (std::size_t at = 0; (at = body.find('\n', at)) != std::string::npos; at += 5)
        body.insert(at + 1, "    ");
    return std::string(kHostilePrelude) + "try:\n    " + body +
           "\n    print('ESCAPED')\nexcept BaseException as error: print('contained:', "
           "repr(error))\n";
}

/// The same program as a child of the test, with everything a careless host passes on.
std::string run_outside(const HostileOperator& attack, const Victim& victim) {
    write_text(victim / "attack.py", program_of(attack));
    write_text(victim / "stdin", "secret");
    ::setenv("C2D_TEST_VICTIM", victim.coordinates(false).c_str(), 1);
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const std::string log = (victim / "log").string(), input = (victim / "stdin").string();
    posix_spawn_file_actions_addopen(&actions, 0, input.c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_adddup2(&actions, 1, 2);
    std::string name = "python3", bare = "-IS", file = (victim / "attack.py").string();
    char* arguments[] = {name.data(), bare.data(), file.data(), nullptr};
    pid_t pid = -1;
    REQUIRE(::posix_spawn(&pid, "/usr/bin/python3", &actions, nullptr, arguments, environ) == 0);
    posix_spawn_file_actions_destroy(&actions);
    ::waitpid(pid, nullptr, 0);
    return read_text(log);
}

std::string run_inside(const HostileOperator& attack, const Victim& victim) {
    auto job = python_job(program_of(attack));
    job.argv = {"python3", "-ISB", "/job/code"};  // starts in half the time
    job.inputs = {{"input", victim / "inside", -1}};
    job.environment = {{"C2D_TEST_VICTIM", victim.coordinates(true)}};
    job.limits.wall = std::chrono::seconds(20);
    const auto report = sandbox().run(job);
    if (!report) return "not started: " + report.error().message;
    return report->log.empty() ? report->detail : report->log;
}

/// All of them, four at a time: most of a short run is waiting for the kernel.
std::vector<std::string> run_all_inside(std::span<const HostileOperator> attacks,
                                        const Victim& victim) {
    std::vector<std::string> logs(attacks.size());
    std::atomic<std::size_t> next{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.emplace_back([&] {
            for (std::size_t at; (at = next++) < attacks.size();)
                logs[at] = run_inside(attacks[at], victim);
        });
    for (auto& thread : threads) thread.join();
    return logs;
}

bool escaped(const std::string& log) { return log.find("ESCAPED") != std::string::npos; }

}  // namespace

TEST_CASE("hostile operators do their harm outside and none inside") {
#ifndef __x86_64__
    MESSAGE("skipped: the operators name system calls by their x86-64 numbers");
    return;
#endif
    Victim victim;
    (void)sandbox();
    const auto attacks = hostile_operators();
    const auto logs = run_all_inside(attacks, victim);
    std::size_t proven = 0, unproven = 0;
    for (std::size_t i = 0; i < attacks.size(); ++i) {
        const auto& attack = attacks[i];
        const std::string outside = run_outside(attack, victim);
        const bool expected =
            attack.outside == HostileOperator::Outside::anybody ||
            (attack.outside == HostileOperator::Outside::root && running_as_root());
        if (expected)
            CHECK_MESSAGE(escaped(outside), std::string(attack.name) << ": outside: " << outside);
        (escaped(outside) ? proven : unproven)++;
        const std::string& inside = logs[i];
        CHECK_MESSAGE(inside.find("not started") == std::string::npos, inside);
        CHECK_MESSAGE(!escaped(inside), std::string(attack.name) << ": inside: " << inside);
        if (std::getenv("C2D_TEST_VERBOSE"))
            fmt::print("{}\n    outside: {}\n    inside: {}\n", attack.name, outside, inside);
        // Outside attacks on the input succeed by design; it starts afresh for each.
        write_text(victim / "input", "secret", 0600);
    }
    CHECK(read_text(victim / "inside") == "secret");
    CHECK(read_text(victim / "secret") == "secret");
    MESSAGE(proven << " attacks succeed outside, " << unproven
                   << " cannot be tried there by this user on this machine; none succeeds inside");
    CHECK(proven >= 40);
}
