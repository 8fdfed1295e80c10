/// Three (or two) parties on loopback for tests: keys, options, and all of them connecting at once.
#pragma once

#include "net/peer_channel.hpp"

#include <c2d/key.hpp>

#include <doctest/doctest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <thread>

namespace c2d::test {

inline std::shared_ptr<PrivateKey> key_of(unsigned party) {
    Bytes secret(32, static_cast<std::uint8_t>(party + 1));
    return *PrivateKey::from_bytes(secret);
}

inline PeerSession session() {
    PeerSession out;
    out.session_id = 42;
    out.algorithm.data.fill(0xa1);
    out.arguments_hash.data.fill(0xa2);
    out.code_hash.data.fill(0xa3);
    out.attempt = 1;
    out.domain.chain_id = 7;
    out.domain.verifying_contract.data.fill(0xa4);
    out.domain.salt.data.fill(0xa5);
    return out;
}

/// A listening socket on a free loopback port.
struct Listener {
    Fd fd;
    std::uint16_t port = 0;

    Listener() {
        fd = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        REQUIRE(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
        REQUIRE(::listen(fd.get(), 16) == 0);
        socklen_t length = sizeof address;
        REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
        port = ntohs(address.sin_port);
    }
};

/// Options of `parties` parties that all fit together; a test then spoils one of them.
inline std::vector<PeerConnectOptions> options_of(unsigned parties) {
    std::vector<Listener> listeners(parties);
    std::vector<PeerConnectOptions> out(parties);
    for (unsigned me = 0; me < parties; ++me) {
        out[me].session = session();
        out[me].party = me;
        out[me].signer = key_of(me);
        out[me].deadline = std::chrono::seconds(20);
        for (unsigned peer = 0; peer < parties; ++peer)
            if (peer != me) out[me].peers.push_back({peer, "127.0.0.1", listeners[peer].port, key_of(peer)->address()});
    }
    for (unsigned me = 0; me < parties; ++me) out[me].listen_fd = std::move(listeners[me].fd);
    return out;
}

/// Writes all of it to a socket; false when the other end has closed, which raises no SIGPIPE.
inline bool send_all(int socket, BytesView bytes) {
    while (!bytes.empty()) {
        const ssize_t n = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (n <= 0) return false;
        bytes = bytes.subspan(static_cast<std::size_t>(n));
    }
    return true;
}

using Connected = Result<std::vector<std::unique_ptr<PeerChannel>>>;

inline std::vector<Connected> connect_all(const std::vector<PeerConnectOptions>& options) {
    std::vector<Connected> out;
    for (std::size_t i = 0; i < options.size(); ++i) out.emplace_back(Error());
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < options.size(); ++i)
        threads.emplace_back([&, i] { out[i] = connect_peers(options[i]); });
    for (auto& thread : threads) thread.join();
    return out;
}

}  // namespace c2d::test
