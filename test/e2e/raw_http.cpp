#include "e2e/raw_http.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdlib>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

namespace c2d::test {

namespace {

using Clock = std::chrono::steady_clock;

sockaddr_in loopback(const char* text, std::uint16_t port) {
    sockaddr_in out{};
    out.sin_family = AF_INET;
    out.sin_port = htons(port);
    if (inet_pton(AF_INET, text, &out.sin_addr) != 1) std::abort();
    return out;
}

/// Waits for something to read; false when the time is over.
bool readable(int fd, Clock::time_point deadline) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() < 0) return false;
    pollfd waiting{fd, POLLIN, 0};
    return ::poll(&waiting, 1, int(left.count())) > 0;
}

}  // namespace

RawConnection::RawConnection(std::uint16_t port, const char* local)
    : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const auto from = loopback(local, 0);
    const auto to = loopback("127.0.0.1", port);
    if (!fd_ || ::bind(fd_.get(), reinterpret_cast<const sockaddr*>(&from), sizeof from) != 0 ||
        ::connect(fd_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
        fd_.reset();
}

bool RawConnection::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent <= 0) return false;
        bytes.remove_prefix(std::size_t(sent));
    }
    return true;
}

void RawConnection::finish() { (void)::shutdown(fd_.get(), SHUT_WR); }

std::string RawConnection::read_all(std::chrono::milliseconds patience) {
    const auto deadline = Clock::now() + patience;
    std::string out;
    char buffer[16384];
    while (readable(fd_.get(), deadline)) {
        const auto got = ::recv(fd_.get(), buffer, sizeof buffer, 0);
        if (got <= 0) break;
        out.append(buffer, std::size_t(got));
    }
    return out;
}

bool RawConnection::read_until(std::string_view mark, std::chrono::milliseconds patience) {
    const auto deadline = Clock::now() + patience;
    std::string seen;
    char next;
    while (!seen.ends_with(mark)) {
        if (!readable(fd_.get(), deadline) || ::recv(fd_.get(), &next, 1, 0) <= 0) return false;
        seen.push_back(next);
    }
    return true;
}

bool RawConnection::closed_within(std::chrono::milliseconds patience) {
    if (!fd_) return true;
    const auto deadline = Clock::now() + patience;
    char buffer[4096];
    while (readable(fd_.get(), deadline))
        if (::recv(fd_.get(), buffer, sizeof buffer, 0) <= 0) return true;
    return false;
}

RawAnswer raw_answer(std::string_view text) {
    RawAnswer out;
    const auto end = text.find("\r\n\r\n");
    if (!text.starts_with("HTTP/1.") || text.size() < 12 || end == text.npos) return out;
    out.status = std::atoi(std::string(text.substr(9, 3)).c_str());
    out.headers = text.substr(0, end);
    out.body = text.substr(end + 4);
    return out;
}

RawAnswer ask_raw(std::uint16_t port, std::string_view request, const char* local) {
    RawConnection connection(port, local);
    connection.send(request);  // a refusal may come before all is sent
    return raw_answer(connection.read_all());
}

}  // namespace c2d::test
