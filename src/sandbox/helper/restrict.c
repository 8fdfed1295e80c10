/* What the operator gives up before its program starts: capabilities, resources, calls. */
#include "job.h"
#include "system.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <linux/securebits.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

static int set_capabilities(const struct __user_cap_data_struct data[2]) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    return (int)syscall(SYS_capset, &head, data);
}

bool has_capability(int capability) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {0};
    return syscall(SYS_capget, &head, data) == 0 && (data[capability / 32].effective & (1u << (capability % 32)));
}

void keep_only_capabilities(uint64_t keep) {
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {0};
    if (syscall(SYS_capget, &head, data) != 0) memset(data, 0, sizeof data);
    for (int i = 0; i < 2; i++) {
        data[i].permitted &= (uint32_t)(keep >> (32 * i));
        data[i].effective = data[i].permitted;
        data[i].inheritable = 0;
    }
    set_capabilities(data);
}

void drop_bounding_set(void) {
    for (int capability = 0; capability < 64; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) break;
}

/* All five sets empty, and no way back by becoming user 0. */
void drop_capabilities(struct job* job) {
    const unsigned long locked = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
                                 SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED | SECBIT_NO_CAP_AMBIENT_RAISE |
                                 SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
    if (job_leaves_out(job, C2D_LAYER_CAPABILITIES)) return;
    drop_bounding_set();
    (void)prctl(PR_SET_SECUREBITS, locked, 0, 0, 0);
    (void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    const struct __user_cap_data_struct none[2] = {0};
    const int failed = set_capabilities(none);
    struct __user_cap_header_struct head = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct left[2] = {0};
    if (failed || syscall(SYS_capget, &head, left) != 0 || left[0].permitted || left[1].permitted)
        report_layer_off(job, C2D_LAYER_CAPABILITIES, failed ? errno : EPERM, "capset");
    else
        note_layer_on(job, C2D_LAYER_CAPABILITIES);
}

struct limit_row {
    int resource;
    uint64_t value;
};

/* Both values; a hard limit that the host already has stays where it is lower. */
static int set_limit(int resource, uint64_t value) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0) return -1;
    const rlim_t hard = value < limit.rlim_max ? value : limit.rlim_max;
    limit.rlim_cur = limit.rlim_max = hard;
    return setrlimit(resource, &limit);
}

/* One byte, not none: a handler in core_pattern ("|/usr/…") is started at a limit of 0, and would
 * keep the rows that the operator held; at 1 the kernel makes no dump at all. Before privileges
 * go, because the host's own limit may be 0 and would have to be raised. */
void forbid_core_dumps(void) {
    const struct rlimit one = {1, 1};
    (void)setrlimit(RLIMIT_CORE, &one);
}

void set_limits(struct job* job) {
    if (job_leaves_out(job, C2D_LAYER_RLIMITS)) return;
    const struct c2d_plan_header* head = &job->plan.head;
    const struct limit_row rows[] = {
        {RLIMIT_CORE, 1},
        {RLIMIT_CPU, head->cpu_seconds},
        {RLIMIT_FSIZE, head->file_bytes},
        {RLIMIT_NOFILE, head->open_files},
        {RLIMIT_NPROC, head->processes},
        {RLIMIT_AS, head->address_space_bytes},
        {RLIMIT_STACK, 8u << 20},
        {RLIMIT_MEMLOCK, 0},
        {RLIMIT_MSGQUEUE, 0},
        {RLIMIT_SIGPENDING, 4 * (uint64_t)head->processes + 64},
        {RLIMIT_RTPRIO, 0},
        {RLIMIT_NICE, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (set_limit(rows[i].resource, rows[i].value) == 0) continue;
        report_layer_off(job, C2D_LAYER_RLIMITS, errno, "setrlimit");
        return;
    }
    note_layer_on(job, C2D_LAYER_RLIMITS);
}

void load_filter(struct job* job, const void* filter, uint32_t count) {
    if (job_leaves_out(job, C2D_LAYER_SECCOMP)) return;
    const struct sock_fprog program = {(unsigned short)count, (struct sock_filter*)filter};
    if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program) != 0)
        report_layer_off(job, C2D_LAYER_SECCOMP, errno, "seccomp");
    else
        note_layer_on(job, C2D_LAYER_SECCOMP);
}
