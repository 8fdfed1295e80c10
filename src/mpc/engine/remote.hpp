/// The operator's side of an engine: each call travels, and what comes back is a handle, or what was opened.
#pragma once

#include "mpc/core/computation.hpp"

namespace c2d::mpc::engine {

/// Over a stream socket whose other end an engine serves; it stays the caller's. Opens a session in the engine,
/// together with the other two parties.
Result<std::unique_ptr<Computation>> open_remote(int fd, unsigned party, BackendKind backend);

}  // namespace c2d::mpc::engine
