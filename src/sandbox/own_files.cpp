#include "sandbox/own_files.hpp"

#include <algorithm>
#include <cstdlib>
#include <dlfcn.h>

namespace c2d::sandbox {

namespace fs = std::filesystem;

fs::path own_library() {
    Dl_info info{};
    if (::dladdr(reinterpret_cast<const void*>(&own_library), &info) == 0 || !info.dli_fname) return {};
    std::error_code ignored;
    return fs::canonical(info.dli_fname, ignored);
}

std::vector<fs::path> own_folders() {
    std::error_code ignored;
    std::vector<fs::path> out;
    for (const fs::path& file : {own_library(), fs::read_symlink("/proc/self/exe", ignored)})
        if (!file.empty() && std::ranges::find(out, file.parent_path()) == out.end()) out.push_back(file.parent_path());
    return out;
}

fs::path named_in_environment(const char* variable) {
    const char* const value = ::secure_getenv(variable);
    return value ? value : "";
}

}  // namespace c2d::sandbox
