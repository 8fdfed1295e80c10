/// The seccomp program: a list of calls that numerical Python needs; everything else is refused.
#pragma once

#include <c2d/types.hpp>

namespace c2d::sandbox {

struct SystemCallFilter {
    /// BPF instructions of eight bytes each, for this machine's architecture.
    Bytes program;
    Bytes32 sha256;
};

/// Built once per process and kind. Memory files count against no limit but the memory cgroup's,
/// so `memory_files` is for runs that have one. Fails with `unsupported`.
Result<const SystemCallFilter*> system_call_filter(bool memory_files);

/// The tighter one of the engine of a joint run.
Result<const SystemCallFilter*> engine_call_filter();

}  // namespace c2d::sandbox
