/// Where operators find `import c2d`: the Python package and the shared library, shown read-only
/// inside the sandbox.
#pragma once

#include <c2d/sandbox.hpp>

namespace c2d::tools {

/// Adds what `PythonRuntime::find` finds. Fails with `not_found` where C2D_PYTHON_PATH or C2D_LIBRARY name what is
/// not there.
Result<Unit> add_python_runtime(std::vector<SandboxMount>& mounts,
                                std::vector<std::pair<std::string, std::string>>& variables);

}  // namespace c2d::tools
