/// Where peers call: one listening socket for any number of sessions at a time.
///
/// A caller proves nothing here. When TLS stands it sends its binding (net/peer_binding.hpp), which names a session and
/// the party that it wants; it is then handed to the desk of these two, whose owner checks the binding. A caller for
/// whom there is no desk yet waits for one as long as its time lasts (10 s from its first byte on), and calls again.
/// Anybody can open connections and say nothing: places are given out as net/accept_slots.hpp says.
///
/// A port has a thread of its own. Everything here may be called from any thread.
#pragma once

#include "base/file.hpp"
#include "net/peer_binding.hpp"
#include "net/peer_channel.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace c2d {

struct PeerPortOptions {
    std::string bind_host = "127.0.0.1";
    std::uint16_t bind_port = 0;
    /// A bound and listening TCP socket, which stays the caller's; wins over host and port.
    int listen_fd = -1;
    /// Whether an address (numeric text) has one of the places that are kept. Callers from where the peers of a desk
    /// lie have one anyway. Null: nobody else. Called on the port's thread.
    std::function<bool(std::string_view ip)> known_source = {};
    /// Refuses everybody else.
    bool known_sources_only = false;
};

class PeerPort {
public:
    /// Who called, and who it says it is.
    struct Caller {
        std::unique_ptr<PeerChannel::Impl> channel;
        SignedPeerBinding message;
        Bytes32 exporter;

        Caller(std::unique_ptr<PeerChannel::Impl> c, const SignedPeerBinding& m, const Bytes32& e);
        ~Caller();
        Caller(Caller&&) noexcept;
        Caller& operator=(Caller&&) noexcept;
    };

    /// Where the callers of one session for one party come in, until it goes; the port may go before it.
    class Desk {
    public:
        ~Desk();
        Desk(const Desk&) = delete;
        Desk& operator=(const Desk&) = delete;
        /// Readable when somebody waits, for poll(2).
        int fd() const noexcept;
        /// Everybody who waits.
        std::vector<Caller> take();
        /// Why the port sent somebody away last; empty: it did not.
        std::string last_refusal() const;

    private:
        friend class PeerPort;
        struct Impl;
        explicit Desk(std::unique_ptr<Impl> impl);
        std::unique_ptr<Impl> impl_;
    };

    /// Fails with `io` when it cannot listen there.
    static Result<std::unique_ptr<PeerPort>> open(const PeerPortOptions& options);
    ~PeerPort();
    PeerPort(const PeerPort&) = delete;
    PeerPort& operator=(const PeerPort&) = delete;

    /// For callers of that session who want `party`; `sources`: addresses (numeric text) that have kept places
    /// meanwhile. Fails with `conflict` when there is such a desk already.
    Result<std::unique_ptr<Desk>> desk(std::uint64_t session_id, unsigned party, std::vector<std::string> sources);

private:
    struct Impl;
    explicit PeerPort(std::shared_ptr<Impl> impl);
    std::shared_ptr<Impl> impl_;
};

}  // namespace c2d
