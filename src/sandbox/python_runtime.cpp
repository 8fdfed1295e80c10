#include "sandbox/own_files.hpp"

#include <c2d/sandbox.hpp>

namespace c2d {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPackage = "/opt/c2d/python/c2d";
constexpr const char* kLibrary = "/opt/c2d/lib/libc2d.so";

/// The folders that may be an installation's prefix or a build's root: bin/ and lib/ are one level
/// below them, lib/<triplet>/ two, and a build tree's programs up to three below the sources.
std::vector<fs::path> roots() {
    std::vector<fs::path> out;
    for (const fs::path& folder : sandbox::own_folders()) {
        fs::path root = folder;
        for (int level = 0; level < 3 && root.has_relative_path(); ++level) {
            root = root.parent_path();
            out.push_back(root);
        }
    }
    return out;
}

fs::path find_package() {
    std::error_code ignored;
    for (const auto& root : roots())
        for (const char* place : {"share/c2d/python/c2d", "bindings/python/c2d"})
            if (fs::exists(root / place / "__init__.py", ignored)) return fs::canonical(root / place, ignored);
    return {};
}

/// This library itself; else the one of the installation that `package` is in, else one beside us.
fs::path find_library(const fs::path& package) {
    std::error_code ignored;
    const fs::path self = sandbox::own_library();
    if (self.filename().string().starts_with("libc2d.so")) return self;
    auto places = roots();
    places.insert(places.begin(), (package / "../../../..").lexically_normal());  // share/c2d/python/c2d
    for (const auto& root : places) {
        for (const char* place : {"lib", "lib64"})
            if (fs::exists(root / place / "libc2d.so", ignored))
                return fs::canonical(root / place / "libc2d.so", ignored);
        for (const auto& entry : fs::directory_iterator(root / "lib", ignored))  // lib/<triplet>
            if (fs::exists(entry.path() / "libc2d.so", ignored))
                return fs::canonical(entry.path() / "libc2d.so", ignored);
    }
    return {};
}

}  // namespace

PythonRuntime PythonRuntime::find(fs::path package, fs::path library) {
    if (package.empty()) package = find_package();
    if (library.empty()) library = find_library(package);
    PythonRuntime out;
    if (package.empty() || library.empty()) return out;
    out.mounts = {{fs::absolute(package), kPackage}, {fs::absolute(library), kLibrary}};
    out.environment = {{"PYTHONPATH", fs::path(kPackage).parent_path()}, {"C2D_LIBRARY", kLibrary}};
    return out;
}

}  // namespace c2d
