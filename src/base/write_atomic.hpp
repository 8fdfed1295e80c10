/// Files that stand there whole, written piece by piece.
#pragma once

#include <c2d/result.hpp>

#include <filesystem>
#include <functional>

namespace c2d {

/// As `write_file_atomic`, of what `write` writes to the descriptor that it is given.
Result<Unit> write_file_by(const std::filesystem::path& path, const std::function<Result<Unit>(int fd)>& write,
                           unsigned mode = 0644);

}  // namespace c2d
