/* Host files and directories as detached mounts with the flags they will carry inside. */
#ifndef C2D_HELPER_TREES_H
#define C2D_HELPER_TREES_H

#include "job.h"

/* Clones what `fd` names and restricts it; returns the mount or -1 with errno. `idmap` is a user
 * namespace to map owners through, or -1. */
int tree_clone(int fd, uint32_t mount_flags, int idmap);
/* A user namespace in which on-disk owner (user, group) is the job's user; -1 with errno. */
int tree_owner_map(const struct job* job, uint32_t user, uint32_t group);

#endif
