#include "sandbox/own_files.hpp"

#include <dlfcn.h>

namespace c2d::sandbox {

namespace fs = std::filesystem;

fs::path own_library() {
    Dl_info info{};
    if (::dladdr(reinterpret_cast<const void*>(&own_library), &info) == 0 || !info.dli_fname)
        return {};
    std::error_code ignored;
    return fs::canonical(info.dli_fname, ignored);
}

std::vector<fs::path> own_folders() {
    std::error_code ignored;
    std::vector<fs::path> out;
    for (const fs::path& file : {fs::read_symlink("/proc/self/exe", ignored), own_library()})
        if (!file.empty()) out.push_back(file.parent_path());
    return out;
}

}  // namespace c2d::sandbox
