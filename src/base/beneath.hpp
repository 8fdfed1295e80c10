/// Opening files below a folder by names that others chose: no name leads out of it, over a link or
/// to anything but a plain file.
#pragma once

#include "base/file.hpp"

namespace c2d {

/// A folder to open files below; links on the way to it are followed.
Result<Fd> open_folder(const std::filesystem::path& folder);
/// openat2(2) with RESOLVE_BENEATH and without links, as `flags` and `mode` say. Fails with
/// `not_found`, `conflict` when it is there and must not be, or `io`.
Result<Fd> open_beneath(int folder, const std::string& path, int flags, unsigned mode = 0);
/// A regular file to read, and its size in bytes.
struct PlainFile {
    Fd fd;
    std::uint64_t bytes = 0;
};
Result<PlainFile> open_plain_file_beneath(int folder, const std::string& path);

}  // namespace c2d
