/* System calls and constants that older C libraries and kernel headers do not name. */
#ifndef C2D_HELPER_SYSTEM_H
#define C2D_HELPER_SYSTEM_H

#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers that are the same on every architecture (all calls since 5.1 share one table). */
#define NR_OPEN_TREE 428
#define NR_MOVE_MOUNT 429
#define NR_FSOPEN 430
#define NR_FSCONFIG 431
#define NR_FSMOUNT 432
#define NR_PIDFD_OPEN 434
#define NR_CLOSE_RANGE 436
#define NR_CLONE3 435
#define NR_OPENAT2 437
#define NR_MOUNT_SETATTR 442
#define NR_LANDLOCK_CREATE_RULESET 444
#define NR_LANDLOCK_ADD_RULE 445
#define NR_LANDLOCK_RESTRICT_SELF 446

#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif
#define SYS_OPEN_TREE_CLONE 1u
#define SYS_OPEN_TREE_CLOEXEC O_CLOEXEC
#define SYS_MOVE_FROM_EMPTY 0x04u
#define SYS_MOVE_TO_EMPTY 0x40u
#define SYS_FS_CLOEXEC 1u
#define SYS_FSCONFIG_FLAG 0u
#define SYS_FSCONFIG_STRING 1u
#define SYS_FSCONFIG_CREATE 6u
#define SYS_ATTR_RDONLY 0x01u
#define SYS_ATTR_NOSUID 0x02u
#define SYS_ATTR_NODEV 0x04u
#define SYS_ATTR_NOEXEC 0x08u
#define SYS_ATTR_IDMAP 0x00100000u
#define SYS_CLONE_INTO_CGROUP 0x200000000ull
#define SYS_RESOLVE_NO_MAGICLINKS 0x02u
#define SYS_RESOLVE_NO_SYMLINKS 0x04u
#define SYS_RESOLVE_BENEATH 0x08u

struct sys_mount_attr {
    uint64_t attr_set, attr_clr, propagation, userns_fd;
};
struct sys_clone_args {
    uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};
struct sys_open_how {
    uint64_t flags, mode, resolve;
};

static inline int sys_open_tree(int dir, const char* path, unsigned flags) {
    return (int)syscall(NR_OPEN_TREE, dir, path, flags);
}
static inline int sys_move_mount(int from, const char* from_path, int to, const char* to_path, unsigned flags) {
    return (int)syscall(NR_MOVE_MOUNT, from, from_path, to, to_path, flags);
}
static inline int sys_fsopen(const char* type) { return (int)syscall(NR_FSOPEN, type, SYS_FS_CLOEXEC); }
static inline int sys_fsconfig(int fs, unsigned command, const char* key, const char* value) {
    return (int)syscall(NR_FSCONFIG, fs, command, key, value, 0);
}
static inline int sys_fsmount(int fs, unsigned attributes) {
    return (int)syscall(NR_FSMOUNT, fs, SYS_FS_CLOEXEC, attributes);
}
static inline int sys_mount_setattr(int dir, const char* path, unsigned flags, const struct sys_mount_attr* attr) {
    return (int)syscall(NR_MOUNT_SETATTR, dir, path, flags, attr, sizeof *attr);
}
static inline int sys_openat2(int dir, const char* path, const struct sys_open_how* how) {
    return (int)syscall(NR_OPENAT2, dir, path, how, sizeof *how);
}
static inline int sys_pidfd_open(pid_t pid) { return (int)syscall(NR_PIDFD_OPEN, pid, 0); }
/* As fork, for a process of one thread. */
static inline pid_t sys_clone_into_cgroup(int directory) {
    const struct sys_clone_args args = {
        .flags = SYS_CLONE_INTO_CGROUP, .exit_signal = SIGCHLD, .cgroup = (uint64_t)directory};
    return (pid_t)syscall(NR_CLONE3, &args, sizeof args);
}
static inline int sys_close_range(unsigned first, unsigned last) {
    return (int)syscall(NR_CLOSE_RANGE, first, last, 0);
}

#endif
