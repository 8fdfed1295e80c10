/// Whole-file reading and writing with bounds, and descriptors that close themselves.
#pragma once

#include <c2d/types.hpp>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace c2d {

/// An owned file descriptor.
class Fd {
public:
    Fd() = default;
    explicit Fd(int fd) noexcept : fd_(fd) {}
    Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Fd& operator=(Fd&& other) noexcept {
        if (this != &other) {
            reset();
            fd_ = std::exchange(other.fd_, -1);
        }
        return *this;
    }
    ~Fd() { reset(); }
    int get() const noexcept { return fd_; }
    int release() noexcept { return std::exchange(fd_, -1); }
    explicit operator bool() const noexcept { return fd_ >= 0; }
    void reset() noexcept;

private:
    int fd_ = -1;
};

/// Reads a regular file of at most `bytes_max` bytes. Fails with not_found, limit or io.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t bytes_max);
/// Writes through a temporary file beside `path`, syncs and renames: the old or the new content
/// stands there, never a part. `mode` are the permission bits.
Result<Unit> write_file_atomic(const std::filesystem::path& path, std::string_view content, unsigned mode = 0644);
/// Reads everything from an open descriptor's start, at most `bytes_max` bytes.
Result<std::string> read_fd(int fd, std::size_t bytes_max);
/// Writes the whole buffer, over short writes and EINTR.
Result<Unit> write_fd(int fd, BytesView bytes);

}  // namespace c2d
