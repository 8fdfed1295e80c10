// Nothing stays behind: not after many runs of every kind, one after the other and at once, not
// after the host is killed.
#include "base/file.hpp"
#include "sandbox/cgroup.hpp"
#include "sandbox/helper/system.h"
#include "sandbox/support.hpp"

#include <algorithm>
#include <cctype>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace c2d;
using namespace c2d::test;
namespace fs = std::filesystem;

namespace {

/// In the environment of every operator of this program, and of nobody else.
const std::string kMark = "C2D_LEAK_MARK=" + std::to_string(::getpid());

struct Footprint {
    std::size_t descriptors = 0, mounts = 0, cgroups = 0, children = 0, operators = 0, threads = 0, files = 0;
};

std::size_t count(const fs::path& folder, std::string_view prefix = "") {
    std::error_code ignored;
    std::size_t found = 0;
    for (const auto& entry : fs::directory_iterator(folder, ignored))
        found += entry.path().filename().string().starts_with(prefix);
    return found;
}

/// Processes below this one; others may run sandboxes of their own.
std::size_t children_of_this_process() {
    std::size_t found = 0;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored)) {
        if (!std::isdigit(entry.path().filename().string()[0])) continue;
        const std::string stat = read_text(entry.path() / "stat");
        const auto end = stat.rfind(')');
        if (end != std::string::npos && std::atoi(stat.c_str() + end + 4) == ::getpid()) ++found;
    }
    return found;
}

std::size_t count_cgroups() {
    const std::string self = read_text("/proc/self/cgroup"), mounts = read_text("/proc/self/mountinfo");
    const std::string own = "c2d-" + std::to_string(::getpid()) + "-";
    std::size_t found = 0;
    for (const char* controller : {"", "memory", "pids"})
        if (const auto place = sandbox::find_cgroup(controller, self, mounts)) found += count(place->directory, own);
    return found;
}

/// Operators wherever they hang in the tree of processes.
std::size_t living_operators() {
    std::size_t found = 0;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator("/proc", ignored))
        if (std::isdigit(entry.path().filename().string()[0]))
            found += read_text(entry.path() / "environ").find(kMark) != std::string::npos;
    return found;
}

/// The kernel lists a thread that was joined for a moment longer.
std::size_t threads_of_this_process() {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(200);
    std::size_t found = count("/proc/self/task");
    while (found > 1 && std::chrono::steady_clock::now() < until) {
        std::this_thread::yield();
        found = count("/proc/self/task");
    }
    return found;
}

Footprint footprint(const TempDir& scratch) {
    const std::string mounts = read_text("/proc/self/mountinfo");
    const auto files = fs::recursive_directory_iterator(scratch.path);
    return {count("/proc/self/fd"),
            std::size_t(std::count(mounts.begin(), mounts.end(), '\n')),
            count_cgroups(),
            children_of_this_process(),
            living_operators(),
            threads_of_this_process(),
            std::size_t(std::distance(begin(files), end(files)))};
}

void check_same(const Footprint& before, const Footprint& after) {
    CHECK(after.descriptors == before.descriptors);
    CHECK(after.mounts == before.mounts);
    CHECK(after.cgroups == before.cgroups);
    CHECK(after.children == before.children);
    CHECK(after.operators == 0);
    CHECK(after.threads == before.threads);
    CHECK(after.files == before.files);
}

/// One of each way to end. The outputs, where there are any, are taken away again.
void run_once(int kind, const TempDir& scratch) {
    auto job = python_job("open('/job/outputs/o', 'w').write('x')");
    const auto name = kMark.find('=');
    job.environment = {{kMark.substr(0, name), kMark.substr(name + 1)}};
    job.inputs = {{"input", scratch / "input", -1}};
    job.outputs = scratch / ("out" + std::to_string(kind));
    switch (kind % 7) {
        case 0: break;
        case 1: job.code = "import sys; sys.exit(3)"; break;
        case 2:
            job.code = "import time; time.sleep(60)";
            job.limits.wall = std::chrono::milliseconds(30);
            break;
        case 3: job.argv = {"no-such-program"}; break;
        case 4: job.inputs.push_back({"missing", "/no/such", -1}); break;
        case 5: job.code = "import os\nfor _ in range(5): os.fork()\nos.kill(os.getpid(), 9)"; break;
        default: {
            auto run = test::sandbox().start(job);
            if (run.ok()) (*run)->cancel();
            // Destroyed without wait; it may have been faster than that.
        }
    }
    if (kind % 7 != 6) (void)test::sandbox().run(job);
    std::error_code ignored;
    fs::remove_all(job.outputs, ignored);
}

/// True when nobody holds the other end any more, waiting up to ten seconds for it.
bool everybody_gone(int fd) {
    char buffer[4096];
    for (;;) {
        pollfd polled{fd, POLLIN, 0};
        if (::poll(&polled, 1, 10'000) != 1) return false;
        const auto got = ::read(fd, buffer, sizeof buffer);
        if (got <= 0) return true;
    }
}

bool full_counts() { return std::getenv("C2D_FULL") != nullptr; }

constexpr const char* kStubborn = R"(
import os, signal, time
for number in range(1, 65):
    try: signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError): pass
for _ in range(3): os.fork()
os.setsid() if os.getpid() != os.getsid(0) else None
os.write(3, b'up')
while True: time.sleep(1)
)";

/// A host process that starts a stubborn operator and then only waits; returns its pid.
pid_t start_host(int peer) {
    const pid_t host = ::fork();
    if (host != 0) return host;
    auto job = python_job(kStubborn);
    job.peer_fd = peer;
    auto run = test::sandbox().start(job);
    ::close(peer);
    if (run.ok()) (void)(*run)->wait();
    ::_exit(0);
}

}  // namespace

TEST_CASE("run after run leaves descriptors, processes, mounts, cgroups, threads and files alone") {
    TempDir scratch;
    write_text(scratch / "input", "data", 0600);
    for (int kind = 0; kind < 7; ++kind) run_once(kind, scratch);  // what is made once is made
    const Footprint before = footprint(scratch);
    const int runs = full_counts() ? 1000 : 50;
    for (int kind = 0; kind < runs; ++kind) run_once(kind, scratch);
    check_same(before, footprint(scratch));
}

TEST_CASE("runs at once leave nothing either") {
    TempDir scratch;
    write_text(scratch / "input", "data", 0600);
    run_once(0, scratch);
    const Footprint before = footprint(scratch);
    const int runs = full_counts() ? 200 : 21;
    std::vector<std::thread> threads;
    for (int kind = 0; kind < runs; ++kind) threads.emplace_back([kind, &scratch] { run_once(kind, scratch); });
    for (auto& thread : threads) thread.join();
    check_same(before, footprint(scratch));
}

TEST_CASE("a killed host takes the operator with it") {
    (void)test::sandbox();
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const pid_t host = start_host(ends[1]);
    ::close(ends[1]);
    char up[2];
    REQUIRE(::read(ends[0], up, sizeof up) > 0);
    ::kill(host, SIGKILL);
    ::waitpid(host, nullptr, 0);
    CHECK(everybody_gone(ends[0]));
    ::close(ends[0]);
}

TEST_CASE("a host killed at any moment of the start leaves nobody") {
    (void)test::sandbox();
    const int steps = full_counts() ? 200 : 24;
    for (int step = 0; step < steps; ++step) {
        int ends[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
        const pid_t host = start_host(ends[1]);
        ::close(ends[1]);
        // Not a wait for something: the moment of the blow is what varies.
        std::this_thread::sleep_for(std::chrono::microseconds(6000 * step / steps));
        ::kill(host, SIGKILL);
        ::waitpid(host, nullptr, 0);
        CHECK(everybody_gone(ends[0]));
        ::close(ends[0]);
    }
}

TEST_CASE("cgroups of a killed host are swept by the next one") {
    (void)Sandbox::open({.helper = helper_path(), .logger = nullptr, .cgroup = {}});
    const std::string self = read_text("/proc/self/cgroup"), mounts = read_text("/proc/self/mountinfo");
    const auto place = sandbox::find_cgroup("memory", self, mounts);
    const auto abandoned = [&] { return place ? count(place->directory, "c2d-") : 0; };
    // Groups of other living tests stay; those of the killed hosts above are gone.
    const std::size_t living = abandoned();
    int ends[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
    const pid_t host = start_host(ends[1]);
    ::close(ends[1]);
    char up[2];
    REQUIRE(::read(ends[0], up, sizeof up) > 0);
    ::kill(host, SIGKILL);
    ::waitpid(host, nullptr, 0);
    CHECK(everybody_gone(ends[0]));
    ::close(ends[0]);
    // The operator's descriptors close before the kernel takes the last process off the group, and
    // v1 tells nobody when that is done; a group still busy is left to the next sweep.
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    do (void)Sandbox::open({.helper = helper_path(), .logger = nullptr, .cgroup = {}});
    while (abandoned() > living && std::chrono::steady_clock::now() < deadline);
    CHECK(abandoned() <= living);
}

TEST_CASE("a process is born in a v2 cgroup, and ends by its cgroup.kill") {
    // The step alone, since the controllers of many machines stand in v1 hierarchies.
    const auto place = sandbox::find_cgroup("", read_text("/proc/self/cgroup"), read_text("/proc/self/mountinfo"));
    const auto group = place ? place->directory / ("c2d-test-" + std::to_string(::getpid())) : "";
    if (!place || ::mkdir(group.c_str(), 0755) != 0) {
        MESSAGE("skipped: no writable v2 cgroup here");
        return;
    }
    const Fd directory(::open(group.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    const pid_t child = sys_clone_into_cgroup(directory.get());
    if (child == 0)
        for (;;) ::pause();
    CHECK(child > 0);
    if (child > 0) {
        CHECK(read_text(group / "cgroup.procs") == std::to_string(child) + "\n");
        write_text(group / "cgroup.kill", "1");
        int status = 0;
        CHECK(::waitpid(child, &status, 0) == child);
        CHECK(WTERMSIG(status) == SIGKILL);
    }
    CHECK(::rmdir(group.c_str()) == 0);
}
