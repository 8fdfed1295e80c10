#include "tools/process_hardening.hpp"

#include <doctest/doctest.h>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <initializer_list>

using namespace c2d;

namespace {

struct State {
    bool dumpable;
    bool dumps_core;
};

/// What becomes of a process of its own that may dump before.
State of_child(const char* debugger) {
    const pid_t child = ::fork();
    if (child == 0) {
        debugger ? ::setenv("C2D_ALLOW_DEBUGGER", debugger, 1) : ::unsetenv("C2D_ALLOW_DEBUGGER");
        ::close(STDERR_FILENO);
        rlimit core{};
        ::getrlimit(RLIMIT_CORE, &core);
        core.rlim_cur = core.rlim_max;
        ::setrlimit(RLIMIT_CORE, &core);
        tools::keep_memory_private();
        ::getrlimit(RLIMIT_CORE, &core);
        ::_exit((::prctl(PR_GET_DUMPABLE) != 0 ? 1 : 0) | (core.rlim_cur != 0 || core.rlim_max != 0 ? 2 : 0));
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    REQUIRE(WIFEXITED(status));
    return {(WEXITSTATUS(status) & 1) != 0, (WEXITSTATUS(status) & 2) != 0};
}

}  // namespace

TEST_CASE("programs: nobody traces them, and they leave no core") {
    for (const char* const debugger : {static_cast<const char*>(nullptr), "", "0", "yes"}) {
        const auto state = of_child(debugger);
        CHECK(!state.dumpable);
        CHECK(!state.dumps_core);
    }
    CHECK(of_child("1").dumpable);
}
