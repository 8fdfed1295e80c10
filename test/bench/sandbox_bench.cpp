// c2d-bench sandbox: from start to exit, beside bubblewrap and a bare spawn.

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "bench/bench.hpp"

#include <c2d/sandbox.hpp>

#include <algorithm>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace c2d::bench {

namespace {

using Command = std::vector<std::string>;
// The first three fill caches.
constexpr Plan kTruePlan{.turns = 7, .repeats = 21, .warm_up = 3};
constexpr Plan kPythonPlan{.turns = 7, .repeats = 15, .warm_up = 3};
constexpr Plan kHostPlan{.turns = 7, .repeats = 11, .warm_up = 3};
constexpr std::size_t kLargeHostBytes = std::size_t(4) << 30;
constexpr const char* kPath = "PATH=/usr/local/bin:/usr/bin:/bin";

Command bubblewrap(const Command& command) {
    Command out = {"bwrap", "--unshare-all", "--cap-drop", "ALL",   "--new-session", "--clearenv", "--ro-bind", "/",
                   "/",     "--proc",        "/proc",      "--dev", "/dev",          "--tmpfs",    "/tmp"};
    out.insert(out.end(), command.begin(), command.end());
    return out;
}

Result<double> spawn(const Command& command) {
    std::vector<char*> arguments;
    for (const auto& part : command) arguments.push_back(const_cast<char*>(part.c_str()));
    arguments.push_back(nullptr);
    char* environment[] = {const_cast<char*>(kPath), nullptr};
    int error = 0, status = 0;
    const double spent = seconds([&] {
        pid_t pid = -1;
        error = ::posix_spawnp(&pid, arguments[0], nullptr, nullptr, arguments.data(), environment);
        while (error == 0 && ::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        }
    });
    if (error != 0) return fail(Status::NOT_FOUND, "cannot start {}: {}", command[0], errno_text(error));
    if (status != 0) return fail(Status::IO, "{} ended with wait status {}", command[0], status);
    return spent * 1000;
}

Result<double> run_in(const Sandbox& sandbox, const Command& command) {
    SandboxJob job;
    job.argv = command;
    job.limits.memory_bytes = 1u << 30;
    Result<Report> report = Report{};
    const double spent = seconds([&] { report = sandbox.run(job); });
    if (!report) return report.error();
    if (!report->succeeded()) return fail(Status::IO, "{} in the sandbox: {}", command[0], report->detail);
    return spent * 1000;
}

/// A host process of its own, which holds some memory and starts a sandbox when it is told to.
class Host {
public:
    /// Forks: to be called while this process has one thread.
    static Result<Host> start(std::size_t bytes_resident) {
        int ask[2], tell[2];
        if (::pipe2(ask, O_CLOEXEC) != 0 || ::pipe2(tell, O_CLOEXEC) != 0)
            return fail(Status::IO, "cannot make a pipe: {}", errno_text(errno));
        Host out;
        out.pid_ = ::fork();
        Fd ask_read(ask[0]), tell_write(tell[1]);
        out.ask_ = Fd(ask[1]);
        out.tell_ = Fd(tell[0]);
        if (out.pid_ < 0) return fail(Status::IO, "cannot fork: {}", errno_text(errno));
        if (out.pid_ == 0) {
            out.ask_.reset();
            serve(ask_read.get(), tell_write.get(), bytes_resident);
        }
        return out;
    }
    Host(Host&& other) noexcept
        : pid_(std::exchange(other.pid_, -1)), ask_(std::move(other.ask_)), tell_(std::move(other.tell_)) {}
    Host& operator=(Host&&) = delete;
    ~Host() {
        ask_.reset();
        if (pid_ > 0) ::waitpid(pid_, nullptr, 0);
    }

    Result<double> measure_once() const {
        double answer = 0;
        if (::write(ask_.get(), "", 1) != 1 || ::read(tell_.get(), &answer, sizeof answer) != sizeof answer)
            return fail(Status::IO, "the host process ended: not {} bytes of free memory, or no sandbox",
                        kLargeHostBytes);
        return answer;
    }

private:
    Host() = default;

    [[noreturn]] static void serve(int ask, int tell, std::size_t bytes) {
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        const int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE;
        if (bytes && ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, -1, 0) == MAP_FAILED) ::_exit(1);
        const auto sandbox = Sandbox::open();
        char byte;
        while (sandbox && ::read(ask, &byte, 1) == 1) {
            const auto time = run_in(*sandbox, {"/bin/true"});
            if (!time || ::write(tell, &*time, sizeof *time) != sizeof *time) break;
        }
        ::_exit(0);
    }

    pid_t pid_ = -1;
    Fd ask_, tell_;
};

bool has_cgroup(const Sandbox& sandbox) {
    return std::ranges::any_of(sandbox.probe(), [](const LayerStatus& layer) {
        return layer.layer == Layer::memory_hard && layer.state == LayerStatus::State::on;
    });
}

/// What a bare spawn, bubblewrap, and the sandbox without and with a cgroup took, in milliseconds.
struct Times {
    Series bare, bubblewrap, plain, cgroup;
};

Result<Times> measure_all(const Sandbox& plain, const Sandbox& cgroup, const Command& command, Plan plan) {
    C2D_TRY(auto times, in_turns({[&] { return spawn(command); }, [&] { return spawn(bubblewrap(command)); },
                                  [&] { return run_in(plain, command); }, [&] { return run_in(cgroup, command); }},
                                 plan));
    return Times{std::move(times[0]), std::move(times[1]), std::move(times[2]), std::move(times[3])};
}

void add_times(std::vector<Goal>& out, const char* name, const Times& times, bool cgroup) {
    out.push_back(report(fmt::format("{}: bare spawn, ms", name), times.bare));
    out.push_back(report(fmt::format("{}: bubblewrap, ms", name), times.bubblewrap));
    out.push_back(report(fmt::format("{}: sandbox without cgroup, ms", name), times.plain));
    if (cgroup) out.push_back(report(fmt::format("{}: sandbox with cgroup, ms", name), times.cgroup));
}

/// What the sandbox adds to a bare spawn, beside what bubblewrap adds.
Ratio added(const Series& sandbox, const Times& times) {
    return ratio(sandbox.minus(times.bare), times.bubblewrap.minus(times.bare));
}

Result<Unit> find_bubblewrap() {
    const auto tried = spawn(bubblewrap({"/bin/true"}));
    if (tried) return Unit{};
    return fail(tried.status(), "{}; this bench compares with bubblewrap: apt-get install bubblewrap",
                tried.error().message);
}

}  // namespace

Result<std::vector<Goal>> sandbox_bench() {
    C2D_CHECK(find_bubblewrap());
    // Before any thread.
    C2D_TRY(const Host small, Host::start(0));
    C2D_TRY(const Host large, Host::start(kLargeHostBytes));
    C2D_TRY(const Sandbox cgroup, Sandbox::open());
    // A stated cgroup that is not there: memory and processes are bounded without one.
    C2D_TRY(const Sandbox plain, Sandbox::open({.helper = {}, .logger = nullptr, .cgroup = "/nonexistent"}));
    const bool with_cgroup = has_cgroup(cgroup);
    C2D_TRY(const Times nothing, measure_all(plain, cgroup, {"/bin/true"}, kTruePlan));
    C2D_TRY(const Times python, measure_all(plain, cgroup, {"/usr/bin/python3", "-c", "pass"}, kPythonPlan));
    C2D_TRY(const auto hosts,
            in_turns({[&] { return small.measure_once(); }, [&] { return large.measure_once(); }}, kHostPlan));
    std::vector<Goal> out;
    add_times(out, "true", nothing, with_cgroup);
    add_times(out, "python3", python, with_cgroup);
    out.push_back(report("true: sandbox from a small host, ms", hosts[0]));
    out.push_back(report("true: sandbox from a host of 4 GB, ms", hosts[1]));
    out.push_back(at_most("true: without cgroup / bubblewrap", ratio(nothing.plain, nothing.bubblewrap), 0.8));
    if (with_cgroup)
        out.push_back(at_most("true: with cgroup / bubblewrap", ratio(nothing.cgroup, nothing.bubblewrap), 0.9));
    out.push_back(at_most("python3: added without cgroup / by bubblewrap", added(python.plain, python), 0.7));
    // No goal: bubblewrap makes no cgroup, and in one each page costs its accounting.
    if (with_cgroup) out.push_back(report("python3: added with cgroup / by bubblewrap", added(python.cgroup, python)));
    out.push_back(at_most("true: host of 4 GB / small host", ratio(hosts[1], hosts[0]), 1.15));
    return out;
}

}  // namespace c2d::bench
