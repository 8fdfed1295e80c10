#include "mpc/link/tls_link.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/link/buffered_link.hpp"
#include "net/poll_soon.hpp"

#include <cerrno>

namespace c2d::mpc {
namespace {

/// How long a wait looks again before it sleeps: a few times what an exchange takes on one machine.
constexpr std::chrono::microseconds kYieldFor{80};

class TlsLink final : public BufferedLink {
public:
    TlsLink(unsigned party, unsigned parties, std::vector<std::unique_ptr<PeerChannel>> channels)
        : BufferedLink(party, parties), chunk_(std::size_t(64) * 1024) {
        for (auto& channel : channels) ends_[channel->party()].channel = std::move(channel);
    }
    ~TlsLink() override {
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(5);
        while (unsent() != 0 && std::chrono::steady_clock::now() < deadline)
            if (!pump(party_, 100)) break;
    }

private:
    struct End {
        std::unique_ptr<PeerChannel> channel;
        ByteQueue out;
        /// What the last write and the last read wait for.
        short write_events = 0;
        short read_events = POLLIN;
    };

    /// Without close_notify where `broken`: whoever learns of several ends takes that for the cause.
    void do_leave(bool broken) noexcept override {
        for (unsigned peer = 0; peer < kParties; ++peer) {
            End& end = ends_[peer];
            if (!end.channel) continue;
            if (broken) {
                end.channel->abandon();
                end.channel.reset();
            } else {
                write_out(peer);
                end.channel->close_write();
                write_failed_[peer] = true;
            }
            end.out = ByteQueue{};
        }
    }

    std::size_t unsent() const noexcept override {
        std::size_t total = 0;
        for (const End& end : ends_) total += end.out.size();
        return total;
    }

    Result<Unit> enqueue(unsigned peer, BytesView bytes) override {
        ByteQueue& out = ends_[peer].out;
        // Nothing waits before it: what the stream takes is not copied first.
        if (out.empty()) bytes = bytes.subspan(write_some(peer, bytes));
        if (write_failed_[peer] || bytes.empty()) return Unit{};
        out.append(bytes);
        write_out(peer);
        return Unit{};
    }

    Result<Unit> pump(unsigned wanted, int wait_ms) override {
        bool moved = false;
        for (unsigned peer = 0; peer < kParties; ++peer)
            if (alive(peer)) moved = write_out(peer) || moved;
        if (alive(wanted)) {
            C2D_TRY(const bool read, read_in(wanted));
            if (read) return Unit{};
        }
        for (unsigned peer = 0; peer < kParties; ++peer) {
            if (peer == wanted || !alive(peer)) continue;
            C2D_TRY(const bool read, read_in(peer));
            moved = read || moved;
        }
        if (moved) return Unit{};
        pollfd entries[kParties];
        std::size_t count = 0;
        for (unsigned peer = 0; peer < kParties; ++peer) {
            if (!alive(peer)) continue;
            const End& end = ends_[peer];
            entries[count++] = {end.channel->fd(), static_cast<short>(end.read_events | end.write_events), 0};
        }
        if (count != 0 && poll_soon({entries, count}, kYieldFor, wait_ms) < 0 && errno != EINTR)
            return fail(Status::IO, "cannot wait for the peers: {}", errno_text(errno));
        return Unit{};
    }

    std::size_t read_past_queue(unsigned peer, std::span<std::uint8_t> out) override {
        if (!alive(peer)) return 0;
        const PeerChannel::Step step = ends_[peer].channel->read_some(out);
        return step.io == PeerChannel::Io::done ? step.bytes_count : 0;
    }

    bool alive(unsigned peer) const { return ends_[peer].channel && ended_[peer].empty(); }

    void end(unsigned peer, PeerChannel::Io io) {
        ended_[peer] = io == PeerChannel::Io::closed ? kLeft : "vanished: " + ends_[peer].channel->failure();
        broken_[peer] = io != PeerChannel::Io::closed;
        ends_[peer].out = ByteQueue{};
    }

    bool write_out(unsigned peer) {
        ByteQueue& out = ends_[peer].out;
        const std::size_t count = write_some(peer, out.front());
        if (write_failed_[peer])
            out = ByteQueue{};
        else
            out.drop(count);
        return count != 0;
    }

    /// How much of `bytes` the stream takes at once. Nothing once that failed.
    std::size_t write_some(unsigned peer, BytesView bytes) {
        End& end_of = ends_[peer];
        end_of.write_events = 0;
        std::size_t count = 0;
        while (count < bytes.size() && !write_failed_[peer]) {
            const PeerChannel::Step step = end_of.channel->write_some(bytes.subspan(count));
            if (step.io == PeerChannel::Io::done) {
                count += step.bytes_count;
                continue;
            }
            // What the peer had sent, and whether it closed in order, is still to be read.
            write_failed_[peer] = step.io == PeerChannel::Io::closed || step.io == PeerChannel::Io::failed;
            if (!write_failed_[peer]) end_of.write_events = step.io == PeerChannel::Io::want_read ? POLLIN : POLLOUT;
            break;
        }
        return count;
    }

    Result<bool> read_in(unsigned peer) {
        bool moved = false;
        for (int i = 0; i < 16 && alive(peer); ++i) {
            const PeerChannel::Step step = ends_[peer].channel->read_some(chunk_);
            if (step.io == PeerChannel::Io::done) {
                C2D_CHECK(take_in(peer, BytesView(chunk_.data(), step.bytes_count)));
                moved = true;
                // Nothing is left inside TLS, so poll(2) will tell of more.
                if (!ends_[peer].channel->pending()) break;
                continue;
            }
            ends_[peer].read_events = step.io == PeerChannel::Io::want_write ? POLLOUT : POLLIN;
            if (step.io == PeerChannel::Io::closed || step.io == PeerChannel::Io::failed) {
                end(peer, step.io);
                moved = true;
            }
            break;
        }
        return moved;
    }

    ClearedBytes chunk_;
    End ends_[kParties];
    bool write_failed_[kParties] = {};
};

}  // namespace

Result<std::unique_ptr<Link>> tls_link(unsigned party, std::vector<std::unique_ptr<PeerChannel>> channels,
                                       unsigned parties) {
    bool seen[kParties] = {};
    if (parties > kParties || party >= parties)
        return fail(Status::INVALID_ARGUMENT, "expected a party of at most {}, found {} of {}", kParties, party,
                    parties);
    seen[party] = true;
    for (const auto& channel : channels) {
        if (!channel || channel->party() >= parties || seen[channel->party()])
            return fail(Status::INVALID_ARGUMENT, "the channels must lead to the other parties, once each");
        seen[channel->party()] = true;
    }
    for (unsigned i = 0; i < parties; ++i)
        if (!seen[i]) return fail(Status::INVALID_ARGUMENT, "no channel leads to party {}", i);
    return std::unique_ptr<Link>(std::make_unique<TlsLink>(party, parties, std::move(channels)));
}

}  // namespace c2d::mpc
