// What is missing is named, with its hint, and never passed over in silence.
#include "sandbox/support.hpp"

#include <cerrno>
#include <csignal>
#include <fmt/format.h>
#include <fstream>
#include <sched.h>
#include <seccomp.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace c2d;
using namespace c2d::test;

namespace {

/// "ok OUTCOME off:LAYER…" or "STATUS SOURCE: MESSAGE".
std::string describe(const Result<Report>& result) {
    if (!result)
        return fmt::format("{} {}: {}", status_name(result.status()), result.error().source, result.error().message);
    std::string out = fmt::format("ok {}", outcome_name(result->outcome));
    for (const auto& layer : result->layers)
        if (layer.state == LayerStatus::State::off) out += fmt::format(" off:{}", layer_name(layer.layer));
    return out;
}

/// As a container's profile would: this call fails with `error` in this process and its children.
void forbid(const char* name, int error, std::uint64_t flag = 0) {
    const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    const scmp_arg_cmp test{0, SCMP_CMP_MASKED_EQ, flag, flag};
    seccomp_rule_add_array(filter, SCMP_ACT_ERRNO(std::uint32_t(error)), seccomp_syscall_resolve_name(name),
                           flag != 0 ? 1 : 0, &test);
    if (seccomp_load(filter) != 0) std::abort();
    seccomp_release(filter);
}

std::string run_without(const char* name, int error, std::uint64_t flag = 0, std::vector<Layer> may_be_missing = {}) {
    (void)sandbox();
    return in_child([&] {
        forbid(name, error, flag);
        auto job = python_job("print('ran')");
        job.may_be_missing = std::move(may_be_missing);
        return describe(sandbox().run(job));
    });
}

/// A mount namespace of this process's own; for an ordinary user, in a user namespace of its own.
bool own_mounts() {
    const unsigned user = ::geteuid(), group = ::getegid();
    if (user != 0) {
        if (::unshare(CLONE_NEWUSER) != 0) return false;
        write_text("/proc/self/setgroups", "deny");
        write_text("/proc/self/uid_map", fmt::format("{0} {0} 1", user));
        write_text("/proc/self/gid_map", fmt::format("{0} {0} 1", group));
    }
    return ::unshare(CLONE_NEWNS) == 0 && ::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
}

/// Where file systems stand whose type begins with this.
std::vector<std::string> mount_points_of(std::string_view type) {
    std::vector<std::string> out;
    std::ifstream mounts("/proc/self/mounts");
    for (std::string source, point, kind, rest; mounts >> source >> point >> kind;) {
        std::getline(mounts, rest);
        if (kind.starts_with(type)) out.push_back(point);
    }
    return out;
}

bool starts(const std::string& text, const char* with) { return text.starts_with(with); }
bool holds(const std::string& text, const char* what) { return text.find(what) != std::string::npos; }

}  // namespace

TEST_CASE("probe finds every layer on a machine that can") {
    for (const auto& layer : sandbox().probe()) {
        CAPTURE(layer_name(layer.layer));
        CHECK(layer.state != LayerStatus::State::off);
        CHECK((layer.state == LayerStatus::State::on) == (layer.error_number == 0));
    }
}

TEST_CASE("each namespace that is refused is named") {
    const struct {
        std::uint64_t flag;
        const char* name;
    } rows[] = {{CLONE_NEWNS, "mount_ns"}, {CLONE_NEWPID, "pid_ns"}, {CLONE_NEWNET, "net_ns"},
                {CLONE_NEWIPC, "ipc_ns"},  {CLONE_NEWUTS, "uts_ns"}, {CLONE_NEWCGROUP, "cgroup_ns"},
                {CLONE_NEWUSER, "user_ns"}};
    for (const auto& row : rows) {
        const auto answer = run_without("unshare", EPERM, row.flag);
        CHECK_MESSAGE(starts(answer, fmt::format("layer_unavailable {}: ", row.name).c_str()), answer);
        CHECK_MESSAGE(holds(answer, "Operation not permitted; "), answer);
    }
}

TEST_CASE("Landlock, seccomp and the private root that are refused are named") {
    auto answer = run_without("landlock_create_ruleset", ENOSYS);
    CHECK_MESSAGE(starts(answer, "layer_unavailable landlock: "), answer);
    CHECK_MESSAGE(holds(answer, "CONFIG_SECURITY_LANDLOCK"), answer);
    answer = run_without("landlock_create_ruleset", EOPNOTSUPP);
    CHECK_MESSAGE(holds(answer, "lsm=landlock"), answer);
    answer = run_without("seccomp", EINVAL);
    CHECK_MESSAGE(starts(answer, "layer_unavailable seccomp: "), answer);
    answer = run_without("pivot_root", EPERM);
    CHECK_MESSAGE(starts(answer, "layer_unavailable private_root: "), answer);
    answer = run_without("prctl", EINVAL, PR_SET_NO_NEW_PRIVS);
    CHECK_MESSAGE(starts(answer, "layer_unavailable no_new_privs: "), answer);
}

TEST_CASE("a layer that may be missing is missing in the report") {
    CHECK(run_without("landlock_create_ruleset", ENOSYS, 0, {Layer::landlock}) == "ok exited off:landlock");
    CHECK(run_without("unshare", EPERM, CLONE_NEWNET, {Layer::net_ns}) == "ok exited off:net_ns");
    CHECK(run_without("unshare", EPERM, CLONE_NEWUTS | CLONE_NEWCGROUP, {Layer::uts_ns, Layer::cgroup_ns}) != "");
    // What holds the others up cannot be waived.
    CHECK(starts(run_without("unshare", EPERM, CLONE_NEWPID, {Layer::pid_ns}), "layer_unavailable pid_ns: "));
    CHECK(starts(run_without("pivot_root", EPERM, 0, {Layer::private_root}), "layer_unavailable private_root: "));
}

TEST_CASE("each wall stands without the other") {
    (void)sandbox();
    const auto try_it = [](const char* call, std::vector<Layer> missing, const char* code) {
        return in_child([&]() -> std::string {
            if (*call) forbid(call, ENOSYS);
            auto job =
                python_job(fmt::format("import os, socket\ntry:\n    {}\n    print('done')\n"
                                       "except OSError as error: print(error.errno)\n",
                                       code));
            job.may_be_missing = missing;
            const auto report = sandbox().run(job);
            return report ? report->log : report.error().message;
        });
    };
    const char* open_socket = "socket.socket(socket.AF_UNIX)";
    CHECK(try_it("", {}, open_socket) == fmt::format("{}\n", EACCES));
    CHECK(try_it("seccomp", {Layer::seccomp}, open_socket) == "done\n");
    // Without the filter a socket can be made: TCP meets Landlock, UDP an empty network namespace.
    CHECK(try_it("seccomp", {Layer::seccomp}, "socket.create_connection(('127.0.0.1', 1))") ==
          fmt::format("{}\n", EACCES));
    CHECK(try_it("seccomp", {Layer::seccomp},
                 "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(('127.0.0.1', 1))") ==
          fmt::format("{}\n", ENETUNREACH));
    // Landlock alone keeps pipes out of the outputs.
    const char* make_pipe = "os.mkfifo('/job/outputs/p')";
    CHECK(try_it("seccomp", {Layer::seccomp}, make_pipe) == fmt::format("{}\n", EACCES));
    // Without Landlock the mounts are still read-only.
    CHECK(try_it("landlock_create_ruleset", {Layer::landlock}, "open('/usr/x', 'w')") == fmt::format("{}\n", EROFS));
    CHECK(try_it("landlock_create_ruleset", {Layer::landlock}, "open('/job/code', 'a')") != "done\n");
}

TEST_CASE("no user namespaces left is ENOSPC with the sysctl to raise") {
    (void)sandbox();
    const auto answer = in_child([]() -> std::string {
        // A namespace of its own has its own bound, so that this machine's is left alone.
        const unsigned user = ::geteuid(), group = ::getegid();
        if (::unshare(CLONE_NEWUSER) != 0) return "skipped";
        write_text("/proc/self/setgroups", "deny");
        write_text("/proc/self/uid_map", fmt::format("0 {} 1", user));
        write_text("/proc/self/gid_map", fmt::format("0 {} 1", group));
        write_text("/proc/sys/user/max_user_namespaces", "0");
        if (!read_text("/proc/sys/user/max_user_namespaces").starts_with("0")) return "skipped";
        return describe(sandbox().run(python_job("")));
    });
    if (answer == "skipped") return;
    CHECK_MESSAGE(starts(answer, "layer_unavailable user_ns: "), answer);
    CHECK_MESSAGE(holds(answer, "user.max_user_namespaces"), answer);
}

TEST_CASE("root with a partial map is served like a user") {
    (void)sandbox();
    const auto answer = in_child([]() -> std::string {
        const unsigned user = ::geteuid(), group = ::getegid();
        if (::unshare(CLONE_NEWUSER) != 0) return "skipped";
        write_text("/proc/self/setgroups", "deny");
        write_text("/proc/self/uid_map", fmt::format("0 {} 1", user));
        write_text("/proc/self/gid_map", fmt::format("0 {} 1", group));
        return describe(sandbox().run(python_job("import os; assert os.getuid() == 1000")));
    });
    if (answer != "skipped") CHECK(answer == "ok exited");
}

TEST_CASE("a cgroup that cannot be written is a soft limit with the reason") {
    (void)sandbox();
    if (!running_as_root()) return;  // an ordinary user has none to begin with
    const auto answer = in_child([]() -> std::string {
        if (!own_mounts()) return "skipped";
        for (const auto& point : mount_points_of("cgroup"))
            if (::mount(nullptr, point.c_str(), nullptr, MS_REMOUNT | MS_BIND | MS_RDONLY, nullptr) != 0)
                return "skipped";
        const auto report = sandbox().run(python_job("print('ran')"));
        if (!report) return report.error().message;
        std::string out = report->log;
        for (const auto& layer : report->layers)
            if (layer.layer == Layer::memory_hard || layer.layer == Layer::pids_hard)
                out += fmt::format("{} {} {} {}\n", layer_name(layer.layer), int(layer.state), layer.error_number,
                                   !layer.hint.empty());
        return out;
    });
    if (answer == "skipped") return;
    const int soft = int(LayerStatus::State::soft);
    // On a machine without a cgroup file system there is none to be read-only.
    const bool expected =
        answer == fmt::format("ran\nmemory_hard {0} {1} true\npids_hard {0} {1} true\n", soft, EROFS) ||
        answer == fmt::format("ran\nmemory_hard {0} {1} true\npids_hard {0} {1} true\n", soft, ENOENT);
    CHECK_MESSAGE(expected, answer);
}

TEST_CASE("outputs that find the disk full are an error and leave no part") {
    (void)sandbox();
    TempDir scratch;
    std::filesystem::create_directory(scratch / "disk");
    const std::string disk = (scratch / "disk").string();
    const auto answer = in_child([&]() -> std::string {
        if (!own_mounts() || ::mount("none", disk.c_str(), "tmpfs", 0, "size=64k,mode=0755") != 0) return "skipped";
        auto job = python_job("for n in 'ab': open('/job/outputs/' + n, 'wb').write(bytes(60000))");
        job.outputs = disk + "/out";
        const auto report = sandbox().run(job);
        const auto left = std::filesystem::directory_iterator(disk);
        return describe(report) + (left == end(left) ? " nothing left" : " something left");
    });
    if (answer == "skipped") return;
    CHECK_MESSAGE(starts(answer, "io "), answer);
    CHECK_MESSAGE(holds(answer, "No space left on device"), answer);
    CHECK_MESSAGE(holds(answer, " nothing left"), answer);
}

TEST_CASE("a helper that is missing or altered is named") {
    (void)sandbox();
    TempDir scratch;
    const auto copy = scratch / "c2d-sandbox-helper";
    const std::string good = read_text(helper_path());
    const auto answer = [&](std::string_view bytes, unsigned mode) {
        write_text(copy, bytes, mode);
        const auto opened = Sandbox::open({.helper = copy, .logger = nullptr, .cgroup = {}});
        if (!opened) return "open: " + opened.error().message;
        return describe(opened->run(python_job("")));
    };
    const auto missing = Sandbox::open({.helper = copy, .logger = nullptr, .cgroup = {}});
    REQUIRE_FALSE(missing.ok());
    CHECK(missing.status() == Status::NOT_FOUND);
    CHECK(holds(missing.error().message, copy.c_str()));
    CHECK(answer(good, 0755) == "ok exited");
    // It runs from a sealed copy, so the permission to execute the file is not asked for.
    CHECK(answer(good, 0600) == "ok exited");
    CHECK(holds(answer(good, 0757), "chmod o-w"));
    // No program at all, an empty one, one that ends early, one cut short.
    for (const std::string& bytes :
         {std::string("not a program"), std::string(), read_text("/bin/true"), good.substr(0, 4096)}) {
        const auto said = answer(bytes, 0755);
        CHECK_MESSAGE(starts(said, "io "), said);
        CHECK_MESSAGE(holds(said, copy.c_str()), said);
    }
}

TEST_CASE("a helper that is altered after the sandbox was opened does not matter") {
    (void)sandbox();
    TempDir scratch;
    const auto copy = scratch / "c2d-sandbox-helper";
    write_text(copy, read_text(helper_path()), 0755);
    const auto opened = Sandbox::open({.helper = copy, .logger = nullptr, .cgroup = {}});
    REQUIRE(opened.ok());
    write_text(copy, "not a program", 0755);
    CHECK(describe(opened->run(python_job(""))) == "ok exited");
    std::filesystem::remove(copy);
    CHECK(describe(opened->run(python_job(""))) == "ok exited");
}

TEST_CASE("where AppArmor gives user namespaces by path, root's helper is started from its path") {
    if (::geteuid() != 0) return;
    TempDir scratch;
    const auto copy = scratch / "c2d-sandbox-helper";
    // The helper of an ordinary user on such a machine is removed after the sandbox was opened: a sealed copy starts
    // all the same, and fails for the tmpfs over parts of /proc.
    const auto answer = [&](unsigned owner, mode_t folder_mode) {
        write_text(copy, read_text(helper_path()), 0755);
        if (::chown(copy.c_str(), owner, owner) != 0 || ::chmod(copy.parent_path().c_str(), folder_mode) != 0)
            std::abort();
        return in_child([&]() -> std::string {
            if (!own_mounts() || ::mount("tmpfs", "/proc/sys/kernel", "tmpfs", 0, nullptr) != 0) return "skipped";
            write_text("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n");
            if (::setresgid(65534, 65534, 65534) != 0 || ::setresuid(65534, 65534, 0) != 0) std::abort();
            ::prctl(PR_SET_DUMPABLE, 1);
            const auto opened = Sandbox::open({.helper = copy, .logger = nullptr, .cgroup = {}});
            if (!opened) return "open: " + opened.error().message;
            if (::seteuid(0) != 0 || !std::filesystem::remove(copy) || ::seteuid(65534) != 0) std::abort();
            ::prctl(PR_SET_DUMPABLE, 1);
            return describe(opened->run(python_job("")));
        });
    };
    const auto from_path = answer(0, 0755);
    if (from_path == "skipped") return;
    CHECK_MESSAGE(holds(from_path, ("cannot start " + copy.string()).c_str()), from_path);
    for (const auto& from_memory : {answer(65534, 0755), answer(0, 0777)}) {
        CHECK_MESSAGE(starts(from_memory, "layer_unavailable "), from_memory);
        CHECK_MESSAGE(holds(from_memory, "load the profile c2d-sandbox-helper"), from_memory);
    }
}

TEST_CASE("running out of descriptors is an error, and nothing hangs") {
#ifdef __SANITIZE_ADDRESS__
    // The undefined behaviour sanitizer needs a pipe to look at an object, and calls its absence
    // an error of the program.
    MESSAGE("skipped under sanitizers");
    return;
#endif
    (void)sandbox();
    for (unsigned spare = 0; spare < 40; spare += 2) {
        const auto answer = in_child([&]() -> std::string {
            const int next = ::dup(0);
            ::close(next);
            const rlimit limit{rlim_t(next) + spare, rlim_t(next) + spare};
            ::setrlimit(RLIMIT_NOFILE, &limit);
            return describe(sandbox().run(python_job("")));
        });
        CHECK_MESSAGE((starts(answer, "io ") || starts(answer, "ok exited") || starts(answer, "not_found ") ||
                       starts(answer, "unsupported ") || starts(answer, "layer_unavailable ")),
                      answer);
    }
}

TEST_CASE("a host that ignores its children is served") {
    (void)sandbox();
    CHECK(in_child([] {
              ::signal(SIGCHLD, SIG_IGN);
              return describe(sandbox().run(python_job("")));
          }) == "ok exited");
}

TEST_CASE("a host with closed standard descriptors is served") {
    (void)sandbox();
    CHECK(in_child([]() -> std::string {
              for (const int fd : {0, 1, 2}) ::close(fd);
              const auto opened = Sandbox::open({.helper = helper_path(), .logger = nullptr, .cgroup = {}});
              if (!opened) return opened.error().message;
              return describe(opened->run(python_job("print('x')")));
          }) == "ok exited");
}
