#include "tools/process_hardening.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

namespace c2d::tools {

void keep_memory_private() {
    const char* const debugger = std::getenv("C2D_ALLOW_DEBUGGER");
    if (debugger && std::string_view(debugger) == "1") {
        std::fputs("warning: C2D_ALLOW_DEBUGGER is set: other programs may read the keys of this one\n", stderr);
        return;
    }
    constexpr rlimit kNone{0, 0};
    // Neither can fail: both only give something up.
    (void)::setrlimit(RLIMIT_CORE, &kNone);
    (void)::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

}  // namespace c2d::tools
