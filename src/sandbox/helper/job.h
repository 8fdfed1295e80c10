/* What the three processes of the helper share: the plan, its descriptors, and how they tell the
 * host what happened.
 *
 *   supervisor (child of the host) → init (pid 1 of the sandbox) → operator
 *
 * Each function that cannot do its part either reports a failure and ends the process, or, where
 * the plan allows a layer to be missing, says so and goes on. */
#ifndef C2D_HELPER_JOB_H
#define C2D_HELPER_JOB_H

#include "plan.h"

#include <stdbool.h>
#include <sys/types.h>

struct job {
    struct plan plan;
    int descriptors[C2D_PLAN_DESCRIPTORS_MAX];
    size_t descriptor_count;
    int control;                                /* packets to the host; its end means that the host is gone */
    int lifeline;                               /* init's end of a pipe that the supervisor holds open */
    bool root;                                  /* the host is root: mounts are made in its user namespace */
    uint32_t user, group;                       /* owner of what the operator may write, in the namespace of init */
    uint32_t supervisor_user, supervisor_group; /* the host's own ids before any namespace */
    int trees[C2D_PLAN_MOUNTS_MAX];             /* detached mounts, or -1: open by path */
    char* paths[C2D_PLAN_MOUNTS_MAX];
    int process_directory; /* a private view of /proc, writable, showing all processes */
    int scratch, outputs;  /* open directories of the two writable file systems */
    bool born_in_cgroup;   /* the operator stands in the first cgroup already */
    bool network_left;     /* the network namespace was made before the plan came */
    uint32_t layers_on;    /* bit n: layer n stands; said once, before the operator's program */
    int landlock_abi;
};

bool job_requires(const struct job* job, enum c2d_layer layer);
/* Whether a test wants to do without this layer; then it is reported as off. */
bool job_leaves_out(const struct job* job, enum c2d_layer layer);
void note_layer_on(struct job* job, enum c2d_layer layer);
/* All that were noted, in one message: each one wakes the host. */
void report_layers_on(const struct job* job);
/* Ends the process when the layer is required. */
void report_layer_off(const struct job* job, enum c2d_layer layer, int error, const char* step);
void report_note(const struct job* job, const char* text, const char* subject, int error);
void send_message(const struct job* job, struct c2d_message* message, int descriptor);
_Noreturn void give_up(const struct job* job, enum c2d_failure failure, enum c2d_layer layer, int error,
                       const char* step, const char* subject);

/* The stages, in order. */
void job_leave_network(struct job* job);
void job_receive(struct job* job);
void job_choose_user(struct job* job);
void job_clone_trees(struct job* job);
void job_enter_namespaces(struct job* job);
_Noreturn void init_main(struct job* job);
void job_build_root(struct job* job);
_Noreturn void operator_main(struct job* job, int exec_pipe);
/* Starts the engine and waits until it is ready; from then on the operator's `peer` is the way to it. */
pid_t start_engine(struct job* job);

/* What operator and engine have in common: born in the job's cgroup where the kernel can; then, in the child, its
 * cgroups and user; then, with its descriptors in place, limits, no rights, Landlock and the filter. */
pid_t fork_inmate(struct job* job);
void become_inmate(struct job* job);
void give_up_rights(struct job* job, const void* filter, uint32_t filter_count);

/* Reads a short file below an open directory, at most bytes_max - 1 bytes, and ends it with a zero;
 * returns its size, 0 when it cannot be read. */
size_t read_short_file(int dir, const char* path, char* out, size_t bytes_max);
/* The decimal number at `*at`, behind blanks and with or without a minus, which wraps around as the
 * kernel prints it; `*at` then stands behind it. Where no digit stands: 0. */
uint64_t read_decimal(const char** at);
/* Writes a whole short file below an open directory; returns 0 or an errno. */
int write_control_file(int dir, const char* path, const char* text);
/* Maps one user and one group of the parent namespace; returns 0 or an errno. */
int map_ids(int process_directory, const char* process, uint32_t inside, uint32_t user, uint32_t group);
/* Cgroup namespace, capabilities, rlimits, Landlock, seccomp: each reports its layer. */
void enter_user_namespace(struct job* job);
void drop_capabilities(struct job* job);
void drop_bounding_set(void);
void forbid_core_dumps(void);
void set_limits(struct job* job);
void enter_landlock(struct job* job);
void load_filter(struct job* job, const void* filter, uint32_t count);
/* Drops every capability but those of the set `keep` (bit n: capability n) without reporting. */
void keep_only_capabilities(uint64_t keep);
bool has_capability(int capability);

#endif
