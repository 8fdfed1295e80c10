/// The helper program: found once, copied into sealed memory, started from there; where AppArmor gives
/// user namespaces by the path of what is executed, the file itself, which must be root's.
#pragma once

#include "base/file.hpp"

#include <filesystem>
#include <memory>
#include <sys/types.h>

namespace c2d::sandbox {

/// Are the file and every folder above it root's, and can nobody else write or replace one of them?
bool only_root_can_change(const std::filesystem::path& path);

/// The engine's program. `wanted` empty: C2D_ENGINE_PROGRAM, else beside the sandbox's `helper`, or around the library
/// and the program.
Result<Fd> open_engine(const std::filesystem::path& wanted, const std::filesystem::path& helper);

/// Immutable once opened; safe for concurrent use.
class HelperImage {
public:
    /// `path` empty: C2D_SANDBOX_HELPER, else around the library and the program. Fails with
    /// `not_found`, or `io` when the file must not be trusted.
    static Result<std::shared_ptr<const HelperImage>> open(const std::filesystem::path& path);
    /// Starts the helper with `control` as descriptor 3, an empty environment and no other
    /// descriptor of this process. Must be called from a thread that outlives the helper: the
    /// kernel ends the helper with the thread that started it.
    Result<pid_t> spawn(int control) const;
    const std::filesystem::path& path() const noexcept { return path_; }

private:
    std::filesystem::path path_;
    /// Neither the operator nor anybody else can change it (the lesson of CVE-2019-5736); empty
    /// where the kernel refuses to execute memory files or AppArmor could not tell whose copy it is,
    /// then the path itself is executed.
    Fd memory_;
};

}  // namespace c2d::sandbox
