#include "base/beneath.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <cerrno>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace c2d {

Result<Fd> open_folder(const std::filesystem::path& folder) {
    Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd)
        return fail(errno == ENOENT ? Status::NOT_FOUND : Status::IO, "cannot open the folder {}: {}", folder.string(),
                    errno_text(errno));
    return fd;
}

Result<Fd> open_beneath(int folder, const std::string& path, int flags, unsigned mode) {
    if (path.find('\0') != path.npos) return fail(Status::INVALID_ARGUMENT, "a file's name has no NUL in it");
    open_how how{};
    how.flags = std::uint64_t(flags | O_CLOEXEC | O_NOFOLLOW);
    how.mode = mode;
    how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
    Fd fd(int(::syscall(SYS_openat2, folder, path.c_str(), &how, sizeof how)));
    if (fd) return fd;
    const Status status = errno == ENOENT ? Status::NOT_FOUND : errno == EEXIST ? Status::CONFLICT : Status::IO;
    return fail(status, "cannot open {}: {}", path, errno_text(errno));
}

Result<PlainFile> open_plain_file_beneath(int folder, const std::string& path) {
    // O_NONBLOCK: opening a pipe must not wait for its other end.
    C2D_TRY(Fd fd, open_beneath(folder, path, O_RDONLY | O_NONBLOCK));
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return fail(Status::IO, "{} is not a regular file", path);
    return PlainFile{std::move(fd), std::uint64_t(info.st_size)};
}

}  // namespace c2d
