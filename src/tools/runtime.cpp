#include "tools/runtime.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <cstdlib>

namespace c2d::tools {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

Result<std::filesystem::path> named_package() {
    const std::filesystem::path named = environment("C2D_PYTHON_PATH");
    std::error_code ignored;
    if (named.empty() || std::filesystem::is_regular_file(named / "_ffi.py", ignored)) return named;
    if (std::filesystem::is_regular_file(named / "c2d" / "_ffi.py", ignored)) return named / "c2d";
    return fail(Status::NOT_FOUND,
                "C2D_PYTHON_PATH is {}, which is neither the Python package c2d nor the folder it is in; unset it where "
                "the package is installed beside this program",
                named.string());
}

Result<std::filesystem::path> named_library() {
    const std::filesystem::path named = environment("C2D_LIBRARY");
    std::error_code ignored;
    if (named.empty() || std::filesystem::is_regular_file(named, ignored)) return named;
    return fail(Status::NOT_FOUND, "C2D_LIBRARY is {}, where no library is", named.string());
}

}  // namespace

Result<Unit> add_python_runtime(std::vector<SandboxMount>& mounts,
                        std::vector<std::pair<std::string, std::string>>& variables) {
    C2D_TRY(const auto package, named_package());
    C2D_TRY(const auto library, named_library());
    const auto runtime = PythonRuntime::find(package, library);
    mounts.insert(mounts.end(), runtime.mounts.begin(), runtime.mounts.end());
    variables.insert(variables.end(), runtime.environment.begin(), runtime.environment.end());
    return Unit{};
}

}  // namespace c2d::tools
