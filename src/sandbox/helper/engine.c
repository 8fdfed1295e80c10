/* The engine of a joint run: a process beside the operator that alone holds the peers' channel. It is there, and cannot
 * be looked at any more, before the operator starts. */
#include "job.h"
#include "system.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>

/* 0 nothing, 1 and 2 the log, 3 the peers, 4 the operator, 5 what the provider says, 6 the host, which vanishes at
 * exec. */
static void arrange_descriptors(struct job* job, int channel) {
    enum { CONTROL = 6, COUNT };
    const int from[COUNT] = {open("/dev/null", O_RDONLY | O_CLOEXEC),
                             job->descriptors[C2D_DESCRIPTOR_LOG],
                             job->descriptors[C2D_DESCRIPTOR_LOG],
                             job->descriptors[job->plan.head.peer],
                             channel,
                             job->descriptors[job->plan.head.engine_start],
                             job->control};
    int high[COUNT];
    /* Above everything that is about to be overwritten. */
    for (int i = 0; i < COUNT; i++)
        if (from[i] < 0 || (high[i] = fcntl(from[i], F_DUPFD_CLOEXEC, 16)) < 0)
            give_up(job, C2D_FAILURE_SETUP, 0, errno, "cannot arrange the engine's descriptors", "");
    for (int i = 0; i < COUNT; i++)
        if ((i < CONTROL ? dup2(high[i], i) : dup3(high[i], i, O_CLOEXEC)) < 0)
            give_up(job, C2D_FAILURE_SETUP, 0, errno, "cannot arrange the engine's descriptors", "");
    job->control = CONTROL;
    if (sys_close_range(COUNT, ~0u) != 0) give_up(job, C2D_FAILURE_SETUP, 0, errno, "close_range", "");
}

static _Noreturn void engine_main(struct job* job, int channel) {
    static char* variables[] = {"LANG=C.UTF-8", NULL};
    char* arguments[] = {job->plan.engine, NULL};
    become_inmate(job);
    arrange_descriptors(job, channel);
    give_up_rights(job, job->plan.engine_filter, job->plan.head.engine_filter_count);
    environ = variables;
    execvp(job->plan.engine, arguments);
    give_up(job, C2D_FAILURE_EXEC, 0, errno, "cannot execute the engine", job->plan.engine);
}

pid_t start_engine(struct job* job) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        give_up(job, C2D_FAILURE_SETUP, 0, errno, "cannot make the engine's socket", "");
    const pid_t pid = fork_inmate(job);
    if (pid < 0) give_up(job, C2D_FAILURE_SETUP, 0, errno, "fork", "");
    if (pid == 0) {
        close(ends[0]);
        engine_main(job, ends[1]);
    }
    close(ends[1]);
    /* What stood for the peers is from now on the operator's way to the engine. */
    close(job->descriptors[job->plan.head.peer]);
    job->descriptors[job->plan.head.peer] = ends[0];
    char ready = 0;
    ssize_t got;
    while ((got = read(ends[0], &ready, 1)) < 0 && errno == EINTR) {
    }
    if (got != 1) give_up(job, C2D_FAILURE_EXEC, 0, EIO, "the engine did not start:", job->plan.engine);
    return pid;
}
