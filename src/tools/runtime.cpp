#include "tools/runtime.hpp"

#include <cstdlib>

namespace c2d::tools {

namespace fs = std::filesystem;

namespace {

/// The first of the candidates that exists.
fs::path first_of(const char* variable, const std::vector<fs::path>& candidates) {
    std::error_code ignored;
    if (const char* named = std::getenv(variable); named && *named) return fs::absolute(named);
    for (const auto& path : candidates)
        if (fs::exists(path, ignored)) return fs::canonical(path, ignored);
    return {};
}

}  // namespace

void add_python_runtime(std::vector<SandboxMount>& mounts,
                        std::vector<std::pair<std::string, std::string>>& environment) {
    std::error_code ignored;
    const auto here = fs::read_symlink("/proc/self/exe", ignored).parent_path();
    const auto package = first_of("C2D_PYTHON_PATH", {here / "../share/c2d/python/c2d", C2D_PYTHON_PACKAGE});
    const auto library = first_of("C2D_LIBRARY", {here / "../lib/libc2d.so", C2D_LIBRARY_FILE});
    if (package.empty() || library.empty()) return;
    mounts.push_back({package, "/opt/c2d/python/c2d"});
    mounts.push_back({library, "/opt/c2d/lib/libc2d.so"});
    environment.emplace_back("PYTHONPATH", "/opt/c2d/python");
    environment.emplace_back("C2D_LIBRARY", "/opt/c2d/lib/libc2d.so");
}

}  // namespace c2d::tools
