/// A file without a name: nobody else opens it, and it is gone with its descriptor.
#pragma once

#include "base/file.hpp"

namespace c2d::query {

/// In `folder`, to be written and read.
Result<Fd> unnamed_file(const std::filesystem::path& folder);
/// How a descriptor of ours is opened once more, from its start.
std::string path_of(int fd);

}  // namespace c2d::query
