/* The last process: gives up everything, then becomes the operator. */
#include "job.h"
#include "system.h"

#include <errno.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

/* Into the job's cgroups first, so that the cgroup namespace begins there. */
static void join_cgroups(struct job* job) {
    const struct c2d_plan_header* head = &job->plan.head;
    for (uint32_t i = job->born_in_cgroup ? 1 : 0; i < head->cgroup_count; i++) {
        const int procs = job->descriptors[head->cgroup_first + i];
        if (write(procs, "0", 1) != 1) give_up(job, C2D_FAILURE_SETUP, 0, errno, "cannot join the job's cgroup", "");
    }
    if (job_leaves_out(job, C2D_LAYER_CGROUP_NS)) return;
    if (unshare(CLONE_NEWCGROUP) == 0)
        note_layer_on(job, C2D_LAYER_CGROUP_NS);
    else
        report_layer_off(job, C2D_LAYER_CGROUP_NS, errno, "unshare(CLONE_NEWCGROUP)");
}

/* 0 nothing, 1 and 2 the log, 3 the peers' channel or the exec pipe's neighbour; everything else
 * is closed. Returns where the control socket and the pipe went: both vanish at exec. */
static void arrange_descriptors(struct job* job, int* exec_pipe) {
    const uint32_t peer = job->plan.head.peer;
    /* Above everything that is about to be overwritten. */
    const int log = fcntl(job->descriptors[C2D_DESCRIPTOR_LOG], F_DUPFD_CLOEXEC, 10);
    const int channel = peer == C2D_PLAN_NO_DESCRIPTOR ? -1 : fcntl(job->descriptors[peer], F_DUPFD_CLOEXEC, 10);
    const int control = fcntl(job->control, F_DUPFD_CLOEXEC, 10);
    const int pipe_end = fcntl(*exec_pipe, F_DUPFD_CLOEXEC, 10);
    const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (log < 0 || control < 0 || pipe_end < 0 || null < 0 || (channel < 0 && peer != C2D_PLAN_NO_DESCRIPTOR))
        give_up(job, C2D_FAILURE_SETUP, 0, errno, "cannot arrange descriptors", "");
    job->control = dup3(control, 5, O_CLOEXEC);
    *exec_pipe = dup3(pipe_end, 6, O_CLOEXEC);
    if (dup2(null, 0) < 0 || dup2(log, 1) < 0 || dup2(log, 2) < 0 || (channel >= 0 && dup2(channel, 3) < 0) ||
        job->control < 0 || *exec_pipe < 0)
        give_up(job, C2D_FAILURE_SETUP, 0, errno, "cannot arrange descriptors", "");
    if (channel < 0) close(3);
    close(4);
    if (sys_close_range(7, ~0u) != 0) give_up(job, C2D_FAILURE_SETUP, 0, errno, "close_range", "");
}

static void reset_signals(void) {
    /* All have their default since the helper was started, but these two, which the C library of
     * the host keeps to itself. */
    for (int number = 32; number <= 33; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

static void lock_privileges(struct job* job) {
    if (job_leaves_out(job, C2D_LAYER_NO_NEW_PRIVS)) return;
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        give_up(job, C2D_FAILURE_LAYER, C2D_LAYER_NO_NEW_PRIVS, errno, "prctl", "");
    note_layer_on(job, C2D_LAYER_NO_NEW_PRIVS);
}

void become_inmate(struct job* job) {
    setsid();
    join_cgroups(job);
    /* When memory runs out, the kernel takes these before anything of the host. */
    (void)write_control_file(job->process_directory, "self/oom_score_adj", "800");
    /* Another user may not, and a new namespace begins with all of it: only where there may be none. */
    if (!job_requires(job, C2D_LAYER_USER_NS) || (job->plan.head.left_out & 1u << C2D_LAYER_USER_NS))
        drop_bounding_set();
    enter_user_namespace(job);
}

void give_up_rights(struct job* job, const void* filter, uint32_t filter_count) {
    reset_signals();
    set_limits(job);
    umask(077);
    if (chdir("/job") != 0) give_up(job, C2D_FAILURE_SETUP, 0, errno, "chdir", "/job");
    drop_capabilities(job);
    lock_privileges(job);
    enter_landlock(job);
    load_filter(job, filter, filter_count);
}

void operator_main(struct job* job, int exec_pipe) {
    become_inmate(job);
    arrange_descriptors(job, &exec_pipe);
    give_up_rights(job, job->plan.filter, job->plan.head.filter_count);
    report_layers_on(job);
    if (job->plan.head.flags & C2D_PLAN_PROBE) _exit(0);
    environ = job->plan.variables;
    execvp(job->plan.arguments[0], job->plan.arguments);
    const char failed = 1;
    (void)!write(exec_pipe, &failed, 1);
    give_up(job, C2D_FAILURE_EXEC, 0, errno, "cannot execute", job->plan.arguments[0]);
}
