#include "trees.h"

#include "system.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>

int tree_clone(int fd, uint32_t mount_flags, int idmap) {
    struct stat info;
    if (fstat(fd, &info) != 0) return -1;
    const unsigned recursive = S_ISDIR(info.st_mode) ? AT_RECURSIVE : 0;
    const int tree = sys_open_tree(fd, "", SYS_OPEN_TREE_CLONE | SYS_OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | recursive);
    if (tree < 0) return -1;
    /* Devices too: they can be written all the same, but their times, which every run sees, cannot
     * be changed. */
    struct sys_mount_attr attr = {.attr_set = SYS_ATTR_NOSUID | SYS_ATTR_RDONLY, .propagation = MS_PRIVATE};
    if (!(mount_flags & C2D_MOUNT_DEVICE)) attr.attr_set |= SYS_ATTR_NODEV;
    if (mount_flags & C2D_MOUNT_NOEXEC) attr.attr_set |= SYS_ATTR_NOEXEC;
    if (idmap >= 0) {
        attr.attr_set |= SYS_ATTR_IDMAP;
        attr.userns_fd = (uint64_t)idmap;
    }
    if (sys_mount_setattr(tree, "", AT_EMPTY_PATH | recursive, &attr) == 0) return tree;
    const int error = errno;
    close(tree);
    errno = error;
    return -1;
}

/* In the child: a namespace of its own, kept until the parent has a descriptor of it. */
static _Noreturn void hold_namespace(int ready, int done) {
    const char byte = unshare(CLONE_NEWUSER) == 0 ? 0 : (char)errno;
    char end;
    if (write(ready, &byte, 1) == 1)
        while (read(done, &end, 1) < 0 && errno == EINTR) {
        }
    _exit(0);
}

static int map_owner(pid_t child, uint32_t user, uint32_t group, uint32_t job_id) {
    char path[64], line[64];
    snprintf(path, sizeof path, "/proc/%d/uid_map", child);
    snprintf(line, sizeof line, "%u %u 1\n", user, job_id);
    int error = write_control_file(AT_FDCWD, path, line);
    snprintf(path, sizeof path, "/proc/%d/gid_map", child);
    snprintf(line, sizeof line, "%u %u 1\n", group, job_id);
    if (!error) error = write_control_file(AT_FDCWD, path, line);
    if (error) {
        errno = error;
        return -1;
    }
    snprintf(path, sizeof path, "/proc/%d/ns/user", child);
    return open(path, O_RDONLY | O_CLOEXEC);
}

int tree_owner_map(const struct job* job, uint32_t user, uint32_t group) {
    int ready[2], done[2];
    if (pipe2(ready, O_CLOEXEC) != 0 || pipe2(done, O_CLOEXEC) != 0) return -1;
    const pid_t child = fork();
    if (child < 0) return -1;
    if (child == 0) {
        close(done[1]);
        hold_namespace(ready[1], done[0]);
    }
    close(ready[1]);
    close(done[0]);
    char byte = 0;
    int map = -1;
    if (read(ready[0], &byte, 1) == 1 && byte == 0) map = map_owner(child, user, group, job->user);
    const int error = byte ? byte : errno;
    close(ready[0]);
    close(done[1]);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR) {
    }
    errno = error;
    return map;
}

/* Whether the job's user may read the file as it stands, or could if it owned it. */
static bool readable_by_all(const struct stat* info) { return info->st_mode & S_IROTH; }
static bool readable_by_owner(const struct stat* info) { return info->st_mode & S_IRUSR; }

/* The last owner map, since inputs usually have one owner. */
struct owner_map {
    uint32_t user, group;
    int fd;
};

static int clone_input(struct job* job, int fd, uint32_t flags, struct owner_map* map) {
    struct stat info;
    if (fstat(fd, &info) != 0) return -1;
    if (readable_by_all(&info)) return tree_clone(fd, flags, -1);
    if (!readable_by_owner(&info)) {
        errno = EACCES;
        return -1;
    }
    if (map->fd < 0 || map->user != info.st_uid || map->group != info.st_gid) {
        if (map->fd >= 0) close(map->fd);
        *map = (struct owner_map){info.st_uid, info.st_gid, tree_owner_map(job, info.st_uid, info.st_gid)};
        if (map->fd < 0) return -1;
    }
    return tree_clone(fd, flags, map->fd);
}

enum { PATH_BYTES_MAX = 4096 };

/* Into `out`; null where there is none. */
static char* path_of(int fd, char* out) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    const ssize_t size = readlink(link, out, PATH_BYTES_MAX - 1);
    if (size <= 0 || out[0] != '/') return NULL;
    out[size] = 0;
    return out;
}

/* Root clones the mounts while the descriptors still belong to its own mount namespace: no path
 * is looked up a second time. An ordinary user may not, and keeps the paths for later. */
void job_clone_trees(struct job* job) {
    static char paths[C2D_PLAN_MOUNTS_MAX][PATH_BYTES_MAX];
    struct owner_map map = {.fd = -1};
    for (uint32_t i = 0; i < job->plan.head.mount_count; i++) {
        const struct plan_mount* mount = &job->plan.mounts[i];
        const int fd = job->descriptors[mount->descriptor];
        job->trees[i] = -1;
        if (!job->root) {
            job->paths[i] = path_of(fd, paths[i]);
        } else if (mount->flags & C2D_MOUNT_INPUT) {
            job->trees[i] = clone_input(job, fd, mount->flags, &map);
            if (job->trees[i] < 0) report_note(job, "copying the input", mount->inside, errno);
        } else {
            job->trees[i] = tree_clone(fd, mount->flags, -1);
            if (job->trees[i] < 0)
                give_up(job, C2D_FAILURE_MOUNT, 0, errno, "cannot clone the mount of", mount->inside);
        }
    }
    if (map.fd >= 0) close(map.fd);
}
