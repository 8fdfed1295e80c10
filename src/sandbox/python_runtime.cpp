#include "base/own_files.hpp"

#include <c2d/sandbox.hpp>

namespace c2d {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPackage = "/opt/c2d/python/c2d";
constexpr const char* kLibrary = "/opt/c2d/lib/libc2d.so";
/// Below a prefix, below a source tree, and as Debian's packages have it.
constexpr const char* kPackagePlaces[] = {"share/c2d/python/c2d", "bindings/python/c2d",
                                          "lib/python3/dist-packages/c2d"};
/// With and without the link that only those who compile need.
constexpr const char* kLibraryNames[] = {"libc2d.so", "libc2d.so.1"};

/// The folders that may be an installation's prefix or a build's root: bin/ and lib/ are one level
/// below them, lib/<triplet>/ two, and a build tree's programs up to three below the sources.
std::vector<fs::path> roots() {
    std::vector<fs::path> out;
    for (const fs::path& folder : own_folders()) {
        fs::path root = folder;
        for (int level = 0; level < 3 && root.has_relative_path(); ++level) {
            root = root.parent_path();
            out.push_back(root);
        }
    }
    return out;
}

bool is_package(const fs::path& folder) {
    std::error_code ignored;
    return fs::is_regular_file(folder / "_ffi.py", ignored);
}

/// `named` is the package or the folder that it is in, as PYTHONPATH has it; empty when it is neither.
fs::path package_at(const fs::path& named) {
    if (is_package(named)) return named;
    return is_package(named / "c2d") ? named / "c2d" : fs::path();
}

fs::path library_at(const fs::path& named) {
    std::error_code ignored;
    return fs::is_regular_file(named, ignored) ? named : fs::path();
}

fs::path find_package() {
    std::error_code ignored;
    for (const auto& folder : own_folders())  // what pip installs holds the library itself
        if (fs::exists(folder / "__init__.py", ignored) && fs::exists(folder / "_ffi.py", ignored)) return folder;
    for (const auto& root : roots())
        for (const char* place : kPackagePlaces)
            if (fs::exists(root / place / "__init__.py", ignored)) return fs::canonical(root / place, ignored);
    return {};
}

fs::path library_in(const fs::path& folder) {
    std::error_code ignored;
    for (const char* name : kLibraryNames)
        if (fs::exists(folder / name, ignored)) return fs::canonical(folder / name, ignored);
    return {};
}

/// This library itself; else the one that came with `package` or is of the installation that it is in, else one beside
/// us.
fs::path find_library(const fs::path& package) {
    std::error_code ignored;
    fs::path self = own_library();
    if (self.filename().string().starts_with("libc2d.so")) return self;
    if (auto found = library_in(package); !package.empty() && !found.empty()) return found;
    auto places = roots();
    places.insert(places.begin(), (package / "../../../..").lexically_normal());  // share/c2d/python/c2d
    for (const auto& root : places) {
        for (const char* place : {"lib", "lib64"})
            if (auto found = library_in(root / place); !found.empty()) return found;
        for (const auto& entry : fs::directory_iterator(root / "lib", ignored))  // lib/<triplet>
            if (auto found = library_in(entry.path()); !found.empty()) return found;
    }
    return {};
}

}  // namespace

PythonRuntime PythonRuntime::find(fs::path package, fs::path library) {
    if (package.empty()) package = named_in_environment("C2D_PYTHON_PATH");
    if (library.empty()) library = named_in_environment("C2D_LIBRARY");
    package = package.empty() ? find_package() : package_at(package);
    library = library.empty() ? find_library(package) : library_at(library);
    PythonRuntime out;
    if (package.empty() || library.empty()) return out;
    out.mounts = {{fs::absolute(package), kPackage}};
    fs::path shown = kLibrary;
    // A library inside the package finds the libraries that came with it from where it lies.
    std::error_code ignored;
    if (fs::equivalent(fs::absolute(library).parent_path(), package, ignored))
        shown = kPackage / library.filename();
    else
        out.mounts.push_back({fs::absolute(library), kLibrary});
    out.environment = {{"PYTHONPATH", fs::path(kPackage).parent_path()}, {"C2D_LIBRARY", shown}};
    return out;
}

}  // namespace c2d
