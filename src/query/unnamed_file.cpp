#include "query/unnamed_file.hpp"

#include "base/fail.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace c2d::query {

Result<Fd> unnamed_file(const std::filesystem::path& folder) {
    Fd fd(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
    if (fd) return fd;
    // Not every file system has such: then the name goes at once.
    std::string name = (folder / ".table-XXXXXX").string();
    fd = Fd(::mkostemp(name.data(), O_CLOEXEC));
    if (!fd) return fail(Status::IO, "cannot make a file in {}: {}", folder.string(), errno_text(errno));
    if (::unlink(name.c_str()) != 0) return fail(Status::IO, "cannot unlink {}: {}", name, errno_text(errno));
    return fd;
}

std::string path_of(int fd) { return fmt::format("/proc/self/fd/{}", fd); }

}  // namespace c2d::query
