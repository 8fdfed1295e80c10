/* Landlock: a second wall around files, and the only one that names each of them. The numbers
 * stand here because kernel headers of supported systems do not know them all. */
#include "job.h"
#include "system.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

enum {
    EXECUTE = 1 << 0,
    WRITE_FILE = 1 << 1,
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
    REMOVE_DIR = 1 << 4,
    REMOVE_FILE = 1 << 5,
    MAKE_CHAR = 1 << 6,
    MAKE_DIR = 1 << 7,
    MAKE_REG = 1 << 8,
    MAKE_SOCK = 1 << 9,
    MAKE_FIFO = 1 << 10,
    MAKE_BLOCK = 1 << 11,
    MAKE_SYM = 1 << 12,
    REFER = 1 << 13,
    TRUNCATE = 1 << 14,
    IOCTL_DEV = 1 << 15,
};
enum {
    FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV,
    READING = READ_FILE | READ_DIR,
    WRITING = READING | WRITE_FILE | TRUNCATE | MAKE_REG | REMOVE_FILE | REFER,
};
enum { NET_BIND_TCP = 1, NET_CONNECT_TCP = 2 };
enum { SCOPE_ABSTRACT_SOCKET = 1, SCOPE_SIGNAL = 2 };
enum { RULE_PATH_BENEATH = 1, CREATE_RULESET_VERSION = 1 };

struct ruleset_attr {
    uint64_t files, net, scopes;
};
struct path_beneath_attr {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

/* Every right that this version of the interface can refuse. */
static size_t handled_rights(int abi, struct ruleset_attr* out) {
    *out = (struct ruleset_attr){.files = (1 << 13) - 1};
    if (abi >= 2) out->files |= REFER;
    if (abi >= 3) out->files |= TRUNCATE;
    if (abi >= 5) out->files |= IOCTL_DEV;
    if (abi >= 4) out->net = NET_BIND_TCP | NET_CONNECT_TCP;
    if (abi >= 6) out->scopes = SCOPE_ABSTRACT_SOCKET | SCOPE_SIGNAL;
    return abi >= 6 ? sizeof *out : abi >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

static int allow(int ruleset, const char* path, uint64_t rights, uint64_t handled) {
    const int fd = open(path, O_PATH | O_CLOEXEC);
    struct stat info;
    if (fd < 0) return -1;
    if (fstat(fd, &info) == 0 && !S_ISDIR(info.st_mode)) rights &= FILE_RIGHTS;
    const struct path_beneath_attr rule = {rights & handled, fd};
    const int failed = (int)syscall(NR_LANDLOCK_ADD_RULE, ruleset, RULE_PATH_BENEATH, &rule, 0);
    const int error = errno;
    close(fd);
    errno = error;
    return failed;
}

/* The folder that a runtime path stands in is made by us and holds nothing else; interpreters list it
 * to find what is there. */
static int allow_listing_above(int ruleset, const char* path, uint64_t handled) {
    char folder[4096];
    const char* last = strrchr(path, '/');
    const size_t length = last ? (size_t)(last - path) : 0;
    if (length == 0 || length >= sizeof folder) return 0;
    memcpy(folder, path, length);
    folder[length] = 0;
    return allow(ruleset, folder, READ_DIR, handled);
}

static int add_rules(const struct job* job, int ruleset, uint64_t handled) {
    /* Not "/": should anything of the host ever stand below it, this wall must not let it through. */
    int failed = 0;
    static const char* const kFolders[] = {"/job", "/etc", "/dev"};
    for (size_t i = 0; i < sizeof kFolders / sizeof kFolders[0] && !failed; i++)
        failed = allow(ruleset, kFolders[i], READING, handled);
    /* For /proc/self/fd and exe, which are links. What stands in the files tells of others: how many
     * map a page (smaps, pagemap), how many descriptors the machine has (fdinfo), where the host
     * keeps what it shows (mountinfo). */
    failed |= allow(ruleset, "/proc", READ_DIR, handled);
    failed |= allow(ruleset, "/job/code", READING | EXECUTE, handled);
    failed |= allow(ruleset, "/job/outputs", WRITING, handled);
    failed |= allow(ruleset, "/tmp", WRITING | MAKE_DIR | REMOVE_DIR, handled);
    failed |= allow(ruleset, "/dev/shm", WRITING | MAKE_DIR | REMOVE_DIR, handled);
    for (uint32_t i = 0; i < job->plan.head.mount_count && !failed; i++) {
        const struct plan_mount* mount = &job->plan.mounts[i];
        if (mount->flags & C2D_MOUNT_WRITABLE)
            failed |= allow(ruleset, mount->inside, READING | WRITE_FILE | TRUNCATE, handled);
        else if (!(mount->flags & C2D_MOUNT_NOEXEC))
            failed |= allow(ruleset, mount->inside, READING | EXECUTE, handled) |
                      allow_listing_above(ruleset, mount->inside, handled);
    }
    return failed;
}

void enter_landlock(struct job* job) {
    if (job_leaves_out(job, C2D_LAYER_LANDLOCK)) return;
    const int abi = (int)syscall(NR_LANDLOCK_CREATE_RULESET, NULL, 0, CREATE_RULESET_VERSION);
    if (abi < 1) {
        report_layer_off(job, C2D_LAYER_LANDLOCK, abi < 0 ? errno : EOPNOTSUPP, "landlock_create_ruleset");
        return;
    }
    struct ruleset_attr attr;
    const size_t size = handled_rights(abi, &attr);
    const int ruleset = (int)syscall(NR_LANDLOCK_CREATE_RULESET, &attr, size, 0);
    if (ruleset < 0 || add_rules(job, ruleset, attr.files) != 0 ||
        syscall(NR_LANDLOCK_RESTRICT_SELF, ruleset, 0) != 0) {
        report_layer_off(job, C2D_LAYER_LANDLOCK, errno, "landlock_restrict_self");
    } else {
        note_layer_on(job, C2D_LAYER_LANDLOCK);
        job->landlock_abi = abi;
    }
    if (ruleset >= 0) close(ruleset);
}
