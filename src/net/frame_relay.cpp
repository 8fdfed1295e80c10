#include "net/frame_relay.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "net/byte_queue.hpp"
#include "net/poll_soon.hpp"
#include "net/relay_record.hpp"
#include "net/wake_event.hpp"

#include <algorithm>
#include <cerrno>
#include <condition_variable>
#include <map>
#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace c2d {
namespace {

using End = FrameRelayReport::End;
using Io = PeerChannel::Io;
using Clock = std::chrono::steady_clock;

constexpr std::size_t kQueueBytesMax = std::size_t(256) * 1024;
constexpr std::size_t kChunkBytes = std::size_t(64) * 1024;
/// How long the end may take to deliver what was queued for the operator.
constexpr std::chrono::seconds kFlushToOperator{2};
/// The same of the word that a party was lost.
constexpr std::chrono::seconds kLastWord{2};
/// How long the relay looks again before it sleeps: a round of a protocol passes two relays in each
/// direction, and waking one takes longer than all that it does. A millisecond bridges what a helper
/// stalls when three parties share two processors.
constexpr std::chrono::microseconds kYieldFor{1000};
/// How often is asked whether peers have all.
constexpr int kArrivalLookMs = 2;

struct Peer {
    std::unique_ptr<PeerChannel> channel;
    ByteQueue out;
    /// Some of what waits to be sent is the operator's, or tells of its inputs.
    bool owes = false;
    /// Nothing can be sent any more; what it said before that is still read.
    bool deaf = false;
    /// Its stream ended; nothing more is read or written.
    bool ended = false;
    /// A read may succeed without poll saying so: at the start, and when we stopped for lack of room.
    bool readable = true;
    short read_wants = POLLIN;
    short write_wants = POLLOUT;
    RelayRecordReader records;
    /// What it tells of its inputs, as far as it has come; it may once.
    Bytes inputs;
    bool has_told_inputs = false;
    Clock::time_point heard, spoke;
    bool heard_once = false;
};

/// What the parties tell each other of their inputs, between the relay's thread and whoever waits for it.
struct InputsBoard {
    /// Ours is there to be sent.
    WakeEvent wake;
    std::mutex mutex;
    /// Something below, or the end of the relay.
    std::condition_variable changed;
    Bytes ours;
    std::map<unsigned, Bytes> theirs;
    /// A peer's stream has ended, or the relay: nobody tells more.
    bool ended = false;

    void hear(unsigned party, Bytes what) {
        const std::lock_guard lock(mutex);
        theirs[party] = std::move(what);
        changed.notify_all();
    }
    void end() {
        const std::lock_guard lock(mutex);
        ended = true;
        changed.notify_all();
    }
};

/// The loop and all it owns; lives on the relay's thread.
class Loop {
public:
    Loop(FrameRelayOptions options, int wake_fd, InputsBoard& inputs)
        : options_(std::move(options)), wake_fd_(wake_fd), inputs_(inputs) {
        for (auto& channel : options_.peers) {
            const unsigned party = channel->party();
            peers_[party].channel = std::move(channel);
        }
        // The first sign of life at once.
        for (auto& [party, peer] : peers_) peer.heard = Clock::now(), peer.spoke = peer.heard - options_.alive_every;
    }
    FrameRelayReport run();

private:
    bool turn();
    bool deliver_rest();
    void read_operator();
    void take_apart();
    bool begin_frame(BytesView bytes);
    void write_operator();
    void read_peer(unsigned party, Peer& peer);
    void read_rest(unsigned party, Peer& peer);
    void write_peer(unsigned party, Peer& peer);
    void peer_gone(unsigned party, Peer& peer, Io io);
    void take_records(unsigned party, Peer& peer, BytesView bytes);
    void take_loss(unsigned party, Peer& peer, const std::optional<RelayRecord>& record);
    void note_gone(unsigned from, unsigned party);
    void tell(RelayRecord record);
    void take_payload(unsigned party, BytesView payload);
    void tell_inputs();
    void take_inputs(unsigned party, Peer& peer, const RelayRecordReader::Piece& piece);
    void speak();
    void judge_silence();
    void end_stream(unsigned party, Peer& peer);
    void tell_lost();
    void await_arrival(Clock::time_point until);
    void wait();
    void drain();
    void finish(End end, std::optional<unsigned> party, std::string detail);
    bool count(std::uint64_t& counter, std::size_t bytes);
    bool room_for_operator() const { return to_operator_.size() < kQueueBytesMax; }

    FrameRelayOptions options_;
    int wake_fd_;
    InputsBoard& inputs_;
    std::map<unsigned, Peer> peers_;
    ByteQueue from_operator_, to_operator_;
    ClearedBytes chunk_ = ClearedBytes(kChunkBytes);
    bool operator_readable_ = true;
    /// It has closed its end; the end is read only after all that it said, for which there may be no room yet.
    bool operator_left_ = false;
    bool operator_gone_ = false;
    Peer* frame_peer_ = nullptr;
    unsigned frame_party_ = 0;
    std::uint32_t frame_left_ = 0;
    bool progressed_ = false;
    /// Nothing is read within that reading: a peer's records would come out of their order.
    bool reads_rest_ = false;
    std::optional<Clock::time_point> flush_until_;
    std::optional<FrameRelayReport> report_;
    FrameRelayReport counts_;
};

bool Loop::count(std::uint64_t& counter, std::size_t bytes) {
    counter += bytes;
    if (counts_.bytes_to_peers + counts_.bytes_from_peers <= options_.bytes_max) return true;
    finish(End::byte_limit, {}, fmt::format("more than {} bytes between peers", options_.bytes_max));
    return false;
}

void Loop::finish(End end, std::optional<unsigned> party, std::string detail) {
    if (report_) return;  // the first cause is the one to tell
    report_.emplace();
    report_->end = end;
    report_->party = party;
    report_->detail = std::move(detail);
}

// ---------------------------------------------------------------- the operator's side

void Loop::read_operator() {
    const ssize_t n = ::recv(options_.operator_fd.get(), chunk_.data(), chunk_.size(), MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        operator_readable_ = false;
        return;
    }
    progressed_ = true;
    if (n <= 0) {
        operator_gone_ = true;
        return;
    }
    from_operator_.append({chunk_.data(), static_cast<std::size_t>(n)});
    // Less than there was room for: nothing is left, and poll will tell of more. But an end that it told already.
    operator_readable_ = operator_left_ || static_cast<std::size_t>(n) == chunk_.size();
}

bool Loop::begin_frame(BytesView bytes) {
    const FrameHeader header = FrameHeader::decode(bytes.data());
    const auto found = peers_.find(header.peer);
    if (found == peers_.end() || header.length == 0 || header.length > kFrameBytesMax) {
        finish(End::malformed_frame, {},
               fmt::format("the operator sent a frame to peer {} of {} bytes", header.peer, header.length));
        return false;
    }
    frame_party_ = header.peer;
    frame_peer_ = &found->second;
    frame_left_ = header.length;
    return true;
}

/// Moves whole headers and as much payload as the peer's queue has room for.
void Loop::take_apart() {
    while (!report_) {
        if (frame_left_ == 0) {
            if (from_operator_.size() < kFrameHeaderBytes) return;
            if (!begin_frame(from_operator_.front())) return;
            from_operator_.drop(kFrameHeaderBytes);
        }
        if (frame_peer_->ended) {
            finish(End::peer_lost, frame_party_,
                   fmt::format("the operator sends to party {}, which has ended", frame_party_));
            return;
        }
        const std::size_t room = kQueueBytesMax - std::min(kQueueBytesMax, frame_peer_->out.size());
        const std::size_t take = std::min({room, std::size_t{frame_left_}, from_operator_.size()});
        if (take == 0) return;
        const BytesView payload = from_operator_.front().first(take);
        if (options_.transcript) options_.transcript(true, frame_party_, payload);
        if (!count(counts_.bytes_to_peers, take)) return;
        frame_peer_->out.append(RelayRecord{RelayRecord::Kind::data, static_cast<std::uint32_t>(take)}.encode());
        frame_peer_->out.append(payload);
        frame_peer_->owes = true;
        frame_peer_->spoke = Clock::now();
        from_operator_.drop(take);
        frame_left_ -= static_cast<std::uint32_t>(take);
        progressed_ = true;
    }
}

void Loop::write_operator() {
    while (!to_operator_.empty() && !operator_gone_) {
        const BytesView front = to_operator_.front();
        const ssize_t n = ::send(options_.operator_fd.get(), front.data(), front.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) return;
        if (n < 0) {
            // It closed its end with our bytes unread; what it sent before is still to be read.
            to_operator_ = ByteQueue{};
            operator_readable_ = true;
            return;
        }
        to_operator_.drop(static_cast<std::size_t>(n));
        progressed_ = true;
    }
}

// ---------------------------------------------------------------- the peers' side

void Loop::end_stream(unsigned party, Peer& peer) {
    if (peer.ended) return;
    peer.ended = true;
    peer.out = ByteQueue{};
    progressed_ = true;
    if (!peer.has_told_inputs) inputs_.end();
    if (!operator_gone_ && !counts_.first_gone) counts_.first_gone = party;
    to_operator_.append(FrameHeader{party, 0}.encode());
}

void Loop::peer_gone(unsigned party, Peer& peer, Io io) {
    end_stream(party, peer);
    // It is done; the operator may be, too, or is.
    if (!peer.owes && (io == Io::closed || operator_gone_)) return tell({RelayRecord::Kind::gone, party});
    finish(End::peer_lost, party,
           io == Io::closed ? fmt::format("party {} ended with our bytes unread", party)
                            : fmt::format("party {} is lost: {}", party, peer.channel->failure()));
}

void Loop::read_peer(unsigned party, Peer& peer) {
    while (!peer.ended && peer.readable && room_for_operator()) {
        const PeerChannel::Step step = peer.channel->read_some(chunk_);
        if (step.io == Io::want_read || step.io == Io::want_write) {
            peer.readable = false;
            peer.read_wants = step.io == Io::want_read ? POLLIN : POLLOUT;
            if (peer.deaf) peer_gone(party, peer, Io::failed);
            return;
        }
        if (step.io != Io::done) return peer_gone(party, peer, step.io);
        peer.heard = Clock::now();
        peer.heard_once = true;
        take_records(party, peer, {chunk_.data(), step.bytes_count});
        if (report_) return;
        // Nothing is left inside TLS, so poll will tell of more.
        peer.readable = peer.channel->pending();
        peer.read_wants = POLLIN;
    }
}

/// Of a peer that is gone, as far as we know: what it said before, if only why.
void Loop::read_rest(unsigned party, Peer& peer) {
    if (operator_gone_ || std::exchange(reads_rest_, true)) return;
    peer.readable = true;
    read_peer(party, peer);
    reads_rest_ = false;
}

void Loop::take_payload(unsigned party, BytesView payload) {
    if (options_.transcript) options_.transcript(false, party, payload);
    if (!count(counts_.bytes_from_peers, payload.size())) return;
    to_operator_.append(FrameHeader{party, static_cast<std::uint32_t>(payload.size())}.encode());
    to_operator_.append(payload);
    progressed_ = true;
}

void Loop::take_records(unsigned party, Peer& peer, BytesView bytes) {
    while (!report_) {
        const auto piece = peer.records.next(bytes);
        if (!piece) return;
        const auto kind = piece->record ? std::optional(piece->record->kind) : std::nullopt;
        if (kind == RelayRecord::Kind::data)
            take_payload(party, piece->payload);
        else if (kind == RelayRecord::Kind::inputs)
            take_inputs(party, peer, *piece);
        else if (!kind || kind == RelayRecord::Kind::lost || kind == RelayRecord::Kind::go)
            take_loss(party, peer, kind == RelayRecord::Kind::go ? std::nullopt : piece->record);
        else if (kind == RelayRecord::Kind::gone)
            note_gone(party, piece->record->number);
        // Signs of life, and what a peer said before it heard that all go.
    }
}

void Loop::take_inputs(unsigned party, Peer& peer, const RelayRecordReader::Piece& piece) {
    if (peer.has_told_inputs) return take_loss(party, peer, std::nullopt);
    peer.inputs.insert(peer.inputs.end(), piece.payload.begin(), piece.payload.end());
    progressed_ = true;
    if (!piece.is_last) return;
    peer.has_told_inputs = true;
    inputs_.hear(party, std::move(peer.inputs));
}

/// Ours, once it is there: ahead of all that the operator says, which is started later.
void Loop::tell_inputs() {
    Bytes what;
    {
        const std::lock_guard lock(inputs_.mutex);
        what.swap(inputs_.ours);
    }
    if (what.empty()) return;
    for (auto& [party, peer] : peers_) {
        if (peer.ended) continue;
        peer.out.append(RelayRecord{RelayRecord::Kind::inputs, static_cast<std::uint32_t>(what.size())}.encode());
        peer.out.append(what);
        peer.owes = true;
    }
    progressed_ = true;
}

/// A peer says whose stream ended before its own.
void Loop::note_gone(unsigned from, unsigned party) {
    const bool is_another = party != from && peers_.contains(party);
    if (is_another && !operator_gone_ && !counts_.first_gone) counts_.first_gone = party;
}

/// To everybody who is there but whom it is about.
void Loop::tell(RelayRecord record) {
    for (auto& [party, peer] : peers_)
        if (!peer.ended && party != record.number) peer.out.append(record.encode());
}

/// A peer lost another one, or us; or what it sent is none of ours.
void Loop::take_loss(unsigned party, Peer& peer, const std::optional<RelayRecord>& record) {
    const auto lost = record ? peers_.find(record->number) : peers_.end();
    if (lost != peers_.end() && lost->first != party) {
        read_rest(lost->first, lost->second);
        if (report_) return;
        end_stream(lost->first, lost->second);
        return finish(End::peer_lost, lost->first, fmt::format("party {} has lost party {}", party, lost->first));
    }
    end_stream(party, peer);
    const bool lost_us = record && record->number == options_.party;
    finish(End::peer_lost, party,
           lost_us ? fmt::format("party {} does not hear from us", party)
                   : fmt::format("party {} sent what is no record between relays", party));
}

/// Says that we are there; what waits to be sent says it as well.
void Loop::speak() {
    const auto now = Clock::now();
    for (auto& [party, peer] : peers_) {
        if (peer.ended || !peer.out.empty() || now - peer.spoke < options_.alive_every) continue;
        peer.out.append(RelayRecord{RelayRecord::Kind::alive, 0}.encode());
        peer.spoke = now;
    }
}

/// After all was read that is there.
void Loop::judge_silence() {
    const auto now = Clock::now();
    for (auto& [party, peer] : peers_) {
        if (peer.ended) continue;
        // Whoever we do not listen to may have spoken.
        if (operator_gone_ || !room_for_operator()) peer.heard = now;
        const auto silence = now - peer.heard;
        if (silence < (peer.heard_once ? options_.silence_max : options_.start_max)) continue;
        end_stream(party, peer);
        finish(End::peer_lost, party,
               fmt::format("party {} was not heard of for {} s", party,
                           std::chrono::duration_cast<std::chrono::seconds>(silence).count()));
    }
}

void Loop::write_peer(unsigned party, Peer& peer) {
    if (peer.deaf && operator_gone_ && !peer.ended) return peer_gone(party, peer, Io::failed);
    while (!peer.ended && !peer.deaf && !peer.out.empty()) {
        const PeerChannel::Step step = peer.channel->write_some(peer.out.front());
        if (step.io == Io::want_read || step.io == Io::want_write) {
            peer.write_wants = step.io == Io::want_read ? POLLIN : POLLOUT;
            return;
        }
        if (step.io != Io::done) {
            peer.deaf = true;
            read_rest(party, peer);
            // Where there is no room for what it said it is read later.
            if (!peer.ended && (operator_gone_ || room_for_operator())) peer_gone(party, peer, step.io);
            return;
        }
        peer.out.drop(step.bytes_count);
        peer.owes = peer.owes && !peer.out.empty();
        progressed_ = true;
    }
}

// ---------------------------------------------------------------- the loop

/// Moves everything that can be moved now; false when the relay is over.
bool Loop::turn() {
    progressed_ = false;
    if (!operator_gone_ && operator_readable_ && from_operator_.size() < kChunkBytes) read_operator();
    // What was told before the operator's end goes out before ours.
    tell_inputs();
    take_apart();
    speak();
    for (auto& [party, peer] : peers_) {
        write_peer(party, peer);
        if (!operator_gone_) read_peer(party, peer);
    }
    write_operator();
    if (!progressed_) judge_silence();
    if (report_) return false;
    return (!operator_left_ && !operator_gone_) || deliver_rest();
}

/// The operator has ended: what it sent is delivered, as far as that is possible in time. False when that is over.
bool Loop::deliver_rest() {
    if (operator_gone_) {
        const bool in_frame = frame_left_ != 0 || !from_operator_.empty();
        const bool is_cut =
            frame_left_ != 0 ? from_operator_.empty() : in_frame && from_operator_.size() < kFrameHeaderBytes;
        if (is_cut) finish(End::malformed_frame, {}, "the operator ended within a frame");
        const bool left = std::ranges::any_of(peers_, [](const auto& peer) { return !peer.second.out.empty(); });
        if (!in_frame && !left) finish(End::operator_closed, {}, "the operator closed its end");
        if (report_) return false;
    }
    if (!flush_until_) flush_until_ = Clock::now() + options_.flush_max;
    if (Clock::now() < *flush_until_) return true;
    for (const auto& [party, peer] : peers_)
        if (!peer.out.empty()) finish(End::peer_lost, party, fmt::format("party {} does not read", party));
    finish(End::io_failed, {}, "the last bytes could not be delivered");
    return false;
}

void Loop::wait() {
    std::vector<pollfd> entries;
    entries.push_back({wake_fd_, POLLIN, 0});
    short wants = 0;
    if (!operator_gone_ && !operator_readable_ && from_operator_.size() < kChunkBytes) wants |= POLLIN;
    if (!operator_gone_ && !to_operator_.empty()) wants |= POLLOUT;
    // Where nothing is to be read yet, poll still tells that it has closed its end: once.
    const bool asks_operator = wants != 0 || (!operator_gone_ && !operator_left_);
    entries.push_back({asks_operator ? options_.operator_fd.get() : -1, wants, 0});
    entries.push_back({inputs_.wake.fd(), POLLIN, 0});
    const std::size_t first_peer = entries.size();
    std::vector<std::pair<Peer*, short>> polled;
    for (auto& [party, peer] : peers_) {
        if (peer.ended) continue;
        const short reads = !operator_gone_ && room_for_operator() ? peer.read_wants : short{0};
        const short writes = !peer.out.empty() && !peer.deaf ? peer.write_wants : short{0};
        const short events = static_cast<short>(reads | writes);
        entries.push_back({events != 0 ? peer.channel->fd() : -1, events, 0});
        polled.push_back({&peer, reads});
    }
    if (poll_soon(entries, kYieldFor, 100) < 0 && errno != EINTR)
        return finish(End::io_failed, {}, fmt::format("poll failed: {}", errno_text(errno)));
    const short broken = POLLERR | POLLHUP | POLLNVAL;
    if (entries[0].revents != 0) finish(End::cancelled, {}, "stopped");
    if (options_.cancel && options_.cancel->cancelled()) finish(End::cancelled, {}, "cancelled");
    if (entries[1].revents & (POLLIN | broken)) operator_readable_ = true;
    if (entries[1].revents & broken) operator_left_ = true;
    if (entries[2].revents != 0) inputs_.wake.clear();
    for (std::size_t i = 0; i < polled.size(); ++i)
        if (entries[first_peer + i].revents & (polled[i].second | broken)) polled[i].first->readable = true;
}

/// After the end: the operator gets what had arrived, as far as it reads, and then sees the close.
void Loop::drain() {
    if (report_->end == End::peer_lost) tell_lost();
    if (report_->end == End::operator_closed) await_arrival(Clock::now() + options_.flush_max);
    const auto until = Clock::now() + kFlushToOperator;
    const bool deliver = report_->end == End::peer_lost || report_->end == End::io_failed;
    while (deliver && !to_operator_.empty() && !operator_gone_ && Clock::now() < until) {
        write_operator();
        pollfd entry{options_.operator_fd.get(), POLLOUT, 0};
        if (!to_operator_.empty()) ::poll(&entry, 1, 50);
        if (entry.revents & (POLLERR | POLLHUP)) break;
    }
    // Only after an orderly end do the peers get close_notify: they must be able to tell.
    for (auto& [party, peer] : peers_) {
        if (report_->end == End::operator_closed) {
            peer.channel.reset();
            continue;
        }
        ::shutdown(peer.channel->fd(), SHUT_RDWR);
        peer.channel.reset();
    }
    options_.operator_fd.reset();
}

/// The sockets are closed when what was sent has arrived: peers say every second that they are there, and a closed
/// socket answers that by a reset, for which the system drops what is under way.
void Loop::await_arrival(Clock::time_point until) {
    const bool in_order = report_->end == End::operator_closed;
    const auto has_all = [in_order](Peer& peer) {
        return (!in_order || peer.channel->close_write()) && peer.channel->unacknowledged_bytes() == 0;
    };
    while (Clock::now() < until) {
        std::vector<pollfd> entries{{wake_fd_, POLLIN, 0}};
        for (auto& [party, peer] : peers_)
            if (!peer.ended && party != report_->party && !has_all(peer)) entries.push_back({peer.channel->fd(), 0, 0});
        if (entries.size() == 1) return;
        ::poll(entries.data(), entries.size(), kArrivalLookMs);
        if (entries[0].revents != 0 || (options_.cancel && options_.cancel->cancelled())) return;
        for (auto& [party, peer] : peers_)
            for (const auto& entry : entries)
                if (entry.fd == peer.channel->fd() && entry.revents != 0) peer.ended = true;
    }
}

/// The others name the party that we lost, not us: they get the word, as far as they read.
void Loop::tell_lost() {
    const auto until = Clock::now() + kLastWord;
    for (auto& [party, peer] : peers_) {
        if (peer.ended || peer.deaf || party == report_->party) continue;
        peer.out.append(RelayRecord{RelayRecord::Kind::lost, *report_->party}.encode());
        while (!peer.ended && !peer.out.empty() && Clock::now() < until) {
            write_peer(party, peer);
            pollfd entry{peer.channel->fd(), peer.write_wants, 0};
            if (!peer.ended && !peer.out.empty()) ::poll(&entry, 1, 10);
        }
    }
    await_arrival(until);
}

FrameRelayReport Loop::run() {
    for (auto& [party, bytes] : options_.begun)
        if (const auto peer = peers_.find(party); peer != peers_.end()) take_records(party, peer->second, bytes);
    while (turn() && !report_) {
        if (!progressed_) wait();
        if (progressed_ && options_.cancel && options_.cancel->cancelled()) finish(End::cancelled, {}, "cancelled");
    }
    drain();
    report_->bytes_to_peers = counts_.bytes_to_peers;
    report_->bytes_from_peers = counts_.bytes_from_peers;
    report_->first_gone = counts_.first_gone;
    return *report_;
}

}  // namespace

const char* frame_relay_end_name(FrameRelayReport::End end) noexcept {
    switch (end) {
        case End::operator_closed: return "operator_closed";
        case End::peer_lost: return "peer_lost";
        case End::byte_limit: return "byte_limit";
        case End::malformed_frame: return "malformed_frame";
        case End::cancelled: return "cancelled";
        case End::io_failed: return "io_failed";
    }
    return "io_failed";
}

struct FrameRelay::Impl {
    WakeEvent wake;
    InputsBoard inputs;
    std::size_t peers_count = 0;
    std::thread thread;
    mutable std::mutex mutex;
    std::condition_variable ended;
    std::optional<FrameRelayReport> report;
};

FrameRelay::FrameRelay(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<FrameRelay>> FrameRelay::start(FrameRelayOptions options) {
    if (!options.operator_fd) return fail(Status::INVALID_ARGUMENT, "a relay needs a descriptor");
    std::vector<unsigned> parties{options.party};
    for (const auto& channel : options.peers) {
        if (!channel || std::find(parties.begin(), parties.end(), channel->party()) != parties.end())
            return fail(Status::INVALID_ARGUMENT, "a relay needs one channel per other party");
        parties.push_back(channel->party());
    }
    auto impl = std::make_unique<Impl>();
    C2D_TRY(impl->wake, WakeEvent::make());
    C2D_TRY(impl->inputs.wake, WakeEvent::make());
    impl->peers_count = options.peers.size();
    Impl* shared = impl.get();
    impl->thread = std::thread([shared, options = std::move(options)]() mutable {
        const FrameRelayReport report = Loop(std::move(options), shared->wake.fd(), shared->inputs).run();
        shared->inputs.end();
        std::lock_guard lock(shared->mutex);
        shared->report = report;
        shared->ended.notify_all();
    });
    return std::unique_ptr<FrameRelay>(new FrameRelay(std::move(impl)));
}

FrameRelay::~FrameRelay() {
    stop();
    impl_->thread.join();
}

void FrameRelay::stop() noexcept { impl_->wake.signal(); }

void FrameRelay::tell_inputs(Bytes what) {
    {
        const std::lock_guard lock(impl_->inputs.mutex);
        impl_->inputs.ours = std::move(what);
    }
    impl_->inputs.wake.signal();
}

Result<std::map<unsigned, Bytes>> FrameRelay::wait_for_inputs(std::chrono::milliseconds limit,
                                                              const CancelToken* cancel) {
    constexpr std::chrono::milliseconds kLook{100};
    const auto until = std::chrono::steady_clock::now() + limit;
    InputsBoard& board = impl_->inputs;
    std::unique_lock lock(board.mutex);
    const auto complete = [&] { return board.ended || board.theirs.size() == impl_->peers_count; };
    while (!complete() && std::chrono::steady_clock::now() < until) {
        if (cancel && cancel->cancelled())
            return fail(Status::CANCELLED, "cancelled while waiting for the other parties");
        board.changed.wait_for(lock, kLook, complete);
    }
    return board.theirs;
}

bool FrameRelay::finished() const noexcept {
    std::lock_guard lock(impl_->mutex);
    return impl_->report.has_value();
}

FrameRelayReport FrameRelay::wait() {
    std::unique_lock lock(impl_->mutex);
    impl_->ended.wait(lock, [&] { return impl_->report.has_value(); });
    return *impl_->report;
}

}  // namespace c2d
