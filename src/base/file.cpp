#include "base/file.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/write_atomic.hpp"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace c2d {

void Fd::reset() noexcept {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}

Result<std::string> read_fd(int fd, std::size_t bytes_max) {
    std::string content;
    char buffer[65536];
    for (off_t offset = 0;;) {
        const auto got = ::pread(fd, buffer, sizeof buffer, offset);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Status::IO, "read failed: {}", errno_text(errno));
        if (got == 0) return content;
        if (content.size() + std::size_t(got) > bytes_max)
            return fail(Status::LIMIT, "expected at most {} bytes, found more", bytes_max);
        content.append(buffer, std::size_t(got));
        offset += got;
    }
}

Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max) {
    const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd) {
        const Status status = errno == ENOENT ? Status::NOT_FOUND : Status::IO;
        return fail(status, "cannot open {}: {}", path.string(), errno_text(errno));
    }
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return fail(Status::IO, "{} is not a regular file", path.string());
    auto content = read_fd(fd.get(), bytes_max);
    if (!content) return fail(content.status(), "{}: {}", path.string(), content.error().message);
    return content;
}

Result<Unit> write_fd(int fd, BytesView bytes) {
    while (!bytes.empty()) {
        const auto put = ::write(fd, bytes.data(), bytes.size());
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail(Status::IO, "write failed: {}", errno_text(errno));
        bytes = bytes.subspan(std::size_t(put));
    }
    return Unit{};
}

namespace {

/// Makes a renaming durable.
Result<Unit> sync_folder(const std::filesystem::path& folder) {
    const Fd fd(::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!fd || ::fsync(fd.get()) != 0)
        return fail(Status::IO, "cannot sync the folder {}: {}", folder.string(), errno_text(errno));
    return Unit{};
}

/// Under a temporary name beside it first.
Result<Unit> replace_file(const std::filesystem::path& path, const std::function<Result<Unit>(int fd)>& write,
                          unsigned mode, bool durable) {
    std::string temporary = path.string() + ".XXXXXX";
    const Fd fd(::mkostemp(temporary.data(), O_CLOEXEC));
    if (!fd) return fail(Status::IO, "cannot create {}: {}", temporary, errno_text(errno));
    auto written = write(fd.get());
    if (!written) written = fail(written.status(), "cannot write {}: {}", path.string(), written.error().message);
    if (written.ok() && (::fchmod(fd.get(), mode_t(mode)) != 0 || (durable && ::fsync(fd.get()) != 0) ||
                         ::rename(temporary.c_str(), path.c_str()) != 0))
        written = fail(Status::IO, "cannot write {}: {}", path.string(), errno_text(errno));
    if (!written) {
        ::unlink(temporary.c_str());
        return written;
    }
    return durable ? sync_folder(path.parent_path()) : Result<Unit>(Unit{});
}

}  // namespace

Result<Unit> write_file_atomic(const std::filesystem::path& path, std::string_view content, unsigned mode) {
    return write_file_by(
        path, [content](int fd) { return write_fd(fd, as_bytes(content)); }, mode);
}

Result<Unit> write_file_undurable(const std::filesystem::path& path, std::string_view content, unsigned mode) {
    return replace_file(
        path, [content](int fd) { return write_fd(fd, as_bytes(content)); }, mode, false);
}

Result<Unit> write_file_by(const std::filesystem::path& path, const std::function<Result<Unit>(int fd)>& write,
                           unsigned mode) {
    return replace_file(path, write, mode, true);
}

}  // namespace c2d
