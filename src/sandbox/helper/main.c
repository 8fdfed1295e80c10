/* c2d-sandbox-helper: started by the library with a control socket as descriptor 3 and nothing
 * else; of no use by hand. This file is the supervisor: it enters the namespaces, starts init, and
 * ends init when the host goes or asks for it. */
#include "job.h"
#include "system.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

enum { CONTROL = 3 };

/* Nothing that the host's process had open or set goes further than this process. */
static void drop_inherited_state(void) {
    sys_close_range(CONTROL + 1, ~0u);
    fcntl(CONTROL, F_SETFD, FD_CLOEXEC);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_NAME, "c2d-supervisor");
    personality(0);
    /* Keys of the host's session are not the operator's. */
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
}

static void announce_init(struct job* job, pid_t init) {
    struct c2d_message message = {.type = C2D_MESSAGE_INIT};
    const int handle = sys_pidfd_open(init);
    if (handle < 0) {
        kill(init, SIGKILL);
        give_up(job, C2D_FAILURE_SETUP, 0, errno, "pidfd_open", "");
    }
    send_message(job, &message, handle);
    close(handle);
}

/* Until init is reaped. Any byte from the host, or its end, ends init. */
static _Noreturn void supervise(struct job* job, pid_t init) {
    const int handle = sys_pidfd_open(init);
    for (bool killed = false;;) {
        struct pollfd polled[] = {{handle, POLLIN, 0}, {job->control, (short)(killed ? 0 : POLLIN | POLLRDHUP), 0}};
        if (killed) polled[1].fd = -1;
        if (poll(polled, 2, -1) < 0 && errno != EINTR) kill(init, SIGKILL);
        if (!killed && polled[1].revents) {
            kill(init, SIGKILL);
            killed = true;
        }
        if (waitpid(init, NULL, WNOHANG) == init) _exit(0);
    }
}

int main(void) {
    static struct job job = {.control = CONTROL, .process_directory = -1, .scratch = -1, .outputs = -1};
    drop_inherited_state();
    forbid_core_dumps();
    job_leave_network(&job);
    job_receive(&job);
    job_choose_user(&job);
    job_clone_trees(&job);
    job_enter_namespaces(&job);
    int line[2];
    if (pipe2(line, O_CLOEXEC) != 0) give_up(&job, C2D_FAILURE_SETUP, 0, errno, "pipe2", "");
    const pid_t init = fork();
    if (init < 0) give_up(&job, C2D_FAILURE_SETUP, 0, errno, "fork", "");
    if (init == 0) {
        close(line[1]);
        job.lifeline = line[0];
        init_main(&job);
    }
    close(line[0]);
    announce_init(&job, init);
    sys_close_range(CONTROL + 1, (unsigned)line[1] - 1);
    sys_close_range((unsigned)line[1] + 1, ~0u);
    prctl(PR_SET_DUMPABLE, 0);
    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
    keep_only_capabilities(0);
    supervise(&job, init);
}
