#include "job.h"

#include "system.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>

bool job_requires(const struct job* job, enum c2d_layer layer) { return job->plan.head.required & (1u << layer); }

bool job_leaves_out(const struct job* job, enum c2d_layer layer) {
    if (!(job->plan.head.left_out & (1u << layer))) return false;
    struct c2d_message message = {.type = C2D_MESSAGE_LAYER_OFF, .layer = layer, .text = "left out"};
    send_message(job, &message, -1);
    return true;
}

void send_message(const struct job* job, struct c2d_message* message, int descriptor) {
    struct iovec part = {message, sizeof *message};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct msghdr packet = {.msg_iov = &part, .msg_iovlen = 1};
    if (descriptor >= 0) {
        packet.msg_control = control.bytes;
        packet.msg_controllen = sizeof control.bytes;
        struct cmsghdr* head = CMSG_FIRSTHDR(&packet);
        head->cmsg_level = SOL_SOCKET;
        head->cmsg_type = SCM_RIGHTS;
        head->cmsg_len = CMSG_LEN(sizeof descriptor);
        memcpy(CMSG_DATA(head), &descriptor, sizeof descriptor);
    }
    /* A sample may be lost when the host is slow; everything else waits for room. */
    const int flags = MSG_NOSIGNAL | (message->type == C2D_MESSAGE_SAMPLE ? MSG_DONTWAIT : 0);
    while (sendmsg(job->control, &packet, flags) < 0 && errno == EINTR) {
    }
}

void note_layer_on(struct job* job, enum c2d_layer layer) { job->layers_on |= 1u << layer; }

void report_layers_on(const struct job* job) {
    struct c2d_message message = {.type = C2D_MESSAGE_LAYERS_ON, .value = job->layers_on, .status = job->landlock_abi};
    send_message(job, &message, -1);
}

void report_layer_off(const struct job* job, enum c2d_layer layer, int error, const char* step) {
    if (job_requires(job, layer)) give_up(job, C2D_FAILURE_LAYER, layer, error, step, "");
    struct c2d_message message = {.type = C2D_MESSAGE_LAYER_OFF, .layer = layer, .error = error};
    snprintf(message.text, sizeof message.text, "%s", step);
    send_message(job, &message, -1);
}

void report_note(const struct job* job, const char* text, const char* subject, int error) {
    struct c2d_message message = {.type = C2D_MESSAGE_NOTE, .error = error};
    snprintf(message.text, sizeof message.text, "%s %s", text, subject);
    send_message(job, &message, -1);
}

void give_up(const struct job* job, enum c2d_failure failure, enum c2d_layer layer, int error, const char* step,
             const char* subject) {
    report_layers_on(job);
    struct c2d_message message = {.type = C2D_MESSAGE_FAILED, .failure = failure, .layer = layer, .error = error};
    snprintf(message.text, sizeof message.text, "%s%s%s", step, *subject ? " " : "", subject);
    send_message(job, &message, -1);
    _exit(1);
}

size_t read_short_file(int dir, const char* path, char* out, size_t bytes_max) {
    out[0] = 0;
    const int fd = openat(dir, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return 0;
    const ssize_t got = read(fd, out, bytes_max - 1);
    close(fd);
    out[got > 0 ? got : 0] = 0;
    return got > 0 ? (size_t)got : 0;
}

uint64_t read_decimal(const char** at) {
    while (**at == ' ' || **at == '\t') (*at)++;
    const bool negative = **at == '-';
    if (negative) (*at)++;
    uint64_t value = 0;
    while (**at >= '0' && **at <= '9') value = 10 * value + (uint64_t)(*(*at)++ - '0');
    return negative ? 0 - value : value;
}

int write_control_file(int dir, const char* path, const char* text) {
    const int fd = openat(dir, path, O_WRONLY | O_CLOEXEC);
    if (fd < 0) return errno;
    const ssize_t size = (ssize_t)strlen(text);
    const int error = write(fd, text, (size_t)size) == size ? 0 : errno ? errno : EIO;
    close(fd);
    return error;
}

int map_ids(int process_directory, const char* process, uint32_t inside, uint32_t user, uint32_t group) {
    char path[64], line[64];
    snprintf(path, sizeof path, "%s/setgroups", process);
    int error = write_control_file(process_directory, path, "deny");
    if (error) return error;
    snprintf(path, sizeof path, "%s/uid_map", process);
    snprintf(line, sizeof line, "%u %u 1\n", inside, user);
    if ((error = write_control_file(process_directory, path, line)) != 0) return error;
    snprintf(path, sizeof path, "%s/gid_map", process);
    snprintf(line, sizeof line, "%u %u 1\n", inside, group);
    return write_control_file(process_directory, path, line);
}

/* One packet: a byte, and the descriptors. */
static size_t receive_descriptors(struct job* job) {
    char byte = 0;
    struct iovec part = {&byte, 1};
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(int) * C2D_PLAN_DESCRIPTORS_MAX)];
    } control;
    struct msghdr packet = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t got;
    while ((got = recvmsg(job->control, &packet, MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) {
    }
    const struct cmsghdr* head = got == 1 ? CMSG_FIRSTHDR(&packet) : NULL;
    if (!head || head->cmsg_level != SOL_SOCKET || head->cmsg_type != SCM_RIGHTS ||
        (packet.msg_flags & (MSG_TRUNC | MSG_CTRUNC)))
        _exit(1); /* the host is gone, or not ours: nobody to tell */
    const size_t count = (head->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(job->descriptors, CMSG_DATA(head), count * sizeof(int));
    return count;
}

void job_receive(struct job* job) {
    job->descriptor_count = receive_descriptors(job);
    struct stat info;
    const int fd = job->descriptors[C2D_DESCRIPTOR_PLAN];
    /* Without its seals the plan could change while it is read. */
    const int seals = fcntl(fd, F_GET_SEALS);
    const int wanted = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
    if (fstat(fd, &info) != 0 || seals < 0 || (seals & wanted) != wanted)
        give_up(job, C2D_FAILURE_PLAN, 0, errno, "the plan is not sealed", "");
    const size_t bytes = (size_t)info.st_size;
    const void* data = mmap(NULL, bytes ? bytes : 1, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED) give_up(job, C2D_FAILURE_PLAN, 0, errno, "cannot map the plan", "");
    const char* wrong = plan_parse(data, bytes, job->descriptor_count, &job->plan);
    if (wrong) give_up(job, C2D_FAILURE_PLAN, 0, EINVAL, wrong, "");
}
