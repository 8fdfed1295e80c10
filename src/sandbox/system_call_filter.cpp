#include "sandbox/system_call_filter.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <initializer_list>
#include <linux/sched.h>
#include <memory>
#include <seccomp.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

namespace c2d::sandbox {
namespace {

// clang-format off
/// Calls that are allowed with whatever arguments. Names that an architecture lacks are skipped.
constexpr const char* kAllowed[] = {
    // memory
    "brk", "mlock", "mlock2", "mprotect", "mremap", "msync", "munlock", "munmap",
    // files
    "access", "chdir", "chmod", "chown", "close", "close_range", "creat", "dup", "dup2", "dup3",
    "faccessat", "faccessat2", "fallocate", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown",
    "fchownat", "fdatasync", "fgetxattr", "flistxattr", "fstat", "fstat64", "fstatat64", "fstatfs",
    "fstatfs64", "fsync", "ftruncate", "ftruncate64", "futimesat", "getcwd", "getdents",
    "getdents64", "getxattr", "lchown",
    "lgetxattr", "link", "linkat", "listxattr", "llistxattr", "_llseek", "lseek", "lstat",
    "lstat64", "mkdir", "mkdirat", "newfstatat", "open", "openat", "pipe", "pipe2",
    "pread64", "preadv", "pwrite64", "pwritev", "read", "readahead",
    "readlink", "readlinkat", "readv", "rename", "renameat", "renameat2", "rmdir", "stat",
    "stat64", "statfs", "statfs64", "statx", "symlink", "symlinkat", "truncate", "truncate64",
    "umask", "unlink", "unlinkat", "utime", "utimensat", "utimes", "write", "writev",
    // waiting
    "epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old", "epoll_pwait", "epoll_pwait2",
    "epoll_wait", "eventfd", "eventfd2", "poll", "ppoll", "pselect6", "select", "_newselect",
    "signalfd", "signalfd4", "timerfd_create", "timerfd_gettime", "timerfd_settime",
    // processes and threads
    "capget", "execve", "exit", "exit_group", "fork", "futex", "futex_waitv", "getcpu", "getegid",
    "geteuid", "getgid", "getgroups", "getpgid", "getpgrp", "getpid", "getppid", "getpriority",
    "getresgid", "getresuid", "getrlimit", "getrusage", "getsid", "gettid", "getuid", "kill",
    "membarrier", "restart_syscall", "rseq", "get_robust_list", "sched_get_priority_max",
    "sched_get_priority_min", "sched_getaffinity",
    "sched_getattr", "sched_getparam", "sched_getscheduler", "sched_rr_get_interval",
    "sched_setaffinity", "sched_yield", "set_robust_list", "set_tid_address", "setpgid",
    "setpriority", "setrlimit", "setsid", "tgkill", "times", "tkill", "ugetrlimit", "uname",
    "vfork", "wait4", "waitid", "waitpid",
    // signals and time
    "alarm", "clock_getres", "clock_gettime", "clock_nanosleep", "getitimer", "gettimeofday",
    "nanosleep", "pause", "rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo",
    "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait", "rt_tgsigqueueinfo", "setitimer",
    "sigaltstack", "sigreturn", "time", "timer_create", "timer_delete", "timer_getoverrun",
    "timer_gettime", "timer_settime",
    // the peers' channel and socketpairs: nothing that names another address
    "getpeername", "getsockname", "shutdown",
    "getrandom",
};

/// Refused with EPERM, so that a log shows a refusal; what is in neither list answers ENOSYS.
constexpr const char* kRefused[] = {
    "acct", "add_key", "adjtimex", "bpf", "capset", "chroot", "clock_adjtime", "clock_settime",
    "delete_module", "fanotify_init", "fanotify_mark", "finit_module", "fsconfig", "fsmount",
    "fsopen", "fspick", "init_module", "io_uring_enter", "io_uring_register", "io_uring_setup",
    "ioperm", "iopl", "ioprio_set", "kcmp", "kexec_file_load", "kexec_load", "keyctl",
    "lookup_dcookie", "memfd_secret", "migrate_pages", "mlockall", "modify_ldt", "mount",
    "mount_setattr", "move_mount", "move_pages", "mknod", "mknodat", "name_to_handle_at",
    "open_by_handle_at", "open_tree", "perf_event_open", "pidfd_getfd", "pidfd_open",
    "pidfd_send_signal", "pivot_root", "process_vm_readv", "process_vm_writev", "ptrace",
    "quotactl", "quotactl_fd", "reboot",
    "request_key", "sched_setattr", "sched_setparam", "sched_setscheduler", "setdomainname",
    "setfsgid", "setfsuid", "setgid", "setgroups", "sethostname", "setns", "setregid", "setresgid",
    "setresuid", "setreuid", "settimeofday", "setuid", "swapoff", "swapon", "sync", "syslog",
    // load, free memory and the number of processes of the whole machine
    "sysinfo",
    "umount", "umount2", "unshare", "userfaultfd", "vhangup",
};
// clang-format on

/// Sockets answer EACCES, as a firewall would; extended attributes answer what copying programs
/// take as "not here".
constexpr const char* kSockets[] = {"socket", "connect", "bind", "listen", "accept", "accept4"};
constexpr const char* kAttributes[] = {"setxattr",    "lsetxattr",    "fsetxattr",
                                       "removexattr", "lremovexattr", "fremovexattr"};

constexpr unsigned long kIoctls[] = {TCGETS, FIONBIO, FIONREAD, FIOCLEX, FIONCLEX, TIOCGWINSZ};

constexpr int kPrctls[] = {PR_SET_NAME,         PR_GET_NAME,         PR_SET_PDEATHSIG,  PR_GET_PDEATHSIG,
                           PR_GET_DUMPABLE,     PR_SET_DUMPABLE,     PR_GET_SECCOMP,    PR_CAPBSET_READ,
                           PR_GET_NO_NEW_PRIVS, PR_SET_NO_NEW_PRIVS, PR_GET_TIMERSLACK, PR_GET_KEEPCAPS,
                           PR_GET_THP_DISABLE,  PR_SET_THP_DISABLE,  0x53564d41 /* PR_SET_VMA: names of allocations */};

/// Namespaces, and the descriptor of a process: its inode number counts all processes of the
/// machine.
constexpr std::uint64_t kCloneFlagsRefused[] = {CLONE_NEWNS,   CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
                                                CLONE_NEWUSER, CLONE_NEWPID,    CLONE_NEWNET, CLONE_PIDFD};

/// Commands that concern the caller's own descriptor. None that marks the file behind it, which
/// other runs and the host see: locks of every kind, leases, delegations, dnotify, write hints. A
/// lock cannot be allowed for the operator's own files alone: which file it is stands in the
/// descriptor, and whether it is a read lock behind a pointer. Nor F_SETPIPE_SZ, whose pages are
/// counted for the user, that is, for all runs of an ordinary host.
constexpr int kFcntls[] = {
    F_DUPFD, F_DUPFD_CLOEXEC, F_GETFD, F_SETFD, F_GETFL, F_SETFL, 1032 /* F_GETPIPE_SZ */, 1033 /* F_ADD_SEALS */,
    1034 /* F_GET_SEALS */};
/// Refused by name, so that the operator learns that it is not an error of the disk.
constexpr int kFcntlsRefused[] = {
    F_GETLK, F_SETLK, F_SETLKW, 36, 37, 38 /* F_OFD_* */, 1024 /* F_SETLEASE */, 1026 /* F_NOTIFY */,
    1031 /* F_SETPIPE_SZ */};

/// What changes only how the caller's own memory is kept. Not MADV_COLD and MADV_PAGEOUT, which
/// reach the page cache, nor MADV_MERGEABLE and MADV_COLLAPSE, which reach other processes' pages.
constexpr int kAdvice[] = {MADV_NORMAL,
                           MADV_RANDOM,
                           MADV_SEQUENTIAL,
                           MADV_WILLNEED,
                           MADV_DONTNEED,
                           MADV_FREE,
                           MADV_DONTFORK,
                           MADV_DOFORK,
                           MADV_HUGEPAGE,
                           MADV_NOHUGEPAGE,
                           MADV_DONTDUMP,
                           MADV_DODUMP,
                           MADV_WIPEONFORK,
                           MADV_KEEPONFORK,
                           22 /* MADV_POPULATE_READ */,
                           23 /* MADV_POPULATE_WRITE */};
/// All but POSIX_FADV_DONTNEED, which evicts pages that all runs share.
constexpr int kFileAdvice[] = {POSIX_FADV_NORMAL, POSIX_FADV_RANDOM, POSIX_FADV_SEQUENTIAL, POSIX_FADV_WILLNEED,
                               POSIX_FADV_NOREUSE};

/// Buffer sizes and timeouts of an open socket; nothing that reaches a protocol's own options.
constexpr int kSocketOptions[] = {SO_SNDBUF, SO_RCVBUF, SO_SNDTIMEO, SO_RCVTIMEO, SO_KEEPALIVE, SO_REUSEADDR};
/// What a library asks an open socket. Nothing that numbers sockets, namespaces or processes of the
/// whole machine: SO_COOKIE, SO_NETNS_COOKIE, SO_PEERPIDFD.
constexpr int kSocketQuestions[] = {SO_TYPE,     SO_ERROR,     SO_DOMAIN,   SO_PROTOCOL, SO_ACCEPTCONN,
                                    SO_PEERCRED, SO_LINGER,    SO_SNDBUF,   SO_RCVBUF,   SO_SNDTIMEO,
                                    SO_RCVTIMEO, SO_KEEPALIVE, SO_REUSEADDR};

class Builder {
public:
    Builder() : context_(seccomp_init(SCMP_ACT_ERRNO(ENOSYS)), &seccomp_release) {
        if (!context_) failed_ = ENOMEM;
        // The other instruction sets of the same processor (i386, x32) would pass unseen.
        check(seccomp_attr_set(context_.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS));
        check(seccomp_attr_set(context_.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2));
    }

    void rule(std::uint32_t action, const char* name, std::initializer_list<scmp_arg_cmp> tests = {}) {
        const int number = seccomp_syscall_resolve_name(name);
        if (number < 0 || failed_ != 0) return;
        check(seccomp_rule_add_array(context_.get(), action, number, unsigned(tests.size()), tests.begin()));
    }

    Result<Bytes> build() {
        const Fd memory(::memfd_create("c2d-filter", MFD_CLOEXEC));
        if (failed_ == 0 && !memory) failed_ = errno;
        if (failed_ == 0) check(seccomp_export_bpf(context_.get(), memory.get()));
        if (failed_ != 0)
            return fail(Status::UNSUPPORTED, "cannot build the system call filter: {}", errno_text(failed_));
        C2D_TRY(const std::string text, read_fd(memory.get(), std::size_t(4096) * 8));
        return Bytes(text.begin(), text.end());
    }

private:
    void check(int result) {
        if (result != 0 && failed_ == 0) failed_ = -result;
    }
    std::unique_ptr<void, void (*)(scmp_filter_ctx)> context_;
    int failed_ = 0;
};

scmp_arg_cmp equals(unsigned argument, std::uint64_t value) { return scmp_arg_cmp{argument, SCMP_CMP_EQ, value, 0}; }
scmp_arg_cmp masked(unsigned argument, std::uint64_t mask, std::uint64_t value) {
    return scmp_arg_cmp{argument, SCMP_CMP_MASKED_EQ, mask, value};
}

constexpr auto kAllow = SCMP_ACT_ALLOW;
constexpr std::uint64_t kLow = 0xffffffff;  // the kernel looks at 32 bits of these arguments

/// Marks on inodes and in the page cache, which all runs and the host share.
void add_file_rules(Builder& filter) {
    const auto eperm = SCMP_ACT_ERRNO(EPERM);
    for (const char* name : {"fcntl", "fcntl64"}) {
        for (const auto command : kFcntls) filter.rule(kAllow, name, {masked(1, kLow, unsigned(command))});
        for (const auto command : kFcntlsRefused) filter.rule(eperm, name, {masked(1, kLow, unsigned(command))});
    }
    // RWF_NOWAIT reads what is in the page cache, RWF_DONTCACHE changes it. The C library then
    // takes the call for absent and does without.
    for (const char* name : {"preadv2", "pwritev2"}) filter.rule(kAllow, name, {masked(5, kLow, 0)});
    for (const auto advice : kFileAdvice) filter.rule(kAllow, "fadvise64", {masked(3, kLow, unsigned(advice))});
    filter.rule(eperm, "fadvise64", {masked(3, kLow, POSIX_FADV_DONTNEED)});
}

/// Huge pages come from one pool of the machine, which no memory cgroup counts.
void add_memory_rules_without_files(Builder& filter) {
    const auto eperm = SCMP_ACT_ERRNO(EPERM);
    for (const auto advice : kAdvice) filter.rule(kAllow, "madvise", {masked(2, kLow, unsigned(advice))});
    for (const char* name : {"mmap", "mmap2"}) {
        filter.rule(kAllow, name, {masked(3, MAP_HUGETLB, 0)});
        filter.rule(eperm, name, {masked(3, MAP_HUGETLB, MAP_HUGETLB)});
    }
}

void add_memory_rules(Builder& filter, bool memory_files) {
    const auto eperm = SCMP_ACT_ERRNO(EPERM);
    add_memory_rules_without_files(filter);
    filter.rule(memory_files ? kAllow : eperm, "memfd_create", {masked(1, MFD_HUGETLB, 0)});
    filter.rule(eperm, "memfd_create", {masked(1, MFD_HUGETLB, MFD_HUGETLB)});
}

/// The peers' channel and pairs of sockets. Out-of-band bytes are of no use to anybody and were a
/// hole in the kernel (CVE-2025-38236).
void add_socket_rules(Builder& filter) {
    // A datagram socketpair could still be turned to another address, a connected one cannot.
    for (const auto type : {SOCK_STREAM, SOCK_SEQPACKET})
        filter.rule(kAllow, "socketpair", {masked(0, kLow, AF_UNIX), masked(1, 0xf, std::uint64_t(type))});
    for (const auto option : kSocketOptions)
        filter.rule(kAllow, "setsockopt", {masked(1, kLow, SOL_SOCKET), masked(2, kLow, std::uint64_t(option))});
    for (const auto option : kSocketQuestions)
        filter.rule(kAllow, "getsockopt", {masked(1, kLow, SOL_SOCKET), masked(2, kLow, std::uint64_t(option))});
    filter.rule(kAllow, "sendto", {masked(3, MSG_OOB, 0), equals(4, 0)});
    filter.rule(kAllow, "recvfrom", {masked(3, MSG_OOB, 0)});
    for (const char* name : {"sendmsg", "recvmsg"}) filter.rule(kAllow, name, {masked(2, MSG_OOB, 0)});
}

void add_process_rules(Builder& filter) {
    const auto eperm = SCMP_ACT_ERRNO(EPERM);
    std::uint64_t all = 0;
    for (const auto flag : kCloneFlagsRefused) {
        all |= flag;
        filter.rule(eperm, "clone", {masked(0, flag, flag)});
    }
    filter.rule(kAllow, "clone", {masked(0, all, 0)});
    for (const auto request : kIoctls) filter.rule(kAllow, "ioctl", {masked(1, kLow, request)});
    for (const auto option : kPrctls) filter.rule(kAllow, "prctl", {masked(0, kLow, unsigned(option))});
    filter.rule(kAllow, "prlimit64", {masked(0, kLow, 0)});
    filter.rule(kAllow, "personality", {masked(0, kLow, 0xffffffff)});
    for (const std::uint64_t code : {0x1002 /* ARCH_SET_FS */, 0x1003 /* ARCH_GET_FS */})
        filter.rule(kAllow, "arch_prctl", {masked(0, kLow, code)});
}

/// What the engine calls: its sockets, memory and threads, and what starting a program takes. No file but to read, no
/// socket but those that it has, no other process.
// clang-format off
constexpr const char* kEngineAllowed[] = {
    "brk", "mlock", "mlock2", "mprotect", "mremap", "munlock", "munmap",
    "access", "close", "faccessat", "faccessat2", "fstat", "fstat64", "fstatat64", "getcwd", "_llseek", "lseek",
    "newfstatat", "pread64", "read", "readlink", "readlinkat", "readv", "statx", "write", "writev",
    "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2", "poll", "ppoll", "select", "pselect6",
    "execve", "exit", "exit_group", "futex", "getegid", "geteuid", "getgid", "getpid", "getppid", "getrlimit", "gettid",
    "getuid", "membarrier", "restart_syscall", "rseq", "sched_getaffinity", "sched_yield", "set_robust_list",
    "set_tid_address", "tgkill", "uname",
    "clock_getres", "clock_gettime", "clock_nanosleep", "gettimeofday", "nanosleep", "rt_sigaction", "rt_sigprocmask",
    "rt_sigreturn", "sigaltstack", "time",
    "shutdown", "getrandom", "landlock_create_ruleset", "landlock_restrict_self",
};
constexpr const char* kEngineRefused[] = {
    "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_open", "pidfd_getfd", "kcmp", "kill", "tkill", "fork",
    "vfork", "socket", "socketpair", "connect", "bind", "listen", "accept", "accept4", "unlink", "unlinkat", "rename",
    "renameat", "renameat2", "mkdir", "mkdirat", "chmod", "fchmod", "truncate", "ftruncate", "memfd_create",
};
// clang-format on
constexpr int kEnginePrctls[] = {PR_SET_NAME, PR_GET_NAME, PR_GET_DUMPABLE, PR_SET_DUMPABLE, 0x53564d41};

Result<SystemCallFilter> build_engine_filter() {
    Builder filter;
    const auto eperm = SCMP_ACT_ERRNO(EPERM);
    for (const char* name : kEngineAllowed) filter.rule(kAllow, name);
    for (const char* name : kEngineRefused) filter.rule(eperm, name);
    add_memory_rules_without_files(filter);
    // To read only: what a program starts from, and inputs.
    for (const auto& [name, argument] : {std::pair{"open", 1u}, std::pair{"openat", 2u}})
        filter.rule(kAllow, name, {masked(argument, O_ACCMODE | O_CREAT | O_TRUNC, O_RDONLY)});
    filter.rule(kAllow, "clone", {masked(0, CLONE_THREAD | CLONE_VM, CLONE_THREAD | CLONE_VM)});
    for (const auto command : {F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC})
        filter.rule(kAllow, "fcntl", {masked(1, kLow, unsigned(command))});
    for (const auto option : kEnginePrctls) filter.rule(kAllow, "prctl", {masked(0, kLow, unsigned(option))});
    for (const auto option : {SO_TYPE, SO_ERROR, SO_SNDBUF, SO_RCVBUF})
        filter.rule(kAllow, "getsockopt", {masked(1, kLow, SOL_SOCKET), masked(2, kLow, std::uint64_t(option))});
    filter.rule(kAllow, "sendto", {masked(3, MSG_OOB, 0), equals(4, 0)});
    filter.rule(kAllow, "recvfrom", {masked(3, MSG_OOB, 0)});
    filter.rule(kAllow, "prlimit64", {masked(0, kLow, 0), equals(2, 0)});
    filter.rule(kAllow, "ioctl", {masked(1, kLow, TCGETS)});
    for (const std::uint64_t code : {0x1002 /* ARCH_SET_FS */, 0x1003 /* ARCH_GET_FS */})
        filter.rule(kAllow, "arch_prctl", {masked(0, kLow, code)});
    SystemCallFilter out;
    C2D_TRY(out.program, filter.build());
    out.sha256 = c2d::sha256(BytesView(out.program));
    return out;
}

Result<SystemCallFilter> build_filter(bool memory_files) {
    Builder filter;
    for (const char* name : kAllowed) filter.rule(SCMP_ACT_ALLOW, name);
    for (const char* name : kRefused) filter.rule(SCMP_ACT_ERRNO(EPERM), name);
    for (const char* name : kSockets) filter.rule(SCMP_ACT_ERRNO(EACCES), name);
    for (const char* name : kAttributes) filter.rule(SCMP_ACT_ERRNO(ENOTSUP), name);
    add_file_rules(filter);
    add_memory_rules(filter, memory_files);
    add_socket_rules(filter);
    add_process_rules(filter);
    SystemCallFilter out;
    C2D_TRY(out.program, filter.build());
    out.sha256 = c2d::sha256(BytesView(out.program));
    return out;
}

}  // namespace

Result<const SystemCallFilter*> system_call_filter(bool memory_files) {
    // Constants of the build and the architecture: made on first use, never changed.
    static const std::array<Result<SystemCallFilter>, 2> kFilters = {build_filter(false), build_filter(true)};
    const auto& filter = kFilters[memory_files ? 1 : 0];
    if (!filter) return filter.error();
    return &filter.value();
}

Result<const SystemCallFilter*> engine_call_filter() {
    static const Result<SystemCallFilter> kFilter = build_engine_filter();
    if (!kFilter) return kFilter.error();
    return &kFilter.value();
}

}  // namespace c2d::sandbox
