/// Takes the outputs out of a sandbox whose processes have all ended: plain files within the
/// limits, all of them or none.
#pragma once

#include <c2d/sandbox.hpp>

#include <filesystem>
#include <string>
#include <vector>

namespace c2d::sandbox {

struct Collected {
    std::vector<OutputFile> files;
    /// One line per entry that may not leave; when there is any, nothing was written.
    std::vector<std::string> refused;
};

/// Reads `outputs_fd`, the directory that the operator wrote. `wanted` names what may leave (empty:
/// everything). Copies are made beside `target`, mode 0600 in a directory of mode 0700, and appear
/// under `target` at once; it must be absent or empty. An empty `target` keeps nothing. Fails with
/// `io` or `conflict`.
Result<Collected> collect_outputs(int outputs_fd, const SandboxLimits& limits, const std::vector<std::string>& wanted,
                                  const std::filesystem::path& target);

}  // namespace c2d::sandbox
