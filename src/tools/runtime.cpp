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

/// A variable that leads nowhere, where nothing was found.
Result<Unit> check_named() {
    std::error_code ignored;
    const std::filesystem::path library = environment("C2D_LIBRARY"), package = environment("C2D_PYTHON_PATH");
    if (!library.empty() && !std::filesystem::is_regular_file(library, ignored))
        return fail(Status::NOT_FOUND, "C2D_LIBRARY is {}, where no library is", library.string());
    if (!package.empty() && !std::filesystem::is_regular_file(package / "_ffi.py", ignored) &&
        !std::filesystem::is_regular_file(package / "c2d" / "_ffi.py", ignored))
        return fail(Status::NOT_FOUND,
                    "C2D_PYTHON_PATH is {}, which is neither the Python package c2d nor the folder it is in; unset it "
                    "where the package is installed beside this program",
                    package.string());
    return Unit{};
}

}  // namespace

Result<Unit> add_python_runtime(std::vector<SandboxMount>& mounts,
                                std::vector<std::pair<std::string, std::string>>& variables) {
    const auto runtime = PythonRuntime::find();
    if (!runtime.found()) C2D_CHECK(check_named());
    mounts.insert(mounts.end(), runtime.mounts.begin(), runtime.mounts.end());
    variables.insert(variables.end(), runtime.environment.begin(), runtime.environment.end());
    return Unit{};
}

}  // namespace c2d::tools
