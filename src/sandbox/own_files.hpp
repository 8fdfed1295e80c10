/// The files that this code was loaded from: what belongs to them is looked for beside them.
#pragma once

#include <filesystem>
#include <vector>

namespace c2d::sandbox {

/// libc2d.so, or the program itself where the library is linked statically; empty when unknown.
std::filesystem::path own_library();
/// The folders of the program and of the library.
std::vector<std::filesystem::path> own_folders();

}  // namespace c2d::sandbox
