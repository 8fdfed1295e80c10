/* The operator's own root: a fresh tmpfs, the runtime read-only, /proc of its own processes, five
 * devices, /job, and two small writable file systems. Mount points are made inside the fresh
 * tmpfs through descriptors, never through a path of the host. */
#include "job.h"
#include "system.h"
#include "trees.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

static _Noreturn void root_failed(const struct job* job, const char* step, const char* subject) {
    give_up(job, C2D_FAILURE_LAYER, C2D_LAYER_PRIVATE_ROOT, errno, step, subject);
}

/* A detached file system; `options` are name, value pairs up to a null. */
static int new_file_system(const char* type, unsigned attributes, const char* const* options) {
    const int fs = sys_fsopen(type);
    if (fs < 0) return -1;
    int failed = 0;
    for (; !failed && options[0]; options += 2)
        failed = sys_fsconfig(fs, SYS_FSCONFIG_STRING, options[0], options[1]) != 0;
    int mount = -1;
    if (!failed && sys_fsconfig(fs, SYS_FSCONFIG_CREATE, NULL, NULL) == 0) mount = sys_fsmount(fs, attributes);
    const int error = errno;
    close(fs);
    errno = error;
    return mount;
}

static int new_tmpfs(unsigned attributes, uint64_t bytes, uint32_t inodes) {
    char size[32], count[32];
    snprintf(size, sizeof size, "%llu", (unsigned long long)bytes);
    snprintf(count, sizeof count, "%u", inodes);
    const char* const options[] = {"size", size, "nr_inodes", count, "mode", "0755", NULL};
    return new_file_system("tmpfs", attributes, options);
}

static int open_component(int dir, const char* name, uint64_t flags) {
    const struct sys_open_how how = {
        .flags = flags | O_PATH | O_NOFOLLOW | O_CLOEXEC,
        .resolve = SYS_RESOLVE_BENEATH | SYS_RESOLVE_NO_SYMLINKS | SYS_RESOLVE_NO_MAGICLINKS};
    return sys_openat2(dir, name, &how);
}

static int walk_to_parent(int root, const char* path, char* leaf) {
    int dir = open_component(root, ".", O_DIRECTORY);
    for (const char* at = path + 1; dir >= 0;) {
        const size_t size = strcspn(at, "/");
        memcpy(leaf, at, size);
        leaf[size] = 0;
        if (at[size] == 0) return dir;
        /* Inside a read-only mount nothing can be made: then it must be there already. */
        (void)mkdirat(dir, leaf, 0755);
        const int next = open_component(dir, leaf, O_DIRECTORY);
        const int error = errno;
        close(dir);
        errno = error;
        dir = next;
        at += size + 1;
    }
    return dir;
}

/* The folder that `open_parent` gave last: most entries lie in the same one as their neighbour. What
 * is mounted on an entry never covers the entry's own folder, so it stays the right one. */
static struct {
    char path[256];
    int fd;
} kept_parent = {.fd = -1};

static void forget_parent(void) {
    if (kept_parent.fd >= 0) close(kept_parent.fd);
    kept_parent.fd = -1;
}

/* Opens the parent of `path` below `root`, making directories where it can; the last component
 * goes to `leaf` (256 bytes). The descriptor is kept for the next call. -1 with errno. */
static int open_parent(int root, const char* path, char* leaf) {
    const size_t parent_size = (size_t)(strrchr(path, '/') - path);
    const bool fits = parent_size < sizeof kept_parent.path;
    if (fits && kept_parent.fd >= 0 && kept_parent.path[parent_size] == 0 &&
        memcmp(kept_parent.path, path, parent_size) == 0) {
        memcpy(leaf, path + parent_size + 1, strlen(path + parent_size + 1) + 1);
        return kept_parent.fd;
    }
    forget_parent();
    kept_parent.fd = walk_to_parent(root, path, leaf);
    memset(kept_parent.path, 1, sizeof kept_parent.path);
    if (fits) {
        memcpy(kept_parent.path, path, parent_size);
        kept_parent.path[parent_size] = 0;
    }
    return kept_parent.fd;
}

/* An O_PATH descriptor of the mount point `path`, made as a directory or an empty file. */
static int open_mount_point(int root, const char* path, bool directory) {
    char leaf[256];
    const int parent = open_parent(root, path, leaf);
    if (parent < 0) return -1;
    if (directory) {
        (void)mkdirat(parent, leaf, 0755);
    } else {
        const int made = openat(parent, leaf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
        if (made >= 0) close(made);
    }
    return open_component(parent, leaf, directory ? O_DIRECTORY : 0);
}

static int attach(int root, int mount, const char* path, bool directory) {
    const int point = open_mount_point(root, path, directory);
    if (point < 0) return -1;
    const int failed = sys_move_mount(mount, "", point, "", SYS_MOVE_FROM_EMPTY | SYS_MOVE_TO_EMPTY);
    const int error = errno;
    close(point);
    errno = error;
    return failed;
}

static int write_new_file(int root, const char* path, uint32_t mode, const char* data, size_t bytes) {
    char leaf[256];
    const int parent = open_parent(root, path, leaf);
    if (parent < 0) return -1;
    const int file = openat(parent, leaf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (file < 0) return -1;
    while (bytes > 0) {
        const ssize_t put = write(file, data, bytes);
        if (put < 0 && errno == EINTR) continue;
        if (put <= 0) break;
        data += put;
        bytes -= (size_t)put;
    }
    if (bytes == 0 && fchmod(file, mode) != 0) bytes = 1;
    close(file);
    return bytes == 0 ? 0 : -1;
}

/* Reads an input to its end; the size of the tmpfs is the bound. */
static int copy_input(int root, int from, const char* path) {
    char leaf[256];
    static char buffer[1 << 16];
    const int parent = open_parent(root, path, leaf);
    if (parent < 0) return -1;
    const int file = openat(parent, leaf, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
    if (file < 0) return -1;
    ssize_t got = 0;
    for (off_t offset = 0;; offset += got) {
        got = pread(from, buffer, sizeof buffer, offset);
        if (got <= 0 || write(file, buffer, (size_t)got) != got) break;
    }
    const int failed = got != 0 || fchmod(file, 0444) != 0;
    const int error = errno;
    close(file);
    errno = error;
    return failed ? -1 : 0;
}

/* The same file as the host's descriptor, by the path it had: a descriptor from before the mount
 * namespace cannot be cloned in it. Another file under that path is ESTALE. */
static int reopen(int host_fd, const char* path) {
    const struct sys_open_how how = {.flags = O_PATH | O_CLOEXEC, .resolve = SYS_RESOLVE_NO_SYMLINKS};
    if (!path) {
        errno = ENOENT;
        return -1;
    }
    const int fd = sys_openat2(AT_FDCWD, path, &how);
    if (fd < 0) return -1;
    struct stat ours, theirs;
    if (fstat(fd, &ours) == 0 && fstat(host_fd, &theirs) == 0 && ours.st_dev == theirs.st_dev &&
        ours.st_ino == theirs.st_ino)
        return fd;
    close(fd);
    errno = ESTALE;
    return -1;
}

/* An ordinary user may have been handed the descriptor of a file that it cannot open. */
static bool user_may_read(const struct job* job, int fd) {
    struct stat info;
    if (fstat(fd, &info) != 0) return false;
    /* Over its own files this process has rights that the operator will not have. */
    if (info.st_uid == job->user) return info.st_mode & S_IRUSR;
    return faccessat(fd, "", R_OK, AT_EMPTY_PATH | AT_EACCESS) == 0;
}

static int tree_by_path(struct job* job, uint32_t index) {
    const struct plan_mount* mount = &job->plan.mounts[index];
    const int fd = reopen(job->descriptors[mount->descriptor], job->paths[index]);
    if (fd < 0) return -1;
    const bool readable = !(mount->flags & C2D_MOUNT_INPUT) || user_may_read(job, fd);
    if (!readable) errno = EACCES;
    const int tree = readable ? tree_clone(fd, mount->flags, -1) : -1;
    const int error = errno;
    close(fd);
    errno = error;
    return tree;
}

static void show_mount(struct job* job, int root, uint32_t index) {
    const struct plan_mount* mount = &job->plan.mounts[index];
    const int host_fd = job->descriptors[mount->descriptor];
    struct stat info;
    if (job->trees[index] < 0 && !job->root) job->trees[index] = tree_by_path(job, index);
    if (job->trees[index] < 0 && (mount->flags & C2D_MOUNT_INPUT)) {
        if (copy_input(root, host_fd, mount->inside) != 0)
            give_up(job, C2D_FAILURE_MOUNT, 0, errno, "cannot copy", mount->inside);
        return;
    }
    if (job->trees[index] < 0 || fstat(host_fd, &info) != 0 ||
        attach(root, job->trees[index], mount->inside, S_ISDIR(info.st_mode)) != 0)
        give_up(job, C2D_FAILURE_MOUNT, 0, errno, "cannot show", mount->inside);
    close(job->trees[index]);
}

static void make_plan_entries(struct job* job, int root) {
    for (uint32_t i = 0; i < job->plan.head.mount_count; i++) show_mount(job, root, i);
    for (uint32_t i = 0; i < job->plan.head.link_count; i++) {
        char leaf[256];
        const struct plan_link* link = &job->plan.links[i];
        const int parent = open_parent(root, link->path, leaf);
        if (parent < 0 || symlinkat(link->target, parent, leaf) != 0)
            root_failed(job, "cannot make the link", link->path);
    }
    for (uint32_t i = 0; i < job->plan.head.file_count; i++) {
        const struct plan_file* file = &job->plan.files[i];
        if (write_new_file(root, file->path, file->mode, file->content, file->bytes) != 0)
            root_failed(job, "cannot write", file->path);
    }
}

/* /proc shows the operator's own processes and nothing of the machine. A second view, never
 * attached, stays with init: for id maps and for counting what the operator uses. */
static void mount_process_views(struct job* job, int root) {
    const char* const hidden[] = {"subset", "pid", "hidepid", "invisible", NULL};
    const char* const open_view[] = {"subset", "pid", NULL};
    const unsigned attributes = SYS_ATTR_NOSUID | SYS_ATTR_NODEV | SYS_ATTR_NOEXEC;
    job->process_directory = new_file_system("proc", attributes, open_view);
    if (job->process_directory < 0) root_failed(job, "cannot mount", "/proc");
    const int shown = new_file_system("proc", attributes | SYS_ATTR_RDONLY, hidden);
    if (shown < 0 || attach(root, shown, "/proc", true) != 0) root_failed(job, "cannot mount", "/proc");
    close(shown);
}

/* One file system behind /tmp and /dev/shm, so that one size bounds both. It is attached at /tmp
 * first, because a part of a detached mount cannot be cloned, and then covered by its own part. To
 * unmount it instead would wait for a grace period of the kernel. */
static void mount_scratch(struct job* job, int root) {
    const struct c2d_plan_header* head = &job->plan.head;
    const unsigned attributes = SYS_ATTR_NOSUID | SYS_ATTR_NODEV | SYS_ATTR_NOEXEC;
    const int mount = new_tmpfs(attributes, head->scratch_bytes, head->scratch_inodes);
    if (mount < 0 || attach(root, mount, "/tmp", true) != 0) root_failed(job, "cannot mount", "/tmp");
    static const char* const kParts[][2] = {{"shm", "/dev/shm"}, {"tmp", "/tmp"}};
    for (int i = 0; i < 2; i++) {
        int tree = -1;
        if (mkdirat(mount, kParts[i][0], 0700) == 0 && fchownat(mount, kParts[i][0], job->user, job->group, 0) == 0)
            tree = sys_open_tree(mount, kParts[i][0], SYS_OPEN_TREE_CLONE | SYS_OPEN_TREE_CLOEXEC);
        if (tree < 0 || attach(root, tree, kParts[i][1], true) != 0) root_failed(job, "cannot mount", kParts[i][1]);
        close(tree);
    }
    job->scratch = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    close(mount);
}

static void mount_outputs(struct job* job, int root) {
    const struct c2d_plan_header* head = &job->plan.head;
    const unsigned attributes = SYS_ATTR_NOSUID | SYS_ATTR_NODEV | SYS_ATTR_NOEXEC;
    const int mount = new_tmpfs(attributes, head->output_bytes, head->output_inodes);
    if (mount < 0 || attach(root, mount, "/job/outputs", true) != 0) root_failed(job, "cannot mount", "/job/outputs");
    job->outputs = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (job->outputs < 0 || fchown(job->outputs, job->user, job->group) != 0 || fchmod(job->outputs, 0700) != 0)
        root_failed(job, "cannot prepare", "/job/outputs");
    close(mount);
}

static int attach_root(struct job* job) {
    const struct sys_mount_attr private = {.propagation = MS_PRIVATE};
    if (sys_mount_setattr(AT_FDCWD, "/", AT_RECURSIVE, &private) != 0)
        root_failed(job, "cannot make mounts private", "");
    const int root = new_tmpfs(SYS_ATTR_NOSUID | SYS_ATTR_NODEV, job->plan.head.root_bytes, 4096);
    if (root < 0) root_failed(job, "cannot make a tmpfs", "");
    if (sys_move_mount(root, "", AT_FDCWD, "/", SYS_MOVE_FROM_EMPTY) != 0 || fchdir(root) != 0)
        root_failed(job, "cannot attach the new root", "");
    return root;
}

/* The old root ends up on top of the new one at "." and goes. */
static void leave_old_root(struct job* job) {
    if (syscall(SYS_pivot_root, ".", ".") != 0) root_failed(job, "pivot_root", "");
    if (umount2(".", MNT_DETACH) != 0 || chdir("/") != 0) root_failed(job, "cannot leave the old root", "");
    note_layer_on(job, C2D_LAYER_PRIVATE_ROOT);
}

/* For a test that leaves the layer out: the old root stays within reach. */
static void keep_old_root(struct job* job) {
    if (mkdirat(AT_FDCWD, ".host", 0755) != 0 || syscall(SYS_pivot_root, ".", ".host") != 0 || chdir("/") != 0)
        root_failed(job, "cannot keep the old root", "");
}

void job_build_root(struct job* job) {
    umask(0);
    const int root = attach_root(job);
    make_plan_entries(job, root);
    mount_process_views(job, root);
    mount_scratch(job, root);
    mount_outputs(job, root);
    const int inputs = open_mount_point(root, "/job/inputs", true);
    if (inputs < 0) root_failed(job, "cannot make", "/job/inputs");
    close(inputs);
    forget_parent();
    close(root);
    if (job_leaves_out(job, C2D_LAYER_PRIVATE_ROOT))
        keep_old_root(job);
    else
        leave_old_root(job);
    const struct sys_mount_attr read_only = {.attr_set = SYS_ATTR_RDONLY};
    if (sys_mount_setattr(AT_FDCWD, "/", 0, &read_only) != 0) root_failed(job, "cannot make the root read-only", "");
}
