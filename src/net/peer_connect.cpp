/// `connect_peers`: one poll loop over dialled and accepted connections, each a small state machine.

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "net/peer_channel.hpp"
#include "net/peer_port.hpp"
#include "net/peer_tls.hpp"
#include "net/socket_address.hpp"

#include <algorithm>
#include <cerrno>
#include <map>
#include <poll.h>

namespace c2d {
namespace {

using Time = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;
using Io = PeerChannel::Io;

/// For one connection, from our first packet, or from the desk, to acceptance.
constexpr Milliseconds kAttemptTime{10'000};
constexpr Milliseconds kPauseFirst{50}, kPauseMax{1000};
constexpr std::uint8_t kAccepted = 0x01;
constexpr unsigned kUnknownParty = ~0u;

/// A peer that we dial.
struct Dialled {
    std::vector<SocketAddress> addresses;
    std::size_t next_address = 0;
    Time dial_at{};
    Milliseconds pause = kPauseFirst;
    bool in_progress = false;
};

/// One connection on its way to be accepted.
struct Attempt {
    enum class Stage {
        connecting,
        handshake,
        send_binding,
        read_binding,
        check_binding,
        send_answer,
        read_answer,
        done
    };
    Stage stage = Stage::connecting;
    std::unique_ptr<PeerChannel::Impl> impl;
    bool incoming = false;
    /// Known from the start when we dialled, otherwise from the binding.
    unsigned party = kUnknownParty;
    Time deadline{};
    short events = POLLOUT;
    Bytes32 exporter;
    Bytes out, in;
    SignedPeerBinding message;
    /// Close after `out` is sent: the peer disagrees and should see our binding.
    std::optional<Error> fatal;
};

class Connector {
public:
    explicit Connector(const PeerConnectOptions& options) : options_(options) {}
    Result<std::vector<std::unique_ptr<PeerChannel>>> run();

private:
    Result<Unit> check_options() const;
    Result<Unit> resolve(const PeerEndpoint& peer);
    Result<Unit> listen();
    std::vector<std::string> sources();
    void dial_due(Time now);
    Result<Unit> take_callers(Time now);
    void drop_overdue(Time now);
    Result<Unit> poll_once(Time now);
    Result<Unit> advance(Attempt& attempt);
    Result<Io> step(Attempt& attempt);
    Result<Io> after_handshake(Attempt& attempt);
    Result<Io> check_binding(Attempt& attempt);
    Io send_out(Attempt& attempt);
    void drop(Attempt& attempt, std::string_view why);
    void finish(Attempt& attempt);
    void note(unsigned party, std::string_view why);
    const PeerEndpoint* endpoint(unsigned party) const;
    Result<Bytes> signed_binding(const Attempt& attempt);
    Error missing() const;
    bool dials(unsigned peer) const { return options_.party < peer; }

    const PeerConnectOptions& options_;
    SslContext context_;
    std::unique_ptr<PeerPort> own_port_;
    std::unique_ptr<PeerPort::Desk> desk_;
    std::map<unsigned, Dialled> dialled_;
    std::vector<Attempt> attempts_;
    std::map<unsigned, std::unique_ptr<PeerChannel>> connected_;
    /// The last reason why a party is not connected yet, for the message.
    std::map<unsigned, std::string> reasons_;
    std::string unknown_reason_;
    Time deadline_{};
};

Error peer_error(unsigned party, const char* name, std::string message) {
    Error error(Status::PEER, std::move(message));
    error.source = "peer";
    error.name = name;
    error.code = party;
    return error;
}

// ---------------------------------------------------------------- setting out

Result<Unit> Connector::check_options() const {
    if (!options_.signer || options_.peers.empty() || options_.peers.size() > 15 || options_.party > 255)
        return fail(Status::INVALID_ARGUMENT, "connecting needs a signer and 1 to 15 peers");
    for (const PeerEndpoint& peer : options_.peers) {
        const auto same = [&](const PeerEndpoint& other) { return other.party == peer.party; };
        if (peer.party > 255 || peer.party == options_.party ||
            std::count_if(options_.peers.begin(), options_.peers.end(), same) != 1)
            return fail(Status::INVALID_ARGUMENT, "party {} is named twice", peer.party);
    }
    return Unit{};
}

Result<Unit> Connector::resolve(const PeerEndpoint& peer) {
    auto found = lookup(peer.host, peer.port);
    if (!found || found->empty())
        return peer_error(
            peer.party, "peer_missing",
            fmt::format("peer_missing: party {}: {}", peer.party, found ? "no address" : found.error().message));
    for (const SocketAddress& address : *found)
        if (options_.allow_address && !options_.allow_address(numeric_text(address)))
            return peer_error(peer.party, "peer_forbidden",
                              fmt::format("peer_forbidden: party {} at {} ({}) is outside the "
                                          "networks allowed for peers",
                                          peer.party, peer.host, numeric_text(address)));
    dialled_[peer.party].addresses = *std::move(found);
    return Unit{};
}

/// Opens the desk where those come in who dial us.
Result<Unit> Connector::listen() {
    PeerPort* port = options_.port;
    if (!port) {
        PeerPortOptions own;
        own.bind_host = options_.bind_host;
        own.bind_port = options_.bind_port;
        own.listen_fd = options_.listen_fd ? options_.listen_fd.get() : -1;
        own.known_source = options_.known_source;
        own.known_sources_only = options_.known_sources_only;
        C2D_TRY(own_port_, PeerPort::open(own));
        port = own_port_.get();
    }
    C2D_TRY(desk_, port->desk(options_.session.session_id, options_.party, sources()));
    return Unit{};
}

/// Where the endpoints of those who dial us lie. A name that cannot be resolved is no error here: its party may call
/// all the same.
std::vector<std::string> Connector::sources() {
    std::vector<std::string> out;
    for (const PeerEndpoint& peer : options_.peers) {
        if (dials(peer.party)) continue;
        const auto found = lookup(peer.host, peer.port);
        if (!found) note(peer.party, found.error().message);
        if (found)
            for (const SocketAddress& address : *found) out.push_back(numeric_text(address));
    }
    return out;
}

const PeerEndpoint* Connector::endpoint(unsigned party) const {
    for (const PeerEndpoint& peer : options_.peers)
        if (peer.party == party) return &peer;
    return nullptr;
}

void Connector::note(unsigned party, std::string_view why) {
    reasons_[party] = why;
    if (options_.logger) options_.logger->log(LogLevel::debug, fmt::format("peer party {}: {}", party, why));
}

// ---------------------------------------------------------------- new connections

void Connector::dial_due(Time now) {
    for (auto& [party, dialled] : dialled_) {
        if (dialled.in_progress || connected_.count(party) || now < dialled.dial_at) continue;
        const SocketAddress& address = dialled.addresses[dialled.next_address++ % dialled.addresses.size()];
        dialled.dial_at = now + dialled.pause;
        dialled.pause = std::min(kPauseMax, dialled.pause * 8 / 5);
        Fd fd(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        if (!fd || (::connect(fd.get(), address.get(), address.length) != 0 && errno != EINPROGRESS)) {
            note(party, errno_text(errno));
            continue;
        }
        set_up_stream(fd.get());
        auto impl = PeerChannel::Impl::make(context_.get(), std::move(fd), false);
        if (!impl) {
            note(party, impl.error().message);
            continue;
        }
        Attempt attempt;
        attempt.impl = *std::move(impl);
        attempt.party = party;
        attempt.deadline = now + kAttemptTime;
        attempts_.push_back(std::move(attempt));
        dialled.in_progress = true;
    }
}

Result<Unit> Connector::take_callers(Time now) {
    for (auto& caller : desk_->take()) {
        Attempt attempt;
        attempt.impl = std::move(caller.channel);
        attempt.incoming = true;
        attempt.stage = Attempt::Stage::check_binding;
        attempt.exporter = caller.exporter;
        attempt.message = caller.message;
        attempt.party = caller.message.binding.party;
        attempt.deadline = now + kAttemptTime;
        attempts_.push_back(std::move(attempt));
        C2D_CHECK(advance(attempts_.back()));
    }
    return Unit{};
}

void Connector::drop_overdue(Time now) {
    for (Attempt& attempt : attempts_)
        if (attempt.impl && attempt.deadline < now) drop(attempt, "it did not finish the handshake in time");
}

// ---------------------------------------------------------------- one connection

Io Connector::send_out(Attempt& attempt) {
    while (!attempt.out.empty()) {
        const PeerChannel::Step step = attempt.impl->write_some(attempt.out);
        if (step.io != Io::done) return step.io;
        attempt.out.erase(attempt.out.begin(), attempt.out.begin() + static_cast<std::ptrdiff_t>(step.bytes_count));
    }
    return Io::done;
}

Result<Bytes> Connector::signed_binding(const Attempt& attempt) {
    SignedPeerBinding message;
    message.binding = PeerBinding::of(options_.session, static_cast<std::uint8_t>(options_.party),
                                      static_cast<std::uint8_t>(attempt.party), attempt.exporter);
    C2D_TRY(message.signature, options_.signer->sign_digest(message.binding.digest(options_.session.domain)));
    return encode_peer_binding(message);
}

/// Of a connection that we dialled.
Result<Io> Connector::after_handshake(Attempt& attempt) {
    C2D_TRY(attempt.exporter, attempt.impl->exporter());
    C2D_TRY(attempt.out, signed_binding(attempt));
    attempt.stage = Attempt::Stage::send_binding;
    return Io::done;
}

/// Checks a complete binding. `failed` drops the connection; waiting goes on.
Result<Io> Connector::check_binding(Attempt& attempt) {
    const PeerEndpoint* peer = endpoint(attempt.party);
    if (!peer || dials(attempt.party) == attempt.incoming) {
        attempt.impl->failure = fmt::format("party {} is not expected here", attempt.party);
        return Io::failed;
    }
    const PeerBinding expected = PeerBinding::of(options_.session, static_cast<std::uint8_t>(attempt.party),
                                                 static_cast<std::uint8_t>(options_.party), attempt.exporter);
    const PeerCheck check =
        check_peer_binding(attempt.message, expected, peer->address, options_.session.domain, options_.speaks_for);
    attempt.impl->failure = check.detail;
    const bool disagrees = check.verdict == PeerVerdict::disagrees;
    if (check.verdict != PeerVerdict::accepted && !disagrees) return Io::failed;
    if (disagrees)
        attempt.fatal = peer_error(attempt.party, "peer_disagrees",
                                   fmt::format("peer_disagrees: party {}: {}", attempt.party, check.detail));
    if (attempt.incoming) {
        C2D_TRY(attempt.out, signed_binding(attempt));
    } else if (disagrees) {
        return *std::move(attempt.fatal);
    }
    if (!disagrees) attempt.out.push_back(kAccepted);
    attempt.in.clear();
    attempt.stage = Attempt::Stage::send_answer;
    return Io::done;
}

/// One step of the state machine: `done` means go on at once.
Result<Io> Connector::step(Attempt& attempt) {
    using Stage = Attempt::Stage;
    switch (attempt.stage) {
        case Stage::connecting: {
            int error = 0;
            socklen_t length = sizeof error;
            ::getsockopt(attempt.impl->socket.fd.get(), SOL_SOCKET, SO_ERROR, &error, &length);
            attempt.impl->failure = error != 0 ? errno_text(error) : std::string();
            if (error != 0) return Io::failed;
            attempt.stage = Stage::handshake;
            return Io::done;
        }
        case Stage::handshake: {
            const Io io = attempt.impl->handshake();
            return io == Io::done ? after_handshake(attempt) : Result<Io>(io);
        }
        case Stage::send_binding: {
            const Io io = send_out(attempt);
            if (io == Io::done) attempt.stage = Stage::read_binding;
            return io;
        }
        case Stage::read_binding: {
            const Io io = attempt.impl->read_up_to(attempt.in, kPeerBindingBytes);
            if (io != Io::done) return io;
            const auto message = decode_peer_binding(attempt.in);
            attempt.impl->failure = message ? std::string() : message.error().message;
            if (!message) return Io::failed;
            attempt.message = *message;
            attempt.stage = Stage::check_binding;
            return Io::done;
        }
        case Stage::check_binding: {
            Result<Io> checked = check_binding(attempt);
            // Before the answer arrives: a peer that disagrees sends none.
            if (!attempt.incoming && checked.ok() && *checked == Io::done) attempt.stage = Stage::read_answer;
            return checked;
        }
        case Stage::send_answer: {
            const Io io = send_out(attempt);
            if (io != Io::done) return io;
            if (attempt.fatal) return *std::move(attempt.fatal);
            attempt.stage = attempt.incoming ? Stage::read_answer : Stage::done;
            return Io::done;
        }
        case Stage::read_answer: {
            const Io io = attempt.impl->read_up_to(attempt.in, 1);
            if (io != Io::done) return io;
            attempt.impl->failure = "it answered something else than 'accepted'";
            if (attempt.in[0] != kAccepted) return Io::failed;
            attempt.impl->failure.clear();
            attempt.stage = attempt.incoming ? Stage::done : Stage::send_answer;
            return Io::done;
        }
        case Stage::done: break;
    }
    return Io::done;
}

void Connector::drop(Attempt& attempt, std::string_view why) {
    if (endpoint(attempt.party))
        note(attempt.party, why);
    else
        unknown_reason_ = why;
    if (!attempt.incoming) dialled_[attempt.party].in_progress = false;
    attempt.impl.reset();
}

void Connector::finish(Attempt& attempt) {
    attempt.impl->party = attempt.party;
    attempt.impl->failure.clear();
    if (!attempt.incoming) dialled_[attempt.party].in_progress = false;
    // The latest connection wins: the peer gave an earlier one up, or it would not dial again.
    connected_[attempt.party] = std::make_unique<PeerChannel>(std::move(attempt.impl));
}

Result<Unit> Connector::advance(Attempt& attempt) {
    for (;;) {
        C2D_TRY(const Io io, step(attempt));
        if (attempt.stage == Attempt::Stage::done) {
            finish(attempt);
            return Unit{};
        }
        if (io == Io::want_read || io == Io::want_write) {
            attempt.events = io == Io::want_read ? POLLIN : POLLOUT;
            return Unit{};
        }
        if (io == Io::closed || io == Io::failed) {
            const std::string why =
                io == Io::closed ? "it closed the connection instead of proving who it is" : attempt.impl->failure;
            drop(attempt, why);
            return Unit{};
        }
    }
}

// ---------------------------------------------------------------- the loop

Result<Unit> Connector::poll_once(Time now) {
    std::vector<pollfd> entries;
    for (const Attempt& attempt : attempts_) entries.push_back({attempt.impl->socket.fd.get(), attempt.events, 0});
    if (desk_) entries.push_back({desk_->fd(), POLLIN, 0});
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline_ - now).count();
    const int wait = static_cast<int>(std::clamp<long long>(left, 1, 50));
    if (::poll(entries.data(), entries.size(), wait) < 0 && errno != EINTR)
        return fail(Status::IO, "cannot wait for peers: {}", errno_text(errno));
    const std::size_t count = attempts_.size();
    for (std::size_t i = 0; i < count; ++i)
        if (entries[i].revents != 0) C2D_CHECK(advance(attempts_[i]));
    drop_overdue(now);
    if (desk_ && entries.back().revents != 0) C2D_CHECK(take_callers(now));
    std::erase_if(attempts_, [](const Attempt& attempt) { return !attempt.impl; });
    return Unit{};
}

Error Connector::missing() const {
    for (const PeerEndpoint& peer : options_.peers) {
        if (connected_.count(peer.party)) continue;
        const auto reason = reasons_.find(peer.party);
        std::string last = reason == reasons_.end() ? std::string() : reason->second;
        if (last.empty() && !dials(peer.party)) {
            const auto refusal = unknown_reason_.empty() && desk_ ? desk_->last_refusal() : unknown_reason_;
            last = refusal.empty() ? "it did not call" : "an unauthenticated caller was dropped: " + refusal;
        }
        const std::string where = dials(peer.party) ? fmt::format(" at {}:{}", peer.host, peer.port) : std::string();
        return peer_error(peer.party, "peer_missing",
                          fmt::format("peer_missing: party {}{} was not reached in {} ms (last: {})", peer.party, where,
                                      options_.deadline.count(), last.empty() ? "no answer" : last));
    }
    return Error(Status::INTERNAL, "no peer is missing");
}

Result<std::vector<std::unique_ptr<PeerChannel>>> Connector::run() {
    C2D_CHECK(check_options());
    C2D_TRY(context_, make_peer_context());
    deadline_ = std::chrono::steady_clock::now() + options_.deadline;
    bool accepts = false;
    for (const PeerEndpoint& peer : options_.peers) {
        if (dials(peer.party))
            C2D_CHECK(resolve(peer));
        else
            accepts = true;
    }
    if (accepts) C2D_CHECK(listen());
    while (connected_.size() < options_.peers.size()) {
        const Time now = std::chrono::steady_clock::now();
        if ((options_.cancel && options_.cancel->cancelled()) || CallScope::over())
            return fail(Status::CANCELLED, "cancelled while connecting to peers");
        if (now >= deadline_) return missing();
        dial_due(now);
        C2D_CHECK(poll_once(now));
    }
    std::vector<std::unique_ptr<PeerChannel>> out;
    for (auto& [party, channel] : connected_) out.push_back(std::move(channel));
    return out;
}

}  // namespace

Result<std::vector<std::unique_ptr<PeerChannel>>> connect_peers(const PeerConnectOptions& options) {
    return Connector(options).run();
}

}  // namespace c2d
