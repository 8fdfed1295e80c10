/// Where operators find `import c2d`: the Python package and the shared library, shown read-only
/// inside the sandbox.
#pragma once

#include <c2d/sandbox.hpp>

namespace c2d::tools {

/// Adds what `PythonRuntime::find` finds; C2D_PYTHON_PATH and C2D_LIBRARY name other places.
void add_python_runtime(std::vector<SandboxMount>& mounts,
                        std::vector<std::pair<std::string, std::string>>& variables);

}  // namespace c2d::tools
