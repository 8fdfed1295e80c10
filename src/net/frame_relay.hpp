/// Moves frames between an operator's UNIX socketpair end and its peers' TLS channels.
///
/// The operator side speaks frames: u32 little-endian peer, u32 little-endian length (1 to
/// 16 MiB), payload. The TLS side to each peer is records (net/relay_record.hpp): payloads as they come, for frame
/// borders carry no meaning, so a peer may receive one frame as several; signs of life; and which party was lost, so
/// that all name the same one. Towards the operator a frame of length 0 says "this peer's stream has ended"; from the
/// operator it is malformed. One thread per relay owns the socket and all TLS objects. Buffers are bounded (256 KiB per
/// direction and peer): a slow reader slows its writer down, nothing grows. Descriptors passed over the socketpair are
/// never accepted: the kernel closes them, since no control buffer is offered.
#pragma once

#include "base/file.hpp"
#include "net/frame.hpp"
#include "net/peer_channel.hpp"

#include <c2d/environment.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2d {

struct FrameRelayOptions {
    /// Our end of the socketpair (SOCK_STREAM); the relay closes it.
    Fd operator_fd;
    unsigned party = 0;
    std::vector<std::unique_ptr<PeerChannel>> peers;
    /// What was read of their records before, by party.
    std::map<unsigned, Bytes> begun;
    /// Payload bytes, both directions together; beyond it the relay ends with `byte_limit`.
    std::uint64_t bytes_max = 64ull << 30;
    /// A peer hears from us at least so often.
    std::chrono::milliseconds alive_every{1'000};
    /// A peer that is not heard of for so long, while we listen, is lost.
    std::chrono::milliseconds silence_max{30'000};
    /// The same before its first word: its relay starts when it has reached all others.
    std::chrono::milliseconds start_max{90'000};
    /// How long an operator that has ended may keep peers reading what it sent.
    std::chrono::milliseconds flush_max{30'000};
    /// Ends the relay within 100 ms.
    const CancelToken* cancel = nullptr;
    /// For tests: sees the plain payload pieces. `outgoing`: from the operator to `peer`.
    /// Called on the relay's thread.
    std::function<void(bool outgoing, unsigned peer, BytesView payload)> transcript;
};

/// How a relay ended.
struct FrameRelayReport {
    enum class End {
        /// The operator closed its end; everything it had sent was delivered.
        operator_closed,
        /// A peer vanished or fell silent before the operator did, or another lost it; `party` says which.
        peer_lost,
        byte_limit,
        /// The operator sent a frame to nobody, to itself, empty, oversized or cut off.
        malformed_frame,
        cancelled,
        io_failed,
    };
    End end = End::io_failed;
    /// The peer concerned, for `peer_lost`.
    std::optional<unsigned> party;
    /// The first peer whose stream ended while the operator was there.
    std::optional<unsigned> first_gone;
    /// One line for people.
    std::string detail;
    std::uint64_t bytes_to_peers = 0;
    std::uint64_t bytes_from_peers = 0;
};
/// The stable lower-case name, for example "peer_lost".
const char* frame_relay_end_name(FrameRelayReport::End end) noexcept;

/// A running relay. `stop`, `finished` and `wait` are safe from any thread.
///
/// When a peer closes in order (it has finished), the operator gets what had arrived and the frame
/// of length 0, and the others go on; if the operator still sends to that peer, the relay ends with
/// `peer_lost`. A connection that breaks without close_notify ends the relay with `peer_lost` at
/// once, after delivering the same (within 2 s, if the operator does not read).
class FrameRelay {
public:
    /// Starts the thread. Fails with `invalid_argument` (no descriptor, a party twice) or `io`.
    static Result<std::unique_ptr<FrameRelay>> start(FrameRelayOptions options);
    /// Stops and joins.
    ~FrameRelay();
    FrameRelay(const FrameRelay&) = delete;
    FrameRelay& operator=(const FrameRelay&) = delete;

    /// Tells every peer what our operator will be started on, before it is: 1 to 64 KiB. Once.
    void tell_inputs(Bytes what);
    /// What each peer told so, by party: waits until all have, at most until `limit`. Fewer where the relay or a peer's
    /// stream ended, or the time is over. Fails with `cancelled`.
    Result<std::map<unsigned, Bytes>> wait_for_inputs(std::chrono::milliseconds limit, const CancelToken* cancel);

    /// Asks the relay to end (as `cancelled` unless it has ended by itself); returns at once.
    void stop() noexcept;
    bool finished() const noexcept;
    /// Waits for the end; any number of times. Descriptors and channels are closed by then.
    FrameRelayReport wait();

private:
    struct Impl;
    explicit FrameRelay(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace c2d
