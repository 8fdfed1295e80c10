#include "bench/slow_wires.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "bench/three_parties.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <chrono>
#include <cmath>
#include <csignal>
#include <deque>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace c2d::bench {
namespace {

constexpr unsigned kParties = 3;
constexpr std::size_t kReadBytes = std::size_t(16) * 1024;
/// How far ahead of its bandwidth a sender is read: what a socket's buffer would hold.
constexpr double kAheadSeconds = 0.05;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

/// One direction of a connection: bytes with the time at which they arrive.
struct Stream {
    int from = -1, to = -1;
    unsigned sender = 0;
    struct Piece {
        double due;
        Bytes bytes;
        std::size_t sent = 0;
    };
    std::deque<Piece> pieces;
    bool ended = false, shut = false;
};

class Wires {
public:
    explicit Wires(WireSpeed speed) : speed_(speed) {}

    void join(int dialled, unsigned from, std::uint16_t port, unsigned to) {
        const int other = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(other, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
            ::close(other);
            ::close(dialled);
            return;
        }
        for (const int fd : {dialled, other}) {
            const int on = 1;
            ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
            ::fcntl(fd, F_SETFL, O_NONBLOCK);
        }
        streams_.push_back({dialled, other, from, {}});
        streams_.push_back({other, dialled, to, {}});
    }

    void pass(std::vector<pollfd> listeners, const std::vector<std::function<void(int)>>& accepted) {
        for (;;) {
            std::vector<pollfd> entries = listeners;
            double wake = now() + 1;
            for (const Stream& stream : streams_) {
                // A sender beyond its bandwidth is read again when there is room.
                const double room = free_at_[stream.sender] - kAheadSeconds;
                const bool reads = !stream.ended && room <= now();
                if (!stream.ended && !reads) wake = std::min(wake, room);
                entries.push_back({reads ? stream.from : -1, POLLIN, 0});
                if (!stream.pieces.empty()) wake = std::min(wake, stream.pieces.front().due);
            }
            const double wait = std::max(0.0, wake - now());
            const timespec time{static_cast<time_t>(wait), static_cast<long>((wait - std::floor(wait)) * 1e9)};
            ::ppoll(entries.data(), entries.size(), &time, nullptr);
            const std::size_t count = streams_.size();
            for (std::size_t i = 0; i < count; ++i) {
                if (entries[listeners.size() + i].revents != 0) take(streams_[i]);
                deliver(streams_[i]);
            }
            for (std::size_t i = 0; i < listeners.size(); ++i)
                if (entries[i].revents != 0) accepted[i](::accept(listeners[i].fd, nullptr, nullptr));
        }
    }

private:
    void take(Stream& stream) {
        Bytes bytes(kReadBytes);
        const ssize_t n = ::recv(stream.from, bytes.data(), bytes.size(), MSG_DONTWAIT);
        if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
        if (n <= 0) {
            stream.ended = true;
            return;
        }
        bytes.resize(static_cast<std::size_t>(n));
        double& free_at = free_at_[stream.sender];
        free_at = std::max(free_at, now()) + static_cast<double>(n) / speed_.bytes_per_second;
        stream.pieces.push_back({free_at + speed_.latency_seconds, std::move(bytes)});
    }

    static void deliver(Stream& stream) {
        while (!stream.pieces.empty() && stream.pieces.front().due <= now()) {
            Stream::Piece& piece = stream.pieces.front();
            const ssize_t n = ::send(stream.to, piece.bytes.data() + piece.sent, piece.bytes.size() - piece.sent,
                                     MSG_NOSIGNAL | MSG_DONTWAIT);
            if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
                piece.due = now() + 0.001;  // the receiver is slow: a moment later again
                return;
            }
            piece.sent += n > 0 ? static_cast<std::size_t>(n) : piece.bytes.size() - piece.sent;
            if (piece.sent == piece.bytes.size()) stream.pieces.pop_front();
        }
        if (stream.ended && stream.pieces.empty() && !stream.shut) {
            ::shutdown(stream.to, SHUT_WR);
            stream.shut = true;
        }
    }

    WireSpeed speed_;
    std::deque<Stream> streams_;
    double free_at_[kParties] = {};
};

}  // namespace

Result<std::uint16_t> SlowWires::route(unsigned from, unsigned to, std::uint16_t port) {
    C2D_TRY(auto listener, listen_on_loopback());
    const std::uint16_t own = listener.port;
    routes_.push_back({std::move(listener.fd), from, to, port});
    return own;
}

Result<Unit> SlowWires::start() {
    process_ = ::fork();
    if (process_ < 0) return fail(Status::IO, "cannot fork: {}", errno_text(errno));
    if (process_ > 0) return Unit{};
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    Wires wires(speed_);
    std::vector<pollfd> listeners;
    std::vector<std::function<void(int)>> accepted;
    for (const Route& route : routes_) {
        listeners.push_back({route.listener.get(), POLLIN, 0});
        accepted.push_back([&wires, &route](int fd) {
            if (fd >= 0) wires.join(fd, route.from, route.port, route.to);
        });
    }
    wires.pass(std::move(listeners), accepted);
    ::_exit(0);
}

SlowWires::~SlowWires() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
}

}  // namespace c2d::bench
