/// Files that stand there whole: written piece by piece, or without waiting for the disk.
#pragma once

#include <c2d/result.hpp>

#include <filesystem>
#include <functional>
#include <string_view>

namespace c2d {

/// As `write_file_atomic`, of what `write` writes to the descriptor that it is given.
Result<Unit> write_file_by(const std::filesystem::path& path, const std::function<Result<Unit>(int fd)>& write,
                           unsigned mode = 0644);
/// As `write_file_atomic` without the sync: after a power cut (not the end of a process) an empty file may stand there.
/// For what nobody needs then, or has elsewhere.
Result<Unit> write_file_undurable(const std::filesystem::path& path, std::string_view content, unsigned mode = 0644);

}  // namespace c2d
