/// A link over non-blocking streams: queues per peer, and one function that moves bytes.
///
/// While it waits for one peer it takes in what every peer sends, so three parties that all send
/// first and receive later cannot block each other. Queues are bounded.
#pragma once

#include "net/byte_queue.hpp"

#include <c2d/mpc.hpp>

#include <string>

namespace c2d::mpc {

/// Received but not yet asked for, per peer; a protocol that lets a peer run further ahead is
/// wrong.
inline constexpr std::size_t kReceiveBytesMax = std::size_t{1} << 30;
/// Sent but not yet taken by the stream; `send` waits above it. Over a relay it moves on while the caller computes;
/// over TLS only calls move it, and a caller that then works without its link keeps the peer waiting for the rest.
inline constexpr std::size_t kSendBytesMax = std::size_t{4} << 20;
/// Of a large message so much is queued at once: what the stream takes need not be copied, and the
/// queue stays small.
inline constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

/// What is said of a party that ended in order before the others were done: its program failed, or gave up. Of one
/// whose connection broke it is said that it vanished.
inline constexpr const char* kLeft = "left before the end";

class BufferedLink : public Link {
protected:
    using Link::Link;

    /// Queues up to kPieceBytes for `peer` (already counted) and moves what is possible without
    /// waiting.
    virtual Result<Unit> enqueue(unsigned peer, BytesView bytes) = 0;
    /// Bytes queued for sending, over all peers.
    virtual std::size_t unsent() const noexcept = 0;
    /// Moves what can be moved, for `wanted` first and for others only if that gave nothing; if
    /// nothing can, waits up to `wait_ms` for a change. Fills `in_`, sets `ended_`. Fails when the
    /// streams as a whole are lost.
    virtual Result<Unit> pump(unsigned wanted, int wait_ms) = 0;

    Result<Unit> do_send(unsigned peer, BytesView bytes) final;
    Result<Unit> do_receive(unsigned peer, std::span<std::uint8_t> out) final;
    Result<Unit> take_in(unsigned peer, BytesView bytes);
    /// Reads straight into `out` what `peer` has sent, if that can be done without waiting and past
    /// the queue, which is empty; returns how much. Saves a copy of large messages.
    virtual std::size_t read_past_queue(unsigned, std::span<std::uint8_t>) { return 0; }

    ByteQueue in_[kParties];
    /// Why nothing more comes from a peer; empty while it is there.
    std::string ended_[kParties];
    /// It ended without saying so: killed, cut off, or tampered with.
    bool broken_[kParties] = {};

private:
    /// The end of `peer` as an error, naming the party that caused it where another one did.
    Error ended(unsigned peer);
    /// Nothing broken was seen yet, and a third party is still there that may turn out to be.
    bool cause_may_follow(unsigned peer) const;
    Result<Unit> drain(unsigned peer);
    Result<Unit> wait_step(unsigned peer, std::chrono::steady_clock::time_point deadline);
};

}  // namespace c2d::mpc
