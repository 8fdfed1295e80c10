/// Where c2d's own parts may be: named by the environment, and around the files that this code was loaded from.
#pragma once

#include "base/file.hpp"

#include <filesystem>
#include <vector>

namespace c2d {

/// libc2d.so, or the program itself where the library is linked statically; empty when unknown.
std::filesystem::path own_library();
/// The folders of the library and of the program, each once.
std::vector<std::filesystem::path> own_folders();
/// What a variable names; empty when it is not set, and in a program with more rights than its caller.
std::filesystem::path named_in_environment(const char* variable);

/// Where the program `name` of ours may be. What the caller wants, or the environment names, is taken or refused:
/// nothing else is looked for then.
std::vector<std::filesystem::path> program_places(const std::filesystem::path& wanted, const char* name,
                                                  const char* variable);
/// Opens a program of ours. Fails with `not_found`, or with `io` for what is no file or what everybody may write.
Result<Fd> open_program(const std::filesystem::path& path);

}  // namespace c2d
