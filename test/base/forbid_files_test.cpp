/// A program that may open no file any more.
#include "base/forbid_files.hpp"

#include "base/file.hpp"

#include <doctest/doctest.h>

#include <cerrno>
#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace c2d;

namespace {

enum Found { kNothing = 0, kNoWall = 77 };

/// In a child: 0 where what is open stays readable and nothing else is opened.
int behind_the_wall() {
    const Fd open(::open("/proc/self/stat", O_RDONLY | O_CLOEXEC));
    if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return 1;
    const auto put_up = forbid_files();
    if (!put_up) return 2;
    if (!*put_up) return kNoWall;
    for (const char* path : {"/etc/passwd", "/proc/self/stat", "/dev/null", "/", "."})
        if (::open(path, O_RDONLY | O_CLOEXEC) >= 0 || errno != EACCES) return 3;
    char first = 0;
    return ::read(open.get(), &first, 1) == 1 ? kNothing : 4;
}

}  // namespace

TEST_CASE("behind the wall nothing is opened, and what is open stays so") {
    const pid_t child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(behind_the_wall());
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(WIFEXITED(status));
    if (WEXITSTATUS(status) == kNoWall) return;
    CHECK(WEXITSTATUS(status) == kNothing);
}
