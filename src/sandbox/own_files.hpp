/// Where c2d's own parts may be: named by the environment, and around the files that this code was loaded from.
#pragma once

#include <filesystem>
#include <vector>

namespace c2d::sandbox {

/// libc2d.so, or the program itself where the library is linked statically; empty when unknown.
std::filesystem::path own_library();
/// The folders of the library and of the program, each once.
std::vector<std::filesystem::path> own_folders();
/// What a variable names; empty when it is not set, and in a program with more rights than its caller.
std::filesystem::path named_in_environment(const char* variable);

}  // namespace c2d::sandbox
