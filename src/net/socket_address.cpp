#include "net/socket_address.hpp"

#include "base/fail.hpp"

#include <algorithm>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

namespace c2d {

std::string numeric_text(const SocketAddress& address) {
    char host[NI_MAXHOST] = "?";
    ::getnameinfo(address.get(), address.length, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
    const std::string_view text = host;
    const bool mapped = text.starts_with("::ffff:") && text.find('.') != std::string_view::npos;
    return std::string(mapped ? text.substr(7) : text);
}

Result<std::vector<SocketAddress>> lookup(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (code != 0) return fail(Status::IO, "cannot resolve {}: {}", host, ::gai_strerror(code));
    std::vector<SocketAddress> out;
    for (const addrinfo* entry = list; entry; entry = entry->ai_next) {
        SocketAddress address;
        std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                    reinterpret_cast<char*>(&address.storage));
        address.length = entry->ai_addrlen;
        out.push_back(address);
    }
    ::freeaddrinfo(list);
    return out;
}

void set_up_stream(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
}

}  // namespace c2d
