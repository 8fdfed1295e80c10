/// One process at a time works on a provider's state: the others find out before they touch it.
#pragma once

#include "base/file.hpp"

namespace c2d::provider {

/// Takes the lock beside the state file `state` and holds it as long as the descriptor is open; the
/// kernel lets go of it when the process ends, however it ends. Fails at once with `conflict`, naming
/// the holder's process and the folder.
Result<Fd> lock_state(const std::filesystem::path& state);

}  // namespace c2d::provider
