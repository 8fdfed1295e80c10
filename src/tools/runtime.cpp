#include "tools/runtime.hpp"

#include <cstdlib>

namespace c2d::tools {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

}  // namespace

void add_python_runtime(std::vector<SandboxMount>& mounts,
                        std::vector<std::pair<std::string, std::string>>& variables) {
    const auto runtime = PythonRuntime::find(environment("C2D_PYTHON_PATH"), environment("C2D_LIBRARY"));
    mounts.insert(mounts.end(), runtime.mounts.begin(), runtime.mounts.end());
    variables.insert(variables.end(), runtime.environment.begin(), runtime.environment.end());
}

}  // namespace c2d::tools
