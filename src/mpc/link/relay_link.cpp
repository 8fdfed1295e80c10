#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/link/buffered_link.hpp"
#include "net/frame.hpp"

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <thread>

namespace c2d::mpc {
namespace {

/// Frames over one stream socket; the other end is a provider's `FrameRelay`.
class RelayLink final : public BufferedLink {
public:
    RelayLink(int fd, unsigned party) : BufferedLink(party), fd_(fd), chunk_(std::size_t(256) * 1024) {}
    /// What was queued is still delivered, as far as the socket takes it within 5 s.
    ~RelayLink() override {
        stop_mover();
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (!out_.empty() && std::chrono::steady_clock::now() < deadline)
            if (!pump(party_, 100)) break;
    }

private:
    /// So long a caller has to move by itself what the socket did not take at once; most are back before.
    static constexpr std::chrono::milliseconds kOwnTurn{2};

    std::size_t unsent() const noexcept override {
        const std::lock_guard lock(mutex_);
        return out_.size();
    }

    /// The relay tells the others. The descriptor stays the caller's, though nothing can go over it any more.
    void do_leave(bool broken) noexcept override {
        bool moved = false;
        (void)write_out(moved);
        const std::lock_guard lock(mutex_);
        out_ = ByteQueue{};
        (void)::shutdown(fd_, broken ? SHUT_RDWR : SHUT_WR);
    }

    /// A party that computes must not keep from its peers what it has sent already: a thread moves it on.
    void start_mover() {
        if (mover_.joinable() || no_mover_) return;
        try {
            mover_ = std::thread([this] { move_on(); });
        } catch (const std::system_error&) {
            no_mover_ = true;  // then calls alone move it
        }
    }
    void stop_mover() {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        changed_.notify_all();
        if (mover_.joinable()) mover_.join();
    }
    void move_on() {
        std::unique_lock lock(mutex_);
        while (!stopping_) {
            changed_.wait(lock, [this] { return stopping_ || !out_.empty(); });
            changed_.wait_for(lock, kOwnTurn, [this] { return stopping_; });
            if (stopping_ || out_.empty()) continue;
            lock.unlock();
            pollfd entry{fd_, POLLOUT, 0};
            (void)::poll(&entry, 1, 50);
            lock.lock();
            bool moved = false;
            (void)write_locked(moved);
        }
    }

    Result<Unit> enqueue(unsigned peer, BytesView bytes) override {
        static_assert(kPieceBytes <= kFrameBytesMax);
        bool moved = false, waiting = false;
        {
            const std::lock_guard lock(mutex_);
            waiting = !out_.empty();
            out_.append(FrameHeader{peer, static_cast<std::uint32_t>(bytes.size())}.encode());
            out_.append(bytes);
            C2D_CHECK(write_locked(moved));
            if (out_.empty() || waiting) return Unit{};
        }
        start_mover();
        changed_.notify_all();
        return Unit{};
    }

    /// Sleeps at once, unlike a link that reaches its peers itself: the relay between them needs
    /// the processor that looking again would take, and wakes this one.
    Result<Unit> pump(unsigned, int wait_ms) override {
        bool moved = false;
        C2D_CHECK(write_out(moved));
        pollfd entry{fd_, static_cast<short>(POLLIN | (unsent() == 0 ? 0 : POLLOUT)), 0};
        if (::poll(&entry, 1, moved ? 0 : wait_ms) < 0 && errno != EINTR)
            return fail(Status::IO, "cannot wait for the relay: {}", errno_text(errno));
        return entry.revents != 0 ? read_in() : Result<Unit>(Unit{});
    }

    Result<Unit> write_out(bool& moved) {
        const std::lock_guard lock(mutex_);
        return write_locked(moved);
    }
    Result<Unit> write_locked(bool& moved) {
        while (!out_.empty()) {
            const BytesView front = out_.front();
            const ssize_t n = ::send(fd_, front.data(), front.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && errno == EINTR) continue;
            if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return Unit{};
            if (n < 0) {
                // What the relay delivered before it closed is still to be read: the end is
                // reported by `read_in`, once that is used up.
                out_ = ByteQueue{};
                return Unit{};
            }
            moved = true;
            out_.drop(static_cast<std::size_t>(n));
        }
        return Unit{};
    }

    Result<Unit> read_in() {
        const ssize_t n = ::recv(fd_, chunk_.data(), chunk_.size(), MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return Unit{};
        if (n <= 0) return lost();
        return split(BytesView(chunk_.data(), static_cast<std::size_t>(n)));
    }

    /// Cuts the stream into frames; a frame's payload is handed on as it comes.
    Result<Unit> split(BytesView bytes) {
        while (!bytes.empty()) {
            if (payload_left_ == 0) {
                const std::size_t want = FrameHeader::kBytes - header_got_;
                const BytesView part = bytes.first(std::min(bytes.size(), want));
                std::copy(part.begin(), part.end(), header_ + header_got_);
                header_got_ += part.size();
                bytes = bytes.subspan(part.size());
                if (header_got_ == FrameHeader::kBytes) C2D_CHECK(begin_frame());
                continue;
            }
            const BytesView part = bytes.first(std::min<std::size_t>(bytes.size(), payload_left_));
            C2D_CHECK(take_in(frame_peer_, part));
            payload_left_ -= static_cast<std::uint32_t>(part.size());
            bytes = bytes.subspan(part.size());
        }
        return Unit{};
    }

    Result<Unit> begin_frame() {
        header_got_ = 0;
        const FrameHeader header = FrameHeader::decode(header_);
        if (header.peer >= kParties || header.peer == party_ || header.length > kFrameBytesMax)
            return fail(Status::PEER, "malformed frame: peer {}, length {}", header.peer, header.length);
        frame_peer_ = header.peer;
        payload_left_ = header.length;
        if (header.length == 0) ended_[header.peer] = kLeft;
        return Unit{};
    }

    /// The socket is closed. What had arrived stays readable: the error comes when it is used up.
    Result<Unit> lost() {
        if (header_got_ != 0 || payload_left_ != 0) return fail(Status::PEER, "the peer channel ended within a frame");
        for (unsigned peer = 0; peer < kParties; ++peer)
            if (peer != party_ && ended_[peer].empty())
                ended_[peer] = "is out of reach: the provider closed the peer channel";
        const std::lock_guard lock(mutex_);
        out_ = ByteQueue{};
        return Unit{};
    }

    int fd_;
    ClearedBytes chunk_;
    /// Of what is to be sent; all else belongs to the caller.
    mutable std::mutex mutex_;
    std::condition_variable changed_;
    ByteQueue out_;
    bool stopping_ = false, no_mover_ = false;
    std::thread mover_;
    std::uint8_t header_[FrameHeader::kBytes] = {};
    std::size_t header_got_ = 0;
    unsigned frame_peer_ = 0;
    std::uint32_t payload_left_ = 0;
};

}  // namespace

Result<std::unique_ptr<Link>> relay_link(int fd, unsigned party) {
    if (party >= kParties) return fail(Status::INVALID_ARGUMENT, "party must be 0, 1 or 2, found {}", party);
    int type = 0;
    socklen_t length = sizeof type;
    if (::getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) != 0 || type != SOCK_STREAM)
        return fail(Status::INVALID_ARGUMENT, "descriptor {} is not a stream socket", fd);
    return std::unique_ptr<Link>(std::make_unique<RelayLink>(fd, party));
}

}  // namespace c2d::mpc
