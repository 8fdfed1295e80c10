/// c2d-provider that ends itself at a named place, as by SIGKILL: C2D_TEST_END_AT names it, and the file
/// C2D_TEST_ENDED, which it makes then, says that it did so once and is not to do it again. Linked with the program's
/// own sources.

#include "base/fail_point.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace {

void end_there(const char* name) {
    const char* const at = std::getenv("C2D_TEST_END_AT");
    const char* const once = std::getenv("C2D_TEST_ENDED");
    if (!at || !once || std::strcmp(at, name) != 0) return;
    const int fd = ::open(once, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return;
    ::close(fd);
    ::raise(SIGKILL);
}

[[maybe_unused]] const bool set = [] {
    c2d::fail_point_hook = end_there;
    return true;
}();

}  // namespace
