/// Addresses of TCP sockets, and their text.
#pragma once

#include <c2d/result.hpp>

#include <string>
#include <sys/socket.h>
#include <vector>

namespace c2d {

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = sizeof storage;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
    sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

/// "10.0.0.7", also of an IPv4 address as a listener for both families sees it.
std::string numeric_text(const SocketAddress& address);

/// Where a name or a numeric address leads; `flags` as in getaddrinfo(3). Fails with `io`.
Result<std::vector<SocketAddress>> lookup(const std::string& host, std::uint16_t port, int flags = 0);

/// Small messages go out at once, and a dead line is noticed.
void set_up_stream(int fd);

}  // namespace c2d
