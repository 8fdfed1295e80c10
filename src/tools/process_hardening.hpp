/// What a program does so that its memory, which holds keys, stays in it.
#pragma once

namespace c2d::tools {

/// No core dumps, and no debugger or other program of the same user may read this process
/// (PR_SET_DUMPABLE 0, RLIMIT_CORE 0). Not for the library: the process is not the library's. With
/// C2D_ALLOW_DEBUGGER=1 in the environment nothing is done, and a line on standard error says so.
void keep_memory_private();

}  // namespace c2d::tools
