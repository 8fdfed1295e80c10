/// Authenticated byte streams between the parties of a session: TLS 1.3, then `PeerBinding` both ways.
///
/// Certificates are ephemeral, self-signed (P-256) and prove nothing: identity comes from the
/// signed binding, which covers the connection's exporter. After the handshake the dialling side
/// sends its binding (239 bytes); the accepting side checks it, then answers with its own and one
/// byte 0x01 ("you are accepted"); the dialling side checks that and answers 0x01. Only then does
/// `connect_peers` hand the channel out, so no other byte crosses before both are sure, and who
/// cannot authenticate learns nothing. See docs/mpc/wire.md for the bytes.
#pragma once

#include "base/file.hpp"
#include "net/peer_binding.hpp"

#include <c2d/environment.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace c2d {

class PeerPort;

/// One peer as the verified arguments name it, and the ledger address that it must prove.
struct PeerEndpoint {
    unsigned party = 0;
    /// A name or a numeric address; resolved once, when `connect_peers` starts.
    std::string host;
    std::uint16_t port = 0;
    Address address;
};

struct PeerConnectOptions {
    PeerSession session;
    unsigned party = 0;
    std::shared_ptr<Signer> signer;
    /// All other parties (1 to 15), each number once.
    std::vector<PeerEndpoint> peers;
    /// Where lower-numbered parties reach us; unused by the lowest party. A port that other sessions use, too, wins
    /// over `listen_fd`, a bound and listening TCP socket, and that over host and port.
    PeerPort* port = nullptr;
    std::string bind_host = "127.0.0.1";
    std::uint16_t bind_port = 0;
    Fd listen_fd;
    /// Asked once per resolved peer address (numeric text, for example "10.0.0.7") before it is
    /// dialled; false fails the call with `peer`. Null allows all.
    std::function<bool(std::string_view ip)> allow_address;
    /// Asked for the address of a caller (numeric text): whether it has one of the places that are
    /// kept. Callers from where the peers' hosts resolve to have one anyway. Null: nobody else.
    std::function<bool(std::string_view ip)> known_source;
    /// True refuses everybody else. By default the peers' own proof alone decides, because they may
    /// call from behind another address than they are reached at.
    bool known_sources_only = false;
    /// Whether a key speaks for the address that a peer must prove; null: only the key with that address does.
    SpeaksFor speaks_for;
    /// For the whole call: connecting, handshakes and bindings of all peers.
    std::chrono::milliseconds deadline{60'000};
    /// Checked at least every 100 ms; the call then fails with `cancelled`.
    const CancelToken* cancel = nullptr;
    std::shared_ptr<Logger> logger;
};

/// One authenticated stream to one peer. Not thread-safe: one thread at a time uses it (a TLS
/// object cannot be read and written concurrently); handing it from thread to thread is fine.
/// Destroying it sends close_notify if that does not block, and closes the socket.
class PeerChannel {
public:
    enum class Io { done, want_read, want_write, closed, failed };
    struct Step {
        Io io = Io::failed;
        /// Bytes moved when `done`, at least 1.
        std::size_t bytes_count = 0;
    };

    ~PeerChannel();
    PeerChannel(const PeerChannel&) = delete;
    PeerChannel& operator=(const PeerChannel&) = delete;

    unsigned party() const noexcept;
    /// For poll(2). The socket is non-blocking; nobody else may read, write or close it.
    int fd() const noexcept;
    /// 32 bytes that only the two ends of this connection know (its TLS exporter, RFC 8446 section 7.5): what goes into
    /// the keys of a session. Another value than the one that `PeerBinding` shows.
    Result<Bytes32> shared_secret() const;
    /// True while decrypted bytes wait inside TLS, which poll(2) cannot see.
    bool pending() const noexcept;

    /// Moves what is possible now; never blocks. `closed` is the peer's orderly close_notify,
    /// `failed` anything else (see `failure`), including an end without close_notify. After
    /// want_read / want_write, poll for that and repeat the call; a write must be repeated with
    /// the same bytes in front (it may be more of them, and they may have moved).
    Step read_some(std::span<std::uint8_t> out);
    Step write_some(BytesView bytes);
    /// Sends close_notify if that is possible without blocking; reads still work. False while it has to be called
    /// again.
    bool close_write() noexcept;
    /// How many bytes the other side's system has not said it has. One that is closed before that is 0 may take them
    /// back: it resets the connection when something arrives.
    std::size_t unacknowledged_bytes() const noexcept;
    /// From now on the end is one without close_notify.
    void abandon() noexcept;
    /// One line about the last `failed`.
    const std::string& failure() const noexcept;

    struct Impl;
    explicit PeerChannel(std::unique_ptr<Impl> impl);

private:
    std::unique_ptr<Impl> impl_;
};

/// Connects to all peers and proves both sides' identity: a lower party dials each higher one, with
/// growing pauses until the deadline. Returns the channels sorted by party. Blocks; one call at a
/// time per options object.
///
/// Unauthenticated callers (wrong key, replayed or reflected binding, no TLS) are dropped and waiting
/// goes on, so nobody can end a session by calling; so are genuine peers of another session or attempt. A genuine peer
/// with other arguments, code or algorithm ends the call at once.
///
/// Fails with `peer`, `Error::code` = the party's number and `Error::name` one of
/// `peer_missing` ("peer_missing: party 1 at host:port was not reached in 60 s (last: …)"),
/// `peer_disagrees`, `peer_forbidden` (allow_address said no); with `cancelled`;
/// with `invalid_argument`; or with `io` (cannot bind).
Result<std::vector<std::unique_ptr<PeerChannel>>> connect_peers(const PeerConnectOptions& options);

}  // namespace c2d
