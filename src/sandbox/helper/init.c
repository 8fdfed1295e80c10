/* Process 1 of the sandbox: builds the root, starts the operator, counts what it uses, reaps what
 * it leaves. When this process ends, the kernel ends every other one in the sandbox. */
#include "job.h"
#include "system.h"
#include "usage.h"

#include <errno.h>
#include <linux/capability.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

struct watch {
    pid_t operator_pid, engine_pid; /* of the engine 0 without one */
    int operator_status, engine_status;
    bool operator_ended, engine_ended;
    int64_t give_up_at; /* when the one that is left is ended; 0: not yet */
    int signals;        /* a signalfd of SIGCHLD */
};

/* For the operator to say what the engine's failure came to, and for the engine to send what is left. */
enum { OPERATOR_LEFT_MS = 2000, ENGINE_LEFT_MS = 6000 };

/* Collects every child that has ended, the operator's orphans included. */
static void reap(struct watch* watch) {
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        if (watch->engine_pid != 0 && pid == watch->engine_pid) {
            watch->engine_status = status;
            watch->engine_ended = true;
        }
        if (pid != watch->operator_pid) continue;
        watch->operator_status = status;
        watch->operator_ended = true;
    }
}

static int signals_of_children(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigprocmask(SIG_SETMASK, &set, NULL);
    return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* True when exec went through: the pipe closed without a byte. */
static bool wait_for_exec(int pipe_end) {
    char byte;
    ssize_t got;
    while ((got = read(pipe_end, &byte, 1)) < 0 && errno == EINTR) {
    }
    close(pipe_end);
    return got == 0;
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whether neither of the two is waited for any more. One that outlives the other does so for a short time only. */
static bool all_over(struct watch* watch) {
    const bool engine_there = watch->engine_pid != 0 && !watch->engine_ended;
    if (watch->operator_ended && !engine_there) return true;
    const bool engine_failed = watch->engine_ended && watch->engine_status != 0;
    if (!watch->operator_ended && !engine_failed) return false;
    if (watch->give_up_at == 0) watch->give_up_at = now_ms() + (engine_failed ? OPERATOR_LEFT_MS : ENGINE_LEFT_MS);
    if (now_ms() < watch->give_up_at) return false;
    kill(watch->operator_ended ? watch->engine_pid : watch->operator_pid, SIGKILL);
    return false;
}

/* Until the operator's first process has ended, and its engine; ends at once when the supervisor is gone. */
static void watch_operator(struct job* job, struct watch* watch) {
    int64_t next_sample = now_ms() + job->plan.head.sample_ms;
    while (!all_over(watch)) {
        struct pollfd polled[] = {{watch->signals, POLLIN, 0}, {job->lifeline, 0, 0}};
        const int64_t left = next_sample - now_ms();
        (void)poll(polled, 2, left > 0 ? (int)left : 0);
        if (polled[1].revents) _exit(1);
        struct signalfd_siginfo info;
        while (read(watch->signals, &info, sizeof info) > 0) {
        }
        reap(watch);
        if (now_ms() < next_sample || all_over(watch)) continue;
        struct c2d_message message = {.type = C2D_MESSAGE_SAMPLE};
        measure_usage(job, &message);
        send_message(job, &message, -1);
        next_sample = now_ms() + job->plan.head.sample_ms;
    }
}

/* What the operator left running ends with it; what it used is known once all are reaped. An operator whose engine
 * failed, or refused it something, has not ended well whatever it says. */
static _Noreturn void finish(struct job* job, struct watch* watch) {
    const bool engine_counts = watch->operator_status == 0 && watch->engine_pid != 0;
    struct c2d_message message = {.type = C2D_MESSAGE_ENDED,
                                  .status = engine_counts ? watch->engine_status : watch->operator_status};
    measure_usage(job, &message);
    /* As any other process this would reach everybody's. */
    if (getpid() == 1) kill(-1, SIGKILL);
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, 0)) > 0 || (pid < 0 && errno == EINTR)) {
    }
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    message.cpu_us = (uint64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000000u +
                     (uint64_t)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
    message.value = (uint64_t)used.ru_maxrss * 1024u;
    send_message(job, &message, job->outputs);
    _exit(0);
}

/* In the job's v2 cgroup where the kernel can: moving a process there later has to wait until no
 * other process of the machine forks or ends. */
pid_t fork_inmate(struct job* job) {
    const uint32_t directory = job->plan.head.cgroup_directory;
    if (directory == C2D_PLAN_NO_DESCRIPTOR) return fork();
    job->born_in_cgroup = true;
    const pid_t pid = sys_clone_into_cgroup(job->descriptors[directory]);
    if (pid >= 0) return pid;
    job->born_in_cgroup = false;
    return fork();
}

static void close_operators_descriptors(struct job* job) {
    const uint32_t peer = job->plan.head.peer;
    /* The log must end, and the peers must see the end, when the operator does. */
    close(job->descriptors[C2D_DESCRIPTOR_LOG]);
    if (peer != C2D_PLAN_NO_DESCRIPTOR) close(job->descriptors[peer]);
    for (size_t i = C2D_DESCRIPTOR_FIRST_FREE; i < job->descriptor_count; i++)
        if (i != peer) close(job->descriptors[i]);
}

void init_main(struct job* job) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "c2d-init");
    job_build_root(job);
    struct watch watch = {.signals = signals_of_children()};
    int pipe_ends[2];
    if (watch.signals < 0 || pipe2(pipe_ends, O_CLOEXEC) != 0)
        give_up(job, C2D_FAILURE_SETUP, 0, errno, "cannot watch the operator", "");
    if (job->plan.head.engine_start != C2D_PLAN_NO_DESCRIPTOR) watch.engine_pid = start_engine(job);
    watch.operator_pid = fork_inmate(job);
    if (watch.operator_pid < 0) give_up(job, C2D_FAILURE_SETUP, 0, errno, "fork", "");
    if (watch.operator_pid == 0) {
        close(pipe_ends[0]);
        operator_main(job, pipe_ends[1]);
    }
    close(pipe_ends[1]);
    close_operators_descriptors(job);
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    /* To end processes of another user, and to read how much memory those use that do not want
     * to be looked at. */
    const bool measure = job->plan.head.flags & C2D_PLAN_MEASURE_MEMORY;
    keep_only_capabilities(1ull << CAP_KILL | (measure ? 1ull << CAP_SYS_PTRACE : 0));
    if (wait_for_exec(pipe_ends[0])) {
        struct c2d_message message = {.type = C2D_MESSAGE_STARTED};
        send_message(job, &message, -1);
    }
    watch_operator(job, &watch);
    finish(job, &watch);
}
