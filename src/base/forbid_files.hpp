/// A wall that a program puts up around itself.
#pragma once

#include <c2d/result.hpp>

namespace c2d {

/// From now on this thread, and whatever it starts, opens no file and no TCP port any more; what is open stays so.
/// False on a kernel without Landlock (Linux 5.13), where nothing changes. Needs no privilege, but that it gains none
/// (PR_SET_NO_NEW_PRIVS).
Result<bool> forbid_files();

}  // namespace c2d
