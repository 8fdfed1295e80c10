/* The plan as the helper sees it: checked, bounded, pointing into the mapped bytes. */
#ifndef C2D_HELPER_PLAN_H
#define C2D_HELPER_PLAN_H

#include "../plan_format.h"

#include <stddef.h>

struct plan_mount {
    uint32_t descriptor, flags;
    const char* inside;
};
struct plan_link {
    const char *path, *target;
};
struct plan_file {
    uint32_t mode, bytes;
    const char* path;
    const void* content;
};

struct plan {
    struct c2d_plan_header head;
    struct plan_mount mounts[C2D_PLAN_MOUNTS_MAX];
    struct plan_link links[C2D_PLAN_LINKS_MAX];
    struct plan_file files[C2D_PLAN_FILES_MAX];
    char* arguments[C2D_PLAN_ARGUMENTS_MAX + 1]; /* null-terminated, as execve takes them */
    char* variables[C2D_PLAN_VARIABLES_MAX + 1];
    const void* filter;
    char* engine; /* its path, empty without one */
    const void* engine_filter;
};

/* Reads a plan of `bytes` bytes that came with `descriptors` descriptors. Returns null, or what is
 * wrong with it; then `out` is unspecified. The result points into `data`. */
const char* plan_parse(const void* data, size_t bytes, size_t descriptors, struct plan* out);

#endif
