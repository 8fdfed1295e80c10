/// Where operators find `import c2d`: the Python package and the shared library, shown read-only
/// inside the sandbox.
#pragma once

#include <c2d/sandbox.hpp>

namespace c2d::tools {

/// Adds what `PythonRuntime::find` finds; C2D_PYTHON_PATH (the package, or the folder it is in, as PYTHONPATH
/// has it) and C2D_LIBRARY name other places. Fails with `not_found` where they name what is not there.
Result<Unit> add_python_runtime(std::vector<SandboxMount>& mounts,
                        std::vector<std::pair<std::string, std::string>>& variables);

}  // namespace c2d::tools
