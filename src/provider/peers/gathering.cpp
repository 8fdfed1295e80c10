#include "provider/peers/gathering.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "net/byte_queue.hpp"
#include "net/relay_record.hpp"

#include <algorithm>
#include <cerrno>
#include <poll.h>

namespace c2d::provider {

namespace {

using Io = PeerChannel::Io;
using Kind = RelayRecord::Kind;
using Time = WorkerPlaces::Time;

/// How often places are looked at, and how often peers hear from us.
constexpr int kLookMs = 20;
/// Records that one peer may say in a turn, so that whoever says more keeps us from nothing.
constexpr int kRecordsAtOnce = 16;
/// What may wait to be said to one that does not listen.
constexpr std::size_t kUnsaidMax = 4096;
constexpr std::chrono::milliseconds kAliveEvery{1'000};

struct Peer {
    PeerChannel* channel = nullptr;
    ByteQueue out;
    std::array<std::uint8_t, RelayRecord::kBytes> header{};
    std::size_t header_bytes = 0;
    short events = POLLIN;
    Time heard, spoke;
    bool heard_once = false;
    /// As it told the leader, who we are then.
    bool ready = false;
    /// It has heard that all go, and speaks as a relay does: nothing more is read before we hear it, too.
    bool goes = false;
};

class Gathering {
public:
    Gathering(const std::vector<std::unique_ptr<PeerChannel>>& channels, WorkerPlaces::Seeker& place,
              const GatherOptions& options)
        : place_(place), options_(options) {
        for (const auto& channel : channels)
            peers_.push_back({channel.get(), {}, {}, 0, POLLIN, now(), {}, false, false, false});
        leader_ = options.party;
        for (const Peer& peer : peers_) leader_ = std::min(leader_, peer.channel->party());
    }
    Result<RecordsBegun> run();

private:
    static Time now() { return std::chrono::steady_clock::now(); }
    bool leads() const { return leader_ == options_.party; }
    bool is_party(unsigned number) const {
        return std::ranges::any_of(peers_, [number](const Peer& peer) { return peer.channel->party() == number; });
    }
    void say(Peer& peer, Kind kind);
    void say_to_leader(Kind kind);
    void seek();
    Result<Unit> turn(Peer& peer);
    Result<Unit> write(Peer& peer);
    Result<Unit> read(Peer& peer);
    Result<Unit> take(Peer& peer, const RelayRecord& record);
    unsigned awaited() const;
    Error lost(unsigned party, std::string_view why);
    void wait();
    RecordsBegun begun() const;

    WorkerPlaces::Seeker& place_;
    const GatherOptions& options_;
    std::vector<Peer> peers_;
    unsigned leader_ = 0;
    const Time began_ = now();
    /// Of a party that does not lead: what it told the leader.
    enum class Told { nothing, ready, not_ready } told_ = Told::nothing;
    Time told_at_;
    bool go_ = false;
};

void Gathering::say(Peer& peer, Kind kind) {
    peer.out.append(RelayRecord{kind, 0}.encode());
    peer.spoke = now();
}

void Gathering::say_to_leader(Kind kind) {
    for (Peer& peer : peers_)
        if (peer.channel->party() == leader_) say(peer, kind);
}

/// Takes or gives back our place, as the leader or for it.
void Gathering::seek() {
    if (go_) return;
    if (leads()) {
        if (place_.is_wanted(now())) place_.give_back(now());
        if (!place_.try_take(now()) || !std::ranges::all_of(peers_, &Peer::ready)) return;
        for (Peer& peer : peers_) say(peer, Kind::go);
        go_ = true;
    } else if (told_ == Told::nothing && place_.try_take(now())) {
        say_to_leader(Kind::ready);
        told_ = Told::ready;
    } else if (told_ == Told::ready && place_.is_wanted(now())) {
        // It is ours until the leader knows: it may have said go by now.
        say_to_leader(Kind::not_ready);
        told_ = Told::not_ready;
        told_at_ = now();
    }
}

/// Who is not ready, as far as we know.
unsigned Gathering::awaited() const {
    for (const Peer& peer : peers_)
        if (leads() && !peer.ready) return peer.channel->party();
    return leader_;
}

Error Gathering::lost(unsigned party, std::string_view why) {
    for (Peer& peer : peers_) {
        if (peer.channel->party() == party) continue;
        peer.out.append(RelayRecord{Kind::lost, party}.encode());
        // As far as it goes without waiting: this run is over.
        static_cast<void>(write(peer));
    }
    Error error = fail(Status::PEER, "peer_missing: party {} was lost before all were ready: {}", party, why);
    error.source = "peer";
    error.name = "peer_missing";
    error.code = party;
    return error;
}

Result<Unit> Gathering::write(Peer& peer) {
    while (!peer.out.empty()) {
        const auto step = peer.channel->write_some(peer.out.front());
        if (step.io == Io::done) {
            peer.out.drop(step.bytes_count);
            continue;
        }
        if (step.io == Io::want_read || step.io == Io::want_write) return Unit{};
        return fail(Status::PEER, "{}", step.io == Io::closed ? "it left" : peer.channel->failure());
    }
    return Unit{};
}

Result<Unit> Gathering::take(Peer& peer, const RelayRecord& record) {
    const bool from_leader = peer.channel->party() == leader_;
    switch (record.kind) {
        case Kind::alive: return Unit{};
        case Kind::ready:
        case Kind::not_ready:
            if (leads()) {
                peer.ready = record.kind == Kind::ready;
                if (!peer.ready) say(peer, Kind::not_ready);
                return Unit{};
            }
            if (!from_leader || record.kind == Kind::ready || told_ != Told::not_ready) break;
            place_.give_back(now());
            told_ = Told::nothing;
            return Unit{};
        case Kind::go:
            if (!from_leader || told_ == Told::nothing) break;
            go_ = true;
            return Unit{};
        case Kind::lost:
            if (record.number == options_.party) return fail(Status::PEER, "it does not hear from us");
            if (!is_party(record.number)) break;
            return lost(record.number, fmt::format("party {} says so", peer.channel->party()));
        case Kind::data:
        case Kind::gone:
        case Kind::inputs:
            if (leads() || from_leader) break;
            peer.goes = true;
            peer.header_bytes = peer.header.size();
            return Unit{};
    }
    return fail(Status::PEER, "it said what it may not say before all go");
}

/// Never a byte more than the word to go: the rest is the relay's.
Result<Unit> Gathering::read(Peer& peer) {
    for (int records = 0; records < kRecordsAtOnce && !go_ && !peer.goes;) {
        const std::span rest = std::span(peer.header).subspan(peer.header_bytes);
        const auto step = peer.channel->read_some(rest);
        if (step.io == Io::want_read || step.io == Io::want_write) {
            peer.events = step.io == Io::want_read ? POLLIN : POLLOUT;
            return Unit{};
        }
        if (step.io != Io::done)
            return fail(Status::PEER, "{}", step.io == Io::closed ? "it left" : peer.channel->failure());
        peer.heard = now();
        peer.heard_once = true;
        peer.header_bytes += step.bytes_count;
        if (peer.header_bytes < peer.header.size()) continue;
        peer.header_bytes = 0;
        ++records;
        const auto record = RelayRecord::decode(peer.header);
        if (!record) return fail(Status::PEER, "it sent what is no record between providers");
        C2D_CHECK(take(peer, *record));
    }
    return Unit{};
}

Result<Unit> Gathering::turn(Peer& peer) {
    if (peer.out.empty() && now() - peer.spoke >= kAliveEvery) say(peer, Kind::alive);
    C2D_CHECK(write(peer));
    if (peer.out.size() > kUnsaidMax) return fail(Status::PEER, "it does not listen");
    C2D_CHECK(read(peer));
    if (now() - peer.heard >= (peer.heard_once ? options_.silence_max : options_.start_max))
        return fail(Status::PEER, "it was not heard of");
    // Others wait for the place, which is ours until it has heard that we give it back.
    if (told_ == Told::not_ready && peer.channel->party() == leader_ && now() - told_at_ >= options_.silence_max)
        return fail(Status::PEER, "it does not let our worker go");
    return Unit{};
}

RecordsBegun Gathering::begun() const {
    RecordsBegun out;
    for (const Peer& peer : peers_)
        if (peer.header_bytes > 0)
            out[peer.channel->party()] =
                Bytes(peer.header.begin(), peer.header.begin() + std::ptrdiff_t(peer.header_bytes));
    return out;
}

void Gathering::wait() {
    std::vector<pollfd> entries;
    for (const Peer& peer : peers_)
        entries.push_back(
            {peer.channel->fd(), short((peer.goes ? 0 : peer.events) | (peer.out.empty() ? 0 : POLLOUT)), 0});
    ::poll(entries.data(), entries.size(), kLookMs);
}

Result<RecordsBegun> Gathering::run() {
    for (;;) {
        if ((options_.cancel && options_.cancel->cancelled()) || CallScope::over())
            return fail(Status::CANCELLED, "cancelled while waiting for the other parties");
        if (!go_ && now() - began_ >= options_.busy_max) return lost(awaited(), "it has had no worker for too long");
        seek();
        for (Peer& peer : peers_) {
            if (auto moved = turn(peer); !moved)
                return moved.error().name.empty() ? lost(peer.channel->party(), moved.error().message) : moved.error();
        }
        const bool said = std::ranges::all_of(peers_, [](const Peer& peer) { return peer.out.empty(); });
        if (go_ && said) {
            place_.keep();
            return begun();
        }
        wait();
    }
}

}  // namespace

Result<RecordsBegun> gather(const std::vector<std::unique_ptr<PeerChannel>>& channels, WorkerPlaces::Seeker& place,
                            const GatherOptions& options) {
    return Gathering(channels, place, options).run();
}

}  // namespace c2d::provider
