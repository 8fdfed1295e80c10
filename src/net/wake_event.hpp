/// What wakes a thread that polls sockets.
#pragma once

#include "base/fail.hpp"
#include "base/file.hpp"

#include <cerrno>
#include <cstdint>
#include <sys/eventfd.h>
#include <unistd.h>

namespace c2d {

/// An eventfd(2): readable from `signal` to `clear`, however often it was signalled. Both may be called from any
/// thread.
class WakeEvent {
public:
    static Result<WakeEvent> make() {
        WakeEvent event;
        event.fd_ = Fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
        if (!event.fd_) return fail(Status::IO, "no eventfd: {}", errno_text(errno));
        return event;
    }
    /// Not an event yet.
    WakeEvent() = default;

    void signal() const noexcept {
        const std::uint64_t one = 1;
        [[maybe_unused]] const ssize_t n = ::write(fd_.get(), &one, sizeof one);
    }
    void clear() const noexcept {
        std::uint64_t count;
        [[maybe_unused]] const ssize_t n = ::read(fd_.get(), &count, sizeof count);
    }
    /// For poll(2), until this ends.
    int fd() const { return fd_.get(); }

private:
    Fd fd_;
};

}  // namespace c2d
