// The system call filter, run by a small interpreter of its instruction set: every answer that
// the documentation promises, without asking a kernel.
#include "sandbox/system_call_filter.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <functional>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>
#include <set>
#include <string>
#include <sys/socket.h>
#include <vector>

using namespace c2d;
using namespace c2d::sandbox;

namespace {

std::vector<sock_filter> program(bool memory_files) {
    const auto filter = system_call_filter(memory_files);
    REQUIRE(filter.ok());
    std::vector<sock_filter> out((*filter)->program.size() / sizeof(sock_filter));
    std::memcpy(out.data(), (*filter)->program.data(), (*filter)->program.size());
    return out;
}

/// What the kernel would answer; classic BPF as seccomp(2) allows it. -1: not a program.
std::uint32_t evaluate(const std::vector<sock_filter>& code, const seccomp_data& data) {
    std::uint32_t a = 0;
    for (std::size_t at = 0; at < code.size(); ++at) {
        const auto& step = code[at];
        const auto jump = [&](bool taken) { at += taken ? step.jt : step.jf; };
        switch (step.code) {
            case BPF_LD | BPF_W | BPF_ABS:
                if (step.k + 4 > sizeof data) return ~0u;
                std::memcpy(&a, reinterpret_cast<const char*>(&data) + step.k, 4);
                break;
            case BPF_JMP | BPF_JA: at += step.k; break;
            case BPF_JMP | BPF_JEQ | BPF_K: jump(a == step.k); break;
            case BPF_JMP | BPF_JGT | BPF_K: jump(a > step.k); break;
            case BPF_JMP | BPF_JGE | BPF_K: jump(a >= step.k); break;
            case BPF_JMP | BPF_JSET | BPF_K: jump((a & step.k) != 0); break;
            case BPF_ALU | BPF_AND | BPF_K: a &= step.k; break;
            case BPF_RET | BPF_K: return step.k;
            default: return ~0u;
        }
    }
    return ~0u;
}

std::uint32_t native_architecture() {
    switch (seccomp_arch_native()) {
        case SCMP_ARCH_X86_64: return AUDIT_ARCH_X86_64;
        case SCMP_ARCH_AARCH64: return AUDIT_ARCH_AARCH64;
        default: return seccomp_arch_native();
    }
}

using Arguments = std::vector<std::uint64_t>;

std::uint32_t answer(const char* name, const Arguments& arguments = {}, bool memory_files = true) {
    static const auto with = program(true), without = program(false);
    seccomp_data data{};
    data.nr = seccomp_syscall_resolve_name(name);
    REQUIRE_MESSAGE(data.nr >= 0, name);
    data.arch = native_architecture();
    for (std::size_t i = 0; i < arguments.size(); ++i) data.args[i] = arguments[i];
    return evaluate(memory_files ? with : without, data);
}

constexpr std::uint32_t kAllow = SECCOMP_RET_ALLOW;
std::uint32_t refusal(int error) { return SECCOMP_RET_ERRNO | std::uint32_t(error); }

}  // namespace

TEST_CASE("what numerical programs need is allowed") {
    for (const char* name : {"read", "openat", "mmap", "futex", "execve", "clock_gettime", "wait4", "epoll_ctl",
                             "getrandom", "exit_group", "rt_sigaction", "brk"})
        CHECK_MESSAGE(answer(name) == kAllow, name);
}

// clang-format off
TEST_CASE("the kernel's dangerous doors answer EPERM") {
    for (const char* name :
         {"bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "keyctl",
          "add_key", "request_key", "ptrace", "process_vm_readv", "process_vm_writev", "mount",
          "umount2", "pivot_root", "chroot", "setns", "unshare", "fsopen", "move_mount",
          "open_tree", "mount_setattr", "init_module", "finit_module", "kexec_load",
          "open_by_handle_at", "name_to_handle_at", "mknodat", "setuid", "setgroups", "capset",
          "pidfd_getfd", "kcmp", "memfd_secret", "syslog", "reboot", "settimeofday",
          "fanotify_init", "sched_setscheduler", "pidfd_open", "pidfd_send_signal", "sysinfo"})
        CHECK_MESSAGE(answer(name) == refusal(EPERM), name);
}
// clang-format on

TEST_CASE("what nobody listed answers ENOSYS") {
    for (const char* name : {"clone3", "splice", "vmsplice", "tee", "sendfile", "copy_file_range", "shmget", "semget",
                             "msgget", "mq_open", "execveat", "inotify_init1", "landlock_create_ruleset", "seccomp",
                             "sendmmsg", "recvmmsg", "mincore", "flock", "openat2"})
        CHECK_MESSAGE(answer(name) == refusal(ENOSYS), name);
    // Numbers that no kernel has yet.
    seccomp_data data{};
    data.arch = native_architecture();
    for (const int number : {600, 1000, 5000, 100'000}) {
        data.nr = number;
        CHECK(evaluate(program(true), data) == refusal(ENOSYS));
    }
}

TEST_CASE("no family of sockets, and no address") {
    for (std::uint64_t family = 0; family < 64; ++family)
        for (const std::uint64_t type : {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW})
            CHECK(answer("socket", {family, type}) == refusal(EACCES));
    for (const char* name : {"connect", "bind", "listen", "accept4"}) CHECK(answer(name) == refusal(EACCES));
    CHECK(answer("sendto", {3, 0, 0, 0, 0, 0}) == kAllow);
    CHECK(answer("sendto", {3, 0, 0, 0, 0x1000, 16}) != kAllow);
    CHECK(answer("sendto", {3, 0, 0, 0, 1ull << 40, 16}) != kAllow);
}

TEST_CASE("no lock, lease, hint or notification, of any kind, on any file") {
    for (const std::uint64_t command : {F_GETLK, F_SETLK, F_SETLKW, 36, 37, 38, 1024, 1026, 1031})
        for (const std::uint64_t upper : {0ull, 1ull << 32, ~0ull << 32})
            CHECK(answer("fcntl", {3, command | upper}) == refusal(EPERM));
    for (const std::uint64_t command : {8, 10, 15, 1025, 1027, 1029, 1035, 1036, 1037, 1038, 1039, 1040})
        CHECK(answer("fcntl", {3, command}) == refusal(ENOSYS));
    for (const std::uint64_t command : {F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL})
        CHECK(answer("fcntl", {3, command}) == kAllow);
}

TEST_CASE("the page cache is neither asked nor emptied") {
    CHECK(answer("preadv2", {3, 0x1000, 1, 0, 0, 0}) == kAllow);
    for (int bit = 0; bit < 32; ++bit)
        for (const char* name : {"preadv2", "pwritev2"})
            CHECK(answer(name, {3, 0x1000, 1, 0, 0, 1ull << bit}) == refusal(ENOSYS));
    CHECK(answer("fadvise64", {3, 0, 0, 4}) == refusal(EPERM));
    CHECK(answer("fadvise64", {3, 0, 0, 2}) == kAllow);
    for (const std::uint64_t advice : {9, 12, 20, 21, 25, 100, 101})
        CHECK(answer("madvise", {0, 4096, advice}) == refusal(ENOSYS));
}

TEST_CASE("socketpairs are UNIX and connected") {
    CHECK(answer("socketpair", {AF_UNIX, SOCK_STREAM}) == kAllow);
    CHECK(answer("socketpair", {AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK}) == kAllow);
    CHECK(answer("socketpair", {AF_UNIX, SOCK_SEQPACKET}) == kAllow);
    CHECK(answer("socketpair", {AF_UNIX, SOCK_DGRAM}) != kAllow);
    CHECK(answer("socketpair", {AF_INET, SOCK_STREAM}) != kAllow);
    CHECK(answer("socketpair", {AF_TIPC, SOCK_SEQPACKET}) != kAllow);
}

TEST_CASE("new processes stay in the namespaces") {
    CHECK(answer("clone", {0x1200011}) == kAllow);  // glibc's fork
    CHECK(answer("clone", {0x3d0f00}) == kAllow);   // glibc's pthread_create
    for (const std::uint64_t flag :
         {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWPID, CLONE_NEWIPC, CLONE_NEWUTS, CLONE_NEWCGROUP}) {
        CHECK(answer("clone", {flag | 17}) == refusal(EPERM));
        CHECK(answer("clone", {flag | 0x1200011 | 1ull << 40}) == refusal(EPERM));
    }
}

TEST_CASE("ioctl, prctl and the like by their argument, of which 32 bits count") {
    CHECK(answer("ioctl", {0, 0x5401}) == kAllow);               // TCGETS: isatty
    CHECK(answer("ioctl", {0, 0x5401 | 1ull << 32}) == kAllow);  // the same to the kernel
    for (const std::uint64_t request :
         {0x5412ull /* TIOCSTI */, 0x541cull /* TIOCLINUX */, 0x5412ull | 1ull << 32, 0x8933ull, 0xc0189436ull})
        CHECK(answer("ioctl", {0, request}) == refusal(ENOSYS));
    CHECK(answer("prctl", {15}) == kAllow);  // PR_SET_NAME
    CHECK(answer("prctl", {22}) != kAllow);  // PR_SET_SECCOMP
    CHECK(answer("prctl", {36}) != kAllow);  // PR_SET_CHILD_SUBREAPER
    CHECK(answer("prlimit64", {0}) == kAllow);
    CHECK(answer("prlimit64", {1}) != kAllow);
    CHECK(answer("personality", {0xffffffff}) == kAllow);
    CHECK(answer("personality", {0x0040000}) != kAllow);  // ADDR_NO_RANDOMIZE
    CHECK(answer("setsockopt", {3, SOL_SOCKET, SO_RCVBUF}) == kAllow);
    CHECK(answer("setsockopt", {3, SOL_SOCKET, SO_ATTACH_FILTER}) != kAllow);
    CHECK(answer("setsockopt", {3, 6, 31}) != kAllow);  // TCP_ULP
}

namespace {

/// What the documentation promises about one system call, written down apart from the filter.
struct Promise {
    const char* name;
    std::uint32_t otherwise;
    std::function<bool(const Arguments&)> allowed;
    /// What answers EPERM instead of `otherwise`.
    std::function<bool(const Arguments&)> named = {};
    /// The first of the arguments that a rule reads together.
    int pair = 0;

    std::uint32_t answer(const Arguments& arguments) const {
        if (allowed(arguments)) return kAllow;
        return named && named(arguments) ? refusal(EPERM) : otherwise;
    }
};

std::uint32_t low(std::uint64_t value) { return std::uint32_t(value); }

bool one_of(std::uint64_t value, std::initializer_list<std::uint32_t> list) {
    return std::find(list.begin(), list.end(), low(value)) != list.end();
}

const std::vector<Promise>& promises() {
    static const std::vector<Promise> kPromises = {
        {"clone", refusal(EPERM), [](const Arguments& a) { return (a[0] & 0x7e021000) == 0; }},
        {"fcntl", refusal(ENOSYS),
         [](const Arguments& a) {
             return one_of(a[1], {0, 1, 2, 3, 4, 1030, 1032, 1033, 1034});
         },
         [](const Arguments& a) {
             return one_of(a[1], {5, 6, 7, 36, 37, 38, 1024, 1026, 1031});
         }},
        {"preadv2", refusal(ENOSYS), [](const Arguments& a) { return low(a[5]) == 0; }},
        {"pwritev2", refusal(ENOSYS), [](const Arguments& a) { return low(a[5]) == 0; }},
        {"fadvise64", refusal(ENOSYS),
         [](const Arguments& a) {
             return one_of(a[3], {0, 1, 2, 3, 5});
         },
         [](const Arguments& a) { return low(a[3]) == 4; }},
        {"madvise", refusal(ENOSYS),
         [](const Arguments& a) {
             return one_of(a[2], {0, 1, 2, 3, 4, 8, 10, 11, 14, 15, 16, 17, 18, 19, 22, 23});
         }},
        {"mmap", refusal(EPERM), [](const Arguments& a) { return (a[3] & 0x40000) == 0; }},
        {"memfd_create", refusal(EPERM), [](const Arguments& a) { return (a[1] & 4) == 0; }},
        {"recvfrom", refusal(ENOSYS), [](const Arguments& a) { return (a[3] & 1) == 0; }},
        {"sendmsg", refusal(ENOSYS), [](const Arguments& a) { return (a[2] & 1) == 0; }},
        {"recvmsg", refusal(ENOSYS), [](const Arguments& a) { return (a[2] & 1) == 0; }},
        {"getsockopt", refusal(ENOSYS),
         [](const Arguments& a) {
             return low(a[1]) == 1 && one_of(a[2], {2, 3, 4, 7, 8, 9, 13, 17, 20, 21, 30, 38, 39});
         }},
        {"ioctl", refusal(ENOSYS),
         [](const Arguments& a) {
             for (const auto request : {0x5401u, 0x5421u, 0x541bu, 0x5451u, 0x5450u, 0x5413u})
                 if (low(a[1]) == request) return true;
             return false;
         }},
        {"prctl", refusal(ENOSYS),
         [](const Arguments& a) {
             for (const auto option : {1u, 2u, 3u, 4u, 7u, 15u, 16u, 21u, 23u, 30u, 38u, 39u, 41u, 42u, 0x53564d41u})
                 if (low(a[0]) == option) return true;
             return false;
         }},
        {"socketpair", refusal(ENOSYS),
         [](const Arguments& a) { return low(a[0]) == 1 && ((a[1] & 0xf) == 1 || (a[1] & 0xf) == 5); }},
        {"setsockopt", refusal(ENOSYS),
         [](const Arguments& a) {
             if (low(a[1]) != 1) return false;
             for (const auto option : {2u, 7u, 8u, 9u, 20u, 21u})
                 if (low(a[2]) == option) return true;
             return false;
         }},
        {"sendto", refusal(ENOSYS), [](const Arguments& a) { return a[4] == 0 && (a[3] & 1) == 0; }, {}, 3},
        {"prlimit64", refusal(ENOSYS), [](const Arguments& a) { return low(a[0]) == 0; }},
        {"personality", refusal(ENOSYS), [](const Arguments& a) { return low(a[0]) == ~0u; }},
        {"arch_prctl", refusal(ENOSYS), [](const Arguments& a) { return low(a[0]) == 0x1002 || low(a[0]) == 0x1003; }},
    };
    return kPromises;
}

const Promise* promise_for(const std::string& name, bool memory_files) {
    if (name == "memfd_create" && !memory_files) return nullptr;  // refused, whatever is asked
    for (const auto& promise : promises())
        if (name == promise.name) return &promise;
    return nullptr;
}

/// Values on both sides of everything that a rule could look at: each bit, each small number, what
/// the rules name and its neighbours, and the same with the upper half set.
std::vector<std::uint64_t> argument_classes() {
    std::vector<std::uint64_t> out;
    for (std::uint64_t small = 0; small < 70; ++small) out.push_back(small);
    for (int bit = 0; bit < 64; ++bit) out.push_back(1ull << bit);
    for (const std::uint64_t named :
         {71ull, 77ull, 1024ull, 1026ull, 1031ull, 1034ull, 1036ull, 0x1002ull, 0x5401ull, 0x5412ull, 0x541bull,
          0x5421ull, 0x5450ull, 0x53564d41ull, 0x7e020000ull, 0x1200011ull, 0x3d0f00ull, 0xffffffffull, ~0ull})
        for (const std::uint64_t near : {named - 1, named, named + 1}) out.push_back(near);
    const std::size_t half = out.size();
    for (std::size_t i = 0; i < half; ++i) {
        out.push_back(out[i] | 1ull << 32);
        out.push_back(out[i] | 0xffffffffull << 32);
    }
    return out;
}

std::string name_of(int number) {
    char* name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
    const std::string out = name ? name : "";
    std::free(name);
    return out;
}

}  // namespace

TEST_CASE("every system call by every class of each argument") {
    const auto classes = argument_classes();
    std::size_t questions = 0, conditional = 0;
    for (const bool memory_files : {false, true}) {
        const auto code = program(memory_files);
        for (int number = 0; number <= 600; ++number) {
            const Promise* promise = promise_for(name_of(number), memory_files);
            conditional += promise != nullptr;
            seccomp_data data{};
            data.nr = number;
            data.arch = native_architecture();
            const auto alone = evaluate(code, data);
            // One argument after the other through all classes; pairs where a rule reads two.
            const auto ask = [&] {
                ++questions;
                const auto got = evaluate(code, data);
                const Arguments arguments(std::begin(data.args), std::end(data.args));
                const auto wanted = promise ? promise->answer(arguments) : alone;
                if (got != wanted)
                    FAIL("call " << number << " (" << name_of(number) << ") with " << arguments[0] << ", "
                                 << arguments[1] << ", " << arguments[2] << ", " << arguments[4] << ": " << got
                                 << " instead of " << wanted);
            };
            for (auto& argument : data.args) {
                for (argument = 0; const auto value : classes) {
                    argument = value;
                    ask();
                }
                argument = 0;
            }
            if (!promise) continue;
            for (int first = promise->pair; first < promise->pair + 2; ++first)
                for (const auto one : classes)
                    for (const auto two : classes) {
                        data.args[first] = one;
                        data.args[first + 1] = two;
                        ask();
                        data.args[first] = data.args[first + 1] = 0;
                    }
        }
    }
    // arch_prctl is of one architecture.
    CHECK(conditional >= 2 * (promises().size() - 1) - 1);
    MESSAGE(questions << " questions");
}

TEST_CASE("what is allowed without a condition is a list of known length and content") {
    // So that a new allowance is noticed here, too: these, and no other number, of all that exist.
    const auto code = program(true);
    std::set<std::string> allowed;
    for (int number = 0; number <= 600; ++number) {
        seccomp_data data{};
        data.nr = number;
        data.arch = native_architecture();
        if (const auto got = evaluate(code, data); got == kAllow) {
            REQUIRE_MESSAGE(name_of(number) != "", number);
            allowed.insert(name_of(number));
        } else {
            const bool known =
                got == refusal(EPERM) || got == refusal(EACCES) || got == refusal(ENOSYS) || got == refusal(ENOTSUP);
            CHECK_MESSAGE(known, name_of(number) << ": " << got);
        }
    }
    // clang-format off
    for (const char* never :
         {"ptrace", "socket", "connect", "bind", "listen", "accept", "accept4", "mount", "unshare",
          "setns", "bpf", "io_uring_setup", "userfaultfd", "clone3", "execveat", "keyctl",
          "sendmmsg", "splice", "open_by_handle_at", "mknod", "mknodat", "setuid", "kexec_load"})
        CHECK_MESSAGE(!allowed.contains(never), never);
    // clang-format on
    CHECK(allowed.size() <= 230);
    CHECK(allowed.size() >= 150);
}

TEST_CASE("every number of another instruction set is the end of the process") {
    const auto code = program(true);
    for (int number = 0; number <= 600; ++number) {
        seccomp_data data{};
        data.nr = number;
        for (const std::uint32_t architecture :
             std::vector<std::uint32_t>{AUDIT_ARCH_I386, AUDIT_ARCH_ARM, AUDIT_ARCH_RISCV64, 0}) {
            data.arch = architecture;
            CHECK(evaluate(code, data) == SECCOMP_RET_KILL_PROCESS);
        }
        if (native_architecture() != AUDIT_ARCH_X86_64) continue;
        data.arch = AUDIT_ARCH_X86_64;
        data.nr = number | 0x40000000;  // x32
        CHECK(evaluate(code, data) == SECCOMP_RET_KILL_PROCESS);
    }
}

TEST_CASE("memory files only where a cgroup counts them") {
    CHECK(answer("memfd_create", {}, true) == kAllow);
    CHECK(answer("memfd_create", {}, false) == refusal(EPERM));
    CHECK((*system_call_filter(true))->sha256 != (*system_call_filter(false))->sha256);
}
