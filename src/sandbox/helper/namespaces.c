/* Who owns the namespaces, and entering them. */
#include "job.h"
#include "system.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>

/* Whether `id` stands for somebody outside, by /proc/self/uid_map or gid_map. */
static bool id_is_mapped(const char* map, uint32_t id) {
    char text[4096]; /* the kernel takes 340 short lines at most; one page is what it gives at once */
    const size_t size = read_short_file(AT_FDCWD, map, text, sizeof text);
    bool found = false;
    for (const char* at = text; !found && at < text + size && *at;) {
        const uint64_t inside = read_decimal(&at);
        (void)read_decimal(&at);
        const uint64_t count = read_decimal(&at);
        found = id >= inside && id - inside < count;
        if (*at != '\n') break;
        at++;
    }
    return found;
}

static bool user_is_mapped(uint32_t id) {
    return id_is_mapped("/proc/self/uid_map", id) && id_is_mapped("/proc/self/gid_map", id);
}

/* One of its own for each run, by this process's number: what the kernel counts for a user (pages of
 * pipes, descriptors in flight, watches of epoll) would otherwise tell one run of another. */
static uint32_t job_user(const struct c2d_plan_header* head) {
    const uint32_t own = C2D_JOB_ID_FIRST + (uint32_t)getpid();
    return user_is_mapped(own) ? own : head->job_id;
}

/* By trying what is there, not by geteuid(): root in a container may lack any part of this and
 * is then served like an ordinary user. */
void job_choose_user(struct job* job) {
    const uint32_t id = job_user(&job->plan.head);
    job->supervisor_user = geteuid();
    job->supervisor_group = getegid();
    job->root = has_capability(CAP_SYS_ADMIN) && has_capability(CAP_SETUID) && has_capability(CAP_SETGID) &&
                has_capability(CAP_CHOWN) && user_is_mapped(id);
    job->user = job->group = job->root ? id : job->plan.head.inside_id;
}

/* For an ordinary user the namespace that owns all others; the host's own id is the only one in
 * it. Failing here is failing altogether: without it none of the others can be had. */
static void own_user_namespace(struct job* job) {
    if (unshare(CLONE_NEWUSER) != 0)
        give_up(job, C2D_FAILURE_LAYER, C2D_LAYER_USER_NS, errno, "unshare(CLONE_NEWUSER)", "");
    /* The new credentials cleared both; without the first, /proc/self belongs to root. */
    prctl(PR_SET_DUMPABLE, 1);
    prctl(PR_SET_PDEATHSIG, 9 /* SIGKILL */);
    const int error =
        map_ids(AT_FDCWD, "/proc/self", job->plan.head.inside_id, job->supervisor_user, job->supervisor_group);
    if (error) give_up(job, C2D_FAILURE_LAYER, C2D_LAYER_USER_NS, error, "writing /proc/self/uid_map", "");
    note_layer_on(job, C2D_LAYER_USER_NS);
}

struct namespace_row {
    int flag;
    enum c2d_layer layer;
    bool may_be_missing; /* without the others there is no /job, or no certain end */
    const char* step;
};

static const struct namespace_row kNamespaces[] = {
    {CLONE_NEWNS, C2D_LAYER_MOUNT_NS, false, "unshare(CLONE_NEWNS)"},
    {CLONE_NEWPID, C2D_LAYER_PID_NS, false, "unshare(CLONE_NEWPID)"},
    {CLONE_NEWNET, C2D_LAYER_NET_NS, true, "unshare(CLONE_NEWNET)"},
    {CLONE_NEWIPC, C2D_LAYER_IPC_NS, true, "unshare(CLONE_NEWIPC)"},
    {CLONE_NEWUTS, C2D_LAYER_UTS_NS, true, "unshare(CLONE_NEWUTS)"},
};
enum { kNamespaceCount = sizeof kNamespaces / sizeof kNamespaces[0] };

/* The network is what takes longest, and the host is still writing the plan. Only for root: an
 * ordinary user has to have its own namespace first, for which the plan is needed. */
void job_leave_network(struct job* job) {
    job->network_left = has_capability(CAP_SYS_ADMIN) && unshare(CLONE_NEWNET) == 0;
}

/* For a test that leaves the layer out. */
static void return_to_network(struct job* job) {
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/ns/net", (int)syscall(SYS_getppid));
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || syscall(SYS_setns, fd, CLONE_NEWNET) != 0)
        give_up(job, C2D_FAILURE_SETUP, 0, errno, "cannot return to", path);
    close(fd);
}

void job_enter_namespaces(struct job* job) {
    if (!job->root) own_user_namespace(job);
    int all = 0, left_out = 0;
    for (int i = 0; i < kNamespaceCount; i++)
        *(job_leaves_out(job, kNamespaces[i].layer) ? &left_out : &all) |= kNamespaces[i].flag;
    if (job->network_left && (left_out & CLONE_NEWNET)) return_to_network(job);
    /* In a user namespace of its own it must be made again, to belong to that one. */
    if (job->network_left && job->root) all &= ~CLONE_NEWNET;
    /* One call is the rule; one by one only to learn which of them is refused. */
    const bool together = unshare(all) == 0;
    bool own_names = false;
    for (int i = 0; i < kNamespaceCount; i++) {
        const struct namespace_row* row = &kNamespaces[i];
        if (left_out & row->flag) continue;
        const bool on = together || !(all & row->flag) || unshare(row->flag) == 0;
        if (on) {
            note_layer_on(job, row->layer);
        } else if (row->may_be_missing) {
            report_layer_off(job, row->layer, errno, row->step);
        } else {
            give_up(job, C2D_FAILURE_LAYER, row->layer, errno, row->step, "");
        }
        own_names |= row->flag == CLONE_NEWUTS && on;
    }
    /* Only where the namespace is ours: otherwise this would rename the host. */
    if (own_names && sethostname("c2d", 3) != 0) report_note(job, "the host name stays visible:", "sethostname", errno);
}

/* The operator's own namespace, below that of its mounts and network: capabilities in it reach
 * nothing. For an ordinary user it is a second wall and may be missing. */
void enter_user_namespace(struct job* job) {
    if (job->root) {
        if (setresgid(job->group, job->group, job->group) != 0 || setresuid(job->user, job->user, job->user) != 0)
            give_up(job, C2D_FAILURE_SETUP, 0, errno, "cannot become the job's user", "");
        prctl(PR_SET_DUMPABLE, 1);
    }
    if (job->root && job_leaves_out(job, C2D_LAYER_USER_NS)) return;
    int error = unshare(CLONE_NEWUSER) == 0 ? 0 : errno;
    const char* step = "unshare(CLONE_NEWUSER)";
    if (!error) {
        prctl(PR_SET_DUMPABLE, 1);
        step = "writing uid_map";
        error = map_ids(job->process_directory, "self", job->plan.head.inside_id, job->user, job->group);
        if (error) give_up(job, C2D_FAILURE_LAYER, C2D_LAYER_USER_NS, error, step, "");
    }
    if (!job->root) {
        if (error) report_note(job, "no second user namespace:", step, error);
    } else if (error) {
        report_layer_off(job, C2D_LAYER_USER_NS, error, step);
    } else {
        note_layer_on(job, C2D_LAYER_USER_NS);
    }
}
