/// The TLS part of a peer channel: context, handshake, exporter. Not thread-safe.
#pragma once

#include "net/peer_channel.hpp"

#include <openssl/ssl.h>

namespace c2d {

struct SslContextFree {
    void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextFree>;

/// TLS 1.3 only, a fresh self-signed P-256 certificate, no tickets, no early data, no session
/// cache. One context serves both directions of one `connect_peers`.
Result<SslContext> make_peer_context();

struct PeerSocket {
    Fd fd;
    /// The next bytes are not the last of a message: TCP need not push them by themselves.
    bool more_follows = false;
};

struct PeerChannel::Impl {
    PeerSocket socket;
    std::unique_ptr<SSL, SslFree> ssl;
    unsigned party = 0;
    std::string failure;
    bool has_closed_write = false;

    /// Takes a connected, non-blocking socket.
    static Result<std::unique_ptr<Impl>> make(SSL_CTX* context, Fd fd, bool accepting);
    /// One step of the handshake; `done` when it is over.
    PeerChannel::Io handshake();
    /// Of an accepted connection: whether the other side has said all of its first message.
    bool client_hello_complete() const;
    /// What the signed binding shows of this connection, and what never leaves the two ends.
    Result<Bytes32> exporter() const;
    Result<Bytes32> shared_secret() const;
    Result<Bytes32> exported(std::string_view label) const;
    PeerChannel::Step read_some(std::span<std::uint8_t> out);
    PeerChannel::Step write_some(BytesView bytes);
    /// Until `in` has `count` bytes, and never a byte more: the rest is somebody else's.
    PeerChannel::Io read_up_to(Bytes& in, std::size_t count);
    /// What an SSL call that returned `result` wants, or why it failed.
    PeerChannel::Io outcome(int result);
};

}  // namespace c2d
