/* What the host and the helper say to each other: the plan (one sealed memfd, host to helper) and
 * the messages (one packet each on the control socket, helper to host). Both ends are built from
 * this file and run on one machine, so integers stand in native form.
 *
 * A plan is a header followed by records in the order of the counts in the header. A record's
 * texts and blobs are a 32-bit size followed by that many bytes, padded with zeros to a multiple
 * of eight; a text's size counts its terminating zero. Nothing may follow the last record. */
#ifndef C2D_SANDBOX_PLAN_FORMAT_H
#define C2D_SANDBOX_PLAN_FORMAT_H

#include <stdint.h>

#define C2D_PLAN_MAGIC 0x6c703263u /* "c2pl" */
#define C2D_PLAN_VERSION 3u
#define C2D_PLAN_BYTES_MAX (64u << 20)
#define C2D_PLAN_TEXT_BYTES_MAX (64u << 10)
#define C2D_PLAN_DESCRIPTORS_MAX 240u
#define C2D_PLAN_MOUNTS_MAX 220u
#define C2D_PLAN_LINKS_MAX 16u
#define C2D_PLAN_FILES_MAX 8u
#define C2D_PLAN_ARGUMENTS_MAX 256u
#define C2D_PLAN_VARIABLES_MAX 256u
#define C2D_PLAN_FILTER_MAX 4096u
#define C2D_PLAN_CGROUPS_MAX 4u
#define C2D_PLAN_NO_DESCRIPTOR 0xffffffffu
/* The operator's user and group when the host is root, plus the number of the run's first process: one
 * of its own for each run. Of this range neither people nor services nor containers take ids
 * (systemd's table of user ids). */
#define C2D_JOB_ID_FIRST 1879048192u

/* The layers, numbered as c2d::Layer; plan.cpp holds both lists equal. */
enum c2d_layer {
    C2D_LAYER_USER_NS,
    C2D_LAYER_MOUNT_NS,
    C2D_LAYER_PID_NS,
    C2D_LAYER_NET_NS,
    C2D_LAYER_IPC_NS,
    C2D_LAYER_UTS_NS,
    C2D_LAYER_CGROUP_NS,
    C2D_LAYER_PRIVATE_ROOT,
    C2D_LAYER_NO_NEW_PRIVS,
    C2D_LAYER_CAPABILITIES,
    C2D_LAYER_RLIMITS,
    C2D_LAYER_LANDLOCK,
    C2D_LAYER_SECCOMP,
    C2D_LAYER_MEMORY_HARD,
    C2D_LAYER_PIDS_HARD,
    C2D_LAYER_COUNT
};

enum c2d_plan_flag {
    /* Set everything up and end instead of starting the operator. */
    C2D_PLAN_PROBE = 1u << 0,
    /* No memory cgroup: measure memory at each sample. */
    C2D_PLAN_MEASURE_MEMORY = 1u << 1,
};

enum c2d_mount_flag {
    C2D_MOUNT_NOEXEC = 1u << 0,
    C2D_MOUNT_WRITABLE = 1u << 1, /* devices only: may be opened for writing */
    C2D_MOUNT_DEVICE = 1u << 2,
    /* A private file that the operator must be able to read whoever owns it: shown through an
     * id-mapped mount, or copied. */
    C2D_MOUNT_INPUT = 1u << 3,
    C2D_MOUNT_FLAGS_ALL = (1u << 4) - 1,
};

/* Fixed places in the list of descriptors that travels with the plan. */
enum { C2D_DESCRIPTOR_PLAN, C2D_DESCRIPTOR_LOG, C2D_DESCRIPTOR_FIRST_FREE };

struct c2d_plan_header {
    uint32_t magic, version;
    uint32_t bytes; /* of the whole plan, this header included */
    uint32_t flags;
    uint32_t required;     /* bit n: layer n must be there */
    uint32_t peer;         /* index of a descriptor or C2D_PLAN_NO_DESCRIPTOR */
    uint32_t engine_start; /* what the engine of a joint run reads first; C2D_PLAN_NO_DESCRIPTOR: the
                                          * operator holds the peers' channel itself */
    uint32_t engine_filter_count;
    uint32_t cgroup_first, cgroup_count; /* descriptors of files to write "0" into: cgroups to join */
    /* The v2 directory of the first of them, to be born in rather than to join, or
     * C2D_PLAN_NO_DESCRIPTOR. */
    uint32_t cgroup_directory;
    /* Bit n: layer n is left out, whatever `required` says. Only the library's own tests ask for
     * it, to see which attacks each layer holds; nothing of the public interface sets it. Never
     * mount_ns: what follows would change the machine's own mounts. */
    uint32_t left_out;
    uint32_t job_id;    /* user and group of the operator when the host is root and its user
                        * namespace does not map C2D_JOB_ID_FIRST and what follows it */
    uint32_t inside_id; /* user and group as the operator sees them */
    uint32_t processes, open_files, output_inodes, scratch_inodes;
    uint32_t sample_ms, zero;
    uint64_t root_bytes, scratch_bytes, output_bytes;
    uint64_t address_space_bytes, file_bytes, memory_bytes, cpu_seconds;
    uint32_t mount_count, link_count, file_count, argument_count, variable_count, filter_count;
    /* Then: mounts {u32 descriptor, u32 flags, text inside}, links {text path, text target},
     * files {u32 mode, u32 zero, text path, blob content}, arguments {text}, variables {text},
     * one blob: the seccomp program, filter_count instructions of eight bytes; text: the engine's path inside, or
     * empty; one blob: its seccomp program. */
};

enum c2d_message_type {
    C2D_MESSAGE_LAYERS_ON, /* value = their bits, status = the ABI of Landlock */
    C2D_MESSAGE_LAYER_OFF, /* layer, error, text */
    C2D_MESSAGE_NOTE,      /* text: something worth a line in the host's log */
    C2D_MESSAGE_FAILED,    /* failure, layer, error, text: the helper gives up */
    C2D_MESSAGE_INIT,      /* carries a pidfd of pid 1 of the sandbox */
    C2D_MESSAGE_STARTED,   /* the operator's program runs */
    C2D_MESSAGE_SAMPLE,    /* cpu_us, memory_bytes, tasks */
    C2D_MESSAGE_ENDED, /* carries the outputs directory; status as wait(2), cpu_us; memory_bytes and tasks as at the operator's
                            end, value = bytes of the largest process */
    C2D_MESSAGE_TYPES
};

enum c2d_failure {
    C2D_FAILURE_LAYER, /* a required layer cannot be had */
    C2D_FAILURE_SETUP, /* the /job folder cannot be built */
    C2D_FAILURE_MOUNT, /* an input or runtime path cannot be shown */
    C2D_FAILURE_EXEC,  /* the program cannot be executed */
    C2D_FAILURE_PLAN   /* the plan is not well formed */
};

struct c2d_message {
    uint32_t type, layer, failure;
    int32_t error, status;
    uint32_t zero;
    uint64_t cpu_us, memory_bytes, tasks, value;
    char text[160]; /* zero-terminated */
};

#endif
