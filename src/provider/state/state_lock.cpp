#include "provider/state/state_lock.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <sys/file.h>
#include <thread>
#include <unistd.h>

namespace c2d::provider {

namespace {

constexpr std::size_t kHolderBytesMax = 32;

/// The number that the holder wrote; whatever else stands there is not repeated.
std::string holder_of(int fd) {
    const auto text = read_fd(fd, kHolderBytesMax);
    const auto digits = text ? text->substr(0, text->find_first_not_of("0123456789")) : std::string();
    return digits.empty() ? "unknown" : digits;
}

/// A child that a killed holder was just starting has the lock, too, until it executes its program: a moment, for
/// which flock(2) has no wait with an end.
bool lock_soon(int fd) {
    constexpr std::chrono::milliseconds kMomentMax{1'000}, kPause{10};
    const auto end = std::chrono::steady_clock::now() + kMomentMax;
    while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK || std::chrono::steady_clock::now() >= end) return false;
        std::this_thread::sleep_for(kPause);
    }
    return true;
}

}  // namespace

Result<Fd> lock_state(const std::filesystem::path& state) {
    auto path = state;
    path += ".lock";
    Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd) return fail(Status::IO, "cannot open {}: {}", path.string(), errno_text(errno));
    if (!lock_soon(fd.get())) {
        if (errno != EWOULDBLOCK) return fail(Status::IO, "cannot lock {}: {}", path.string(), errno_text(errno));
        return fail(Status::CONFLICT,
                    "the folder {} is in use: process {} runs a provider with this key on it; end that one first, "
                    "or give this one another exec_dirpath",
                    state.parent_path().string(), holder_of(fd.get()));
    }
    const auto holder = fmt::format("{}\n", ::getpid());
    if (::ftruncate(fd.get(), 0) != 0 || ::pwrite(fd.get(), holder.data(), holder.size(), 0) != ssize_t(holder.size()))
        return fail(Status::IO, "cannot write {}: {}", path.string(), errno_text(errno));
    return fd;
}

}  // namespace c2d::provider
