/// `connect_peers`: one poll loop over dialled and accepted connections, each a small state machine.

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "net/accept_slots.hpp"
#include "net/peer_channel.hpp"
#include "net/peer_tls.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <map>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

namespace c2d {
namespace {

using Time = std::chrono::steady_clock::time_point;
using Milliseconds = std::chrono::milliseconds;
using Io = PeerChannel::Io;

/// Connections taken at a time: no more than places for unknown callers, so that none of them is dropped for
/// another one before it was listened to.
constexpr AcceptSlots::Limits kSlots{};
constexpr std::size_t kAcceptedAtOnce = kSlots.places / 2;
constexpr int kBacklog = 128;
/// For one connection that we dial, from the first packet to acceptance.
constexpr Milliseconds kAttemptTime{10'000};
constexpr Milliseconds kPauseFirst{50}, kPauseMax{1000};
constexpr std::uint8_t kAccepted = 0x01;
constexpr unsigned kUnknownParty = ~0u;

struct SocketAddress {
    sockaddr_storage storage{};
    socklen_t length = 0;
    const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

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
    enum class Stage { connecting, handshake, send_binding, read_binding, send_answer, read_answer, done };
    Stage stage = Stage::connecting;
    std::unique_ptr<PeerChannel::Impl> impl;
    bool incoming = false;
    /// Of an incoming one.
    AcceptSlots::Id place = 0;
    /// Known from the start when we dialled, otherwise from the binding.
    unsigned party = kUnknownParty;
    Time deadline{};
    short events = POLLOUT;
    Bytes32 exporter;
    Bytes out, in;
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
    void learn_sources();
    AcceptSlots::Source source_of(const std::string& ip) const;
    void dial_due(Time now);
    Result<Unit> accept_all(Time now);
    Result<Unit> take_in(Fd fd, const std::string& ip, Time now);
    void drop_overdue(Time now);
    Attempt* attempt_at(AcceptSlots::Id place);
    Result<Unit> poll_once(Time now);
    Result<Unit> advance(Attempt& attempt);
    Result<Io> step(Attempt& attempt);
    Result<Io> after_handshake(Attempt& attempt);
    Result<Io> check_binding(Attempt& attempt);
    Io send_out(Attempt& attempt);
    Io read_in(Attempt& attempt, std::size_t count);
    void drop(Attempt& attempt, std::string_view why);
    void finish(Attempt& attempt);
    void note(unsigned party, std::string_view why);
    const PeerEndpoint* endpoint(unsigned party) const;
    Result<Bytes> signed_binding(const Attempt& attempt);
    Error missing() const;
    bool dials(unsigned peer) const { return options_.party < peer; }

    const PeerConnectOptions& options_;
    SslContext context_;
    Fd own_listener_;
    int listener_ = -1;
    std::map<unsigned, Dialled> dialled_;
    std::vector<Attempt> attempts_;
    AcceptSlots slots_{kSlots};
    /// Where the endpoints of those who dial us lie, as numeric text.
    std::vector<std::string> sources_;
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

std::string numeric_text(const SocketAddress& address) {
    char host[NI_MAXHOST] = "?";
    ::getnameinfo(address.get(), address.length, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
    const std::string_view text = host;
    // IPv4 as a listener for both families sees it.
    const bool mapped = text.starts_with("::ffff:") && text.find('.') != std::string_view::npos;
    return std::string(mapped ? text.substr(7) : text);
}

Result<std::vector<SocketAddress>> lookup(const std::string& host, std::uint16_t port, int flags) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = flags | AI_NUMERICSERV;
    addrinfo* list = nullptr;
    const int code = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &list);
    if (code != 0) return fail(Status::IO, "cannot resolve {}: {}", host, ::gai_strerror(code));
    std::vector<SocketAddress> out;
    for (const addrinfo* entry = list; entry; entry = entry->ai_next) {
        SocketAddress address;
        std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                    reinterpret_cast<char*>(&address.storage));
        address.length = entry->ai_addrlen;
        out.push_back(address);
    }
    ::freeaddrinfo(list);
    return out;
}

void set_no_delay(int fd) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    ::setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
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
    auto found = lookup(peer.host, peer.port, 0);
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

Result<Unit> Connector::listen() {
    if (options_.listen_fd) {
        listener_ = options_.listen_fd.get();
        return Unit{};
    }
    C2D_TRY(const auto addresses, lookup(options_.bind_host, options_.bind_port, AI_PASSIVE));
    Fd fd(::socket(addresses[0].storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!fd || ::bind(fd.get(), addresses[0].get(), addresses[0].length) != 0 || ::listen(fd.get(), kBacklog) != 0)
        return fail(Status::IO, "cannot listen on {}:{}: {}", options_.bind_host, options_.bind_port,
                    errno_text(errno));
    own_listener_ = std::move(fd);
    listener_ = own_listener_.get();
    return Unit{};
}

/// A name that cannot be resolved is no error here: its party may call all the same.
void Connector::learn_sources() {
    for (const PeerEndpoint& peer : options_.peers) {
        if (dials(peer.party)) continue;
        const auto found = lookup(peer.host, peer.port, 0);
        if (!found) note(peer.party, found.error().message);
        if (found)
            for (const SocketAddress& address : *found) sources_.push_back(numeric_text(address));
    }
}

AcceptSlots::Source Connector::source_of(const std::string& ip) const {
    const bool known = std::find(sources_.begin(), sources_.end(), ip) != sources_.end() ||
                       (options_.known_source && options_.known_source(ip));
    return known ? AcceptSlots::Source::known : AcceptSlots::Source::other;
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
        set_no_delay(fd.get());
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

Attempt* Connector::attempt_at(AcceptSlots::Id place) {
    const auto found = std::find_if(attempts_.begin(), attempts_.end(),
                                    [place](const Attempt& a) { return a.incoming && a.place == place; });
    return found == attempts_.end() ? nullptr : &*found;
}

Result<Unit> Connector::take_in(Fd fd, const std::string& ip, Time now) {
    const auto source = source_of(ip);
    if (source == AcceptSlots::Source::other && options_.known_sources_only) {
        unknown_reason_ = fmt::format("{} is not among peer_sources", ip);
        return Unit{};
    }
    const auto admission = slots_.admit(source, now);
    if (Attempt* const mute = admission.dropped ? attempt_at(*admission.dropped) : nullptr)
        drop(*mute, "it said nothing, and others called");
    if (!admission.admitted) return Unit{};
    set_no_delay(fd.get());
    auto impl = PeerChannel::Impl::make(context_.get(), std::move(fd), true);
    if (!impl) {
        slots_.release(*admission.admitted);
        return Unit{};
    }
    Attempt attempt;
    attempt.impl = *std::move(impl);
    attempt.incoming = true;
    attempt.place = *admission.admitted;
    attempt.stage = Attempt::Stage::handshake;
    attempt.events = POLLIN;
    attempts_.push_back(std::move(attempt));
    // What it has said by now counts before the next one is taken in.
    return advance(attempts_.back());
}

/// Takes in a few and closes at once those for whom there is no place, so that the queue of the kernel
/// stays short for everybody.
Result<Unit> Connector::accept_all(Time now) {
    for (std::size_t i = 0; i < kAcceptedAtOnce; ++i) {
        SocketAddress caller;
        caller.length = sizeof caller.storage;
        Fd fd(::accept4(listener_, reinterpret_cast<sockaddr*>(&caller.storage), &caller.length,
                        SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (!fd) break;
        C2D_CHECK(take_in(std::move(fd), numeric_text(caller), now));
    }
    return Unit{};
}

void Connector::drop_overdue(Time now) {
    constexpr std::string_view kLate = "it did not finish the handshake in time";
    for (const auto place : slots_.overdue(now))
        if (Attempt* const late = attempt_at(place)) drop(*late, kLate);
    for (Attempt& attempt : attempts_)
        if (attempt.impl && !attempt.incoming && attempt.deadline < now) drop(attempt, kLate);
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

Io Connector::read_in(Attempt& attempt, std::size_t count) {
    // Never a byte more than belongs to this stage: the rest is the protocol's.
    while (attempt.in.size() < count) {
        std::uint8_t buffer[kPeerBindingBytes];
        const PeerChannel::Step step =
            attempt.impl->read_some({buffer, std::min(sizeof buffer, count - attempt.in.size())});
        if (step.io != Io::done) return step.io;
        attempt.in.insert(attempt.in.end(), buffer, buffer + step.bytes_count);
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

Result<Io> Connector::after_handshake(Attempt& attempt) {
    C2D_TRY(attempt.exporter, attempt.impl->exporter());
    attempt.stage = Attempt::Stage::read_binding;
    if (!attempt.incoming) {
        C2D_TRY(attempt.out, signed_binding(attempt));
        attempt.stage = Attempt::Stage::send_binding;
    }
    return Io::done;
}

/// Checks a complete binding. `failed` drops the connection; waiting goes on.
Result<Io> Connector::check_binding(Attempt& attempt) {
    const auto message = decode_peer_binding(BytesView(attempt.in).first(kPeerBindingBytes));
    attempt.impl->failure = message ? std::string() : message.error().message;
    if (!message) return Io::failed;
    if (attempt.incoming) attempt.party = message->binding.party;
    const PeerEndpoint* peer = endpoint(attempt.party);
    if (!peer || dials(attempt.party) == attempt.incoming) {
        attempt.impl->failure = fmt::format("party {} is not expected here", attempt.party);
        return Io::failed;
    }
    const PeerBinding expected = PeerBinding::of(options_.session, static_cast<std::uint8_t>(attempt.party),
                                                 static_cast<std::uint8_t>(options_.party), attempt.exporter);
    const PeerCheck check =
        check_peer_binding(*message, expected, peer->address, options_.session.domain, options_.speaks_for);
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
            if (attempt.incoming && attempt.impl->client_hello_complete()) slots_.note_client_hello(attempt.place);
            return io == Io::done ? after_handshake(attempt) : Result<Io>(io);
        }
        case Stage::send_binding: {
            const Io io = send_out(attempt);
            if (io == Io::done) attempt.stage = Stage::read_binding;
            return io;
        }
        case Stage::read_binding: {
            const Io io = read_in(attempt, kPeerBindingBytes);
            if (io != Io::done) return io;
            if (attempt.incoming) return check_binding(attempt);
            // Before the answer arrives: a peer that disagrees sends none.
            Result<Io> checked = check_binding(attempt);
            if (checked.ok() && *checked == Io::done) attempt.stage = Stage::read_answer;
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
            const Io io = read_in(attempt, 1);
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
    slots_.release(attempt.place);
    attempt.impl.reset();
}

void Connector::finish(Attempt& attempt) {
    attempt.impl->party = attempt.party;
    attempt.impl->failure.clear();
    if (!attempt.incoming) dialled_[attempt.party].in_progress = false;
    slots_.release(attempt.place);
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
    if (listener_ >= 0) entries.push_back({listener_, POLLIN, 0});
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline_ - now).count();
    const int wait = static_cast<int>(std::clamp<long long>(left, 1, 50));
    if (::poll(entries.data(), entries.size(), wait) < 0 && errno != EINTR)
        return fail(Status::IO, "cannot wait for peers: {}", errno_text(errno));
    const std::size_t count = attempts_.size();
    for (std::size_t i = 0; i < count; ++i)
        if (entries[i].revents != 0) C2D_CHECK(advance(attempts_[i]));
    drop_overdue(now);
    if (listener_ >= 0 && entries.back().revents != 0) C2D_CHECK(accept_all(now));
    std::erase_if(attempts_, [](const Attempt& attempt) { return !attempt.impl; });
    return Unit{};
}

Error Connector::missing() const {
    for (const PeerEndpoint& peer : options_.peers) {
        if (connected_.count(peer.party)) continue;
        const auto reason = reasons_.find(peer.party);
        std::string last = reason == reasons_.end() ? std::string() : reason->second;
        if (last.empty() && !dials(peer.party))
            last = unknown_reason_.empty() ? "it did not call"
                                           : "an unauthenticated caller was dropped: " + unknown_reason_;
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
    if (accepts) {
        learn_sources();
        C2D_CHECK(listen());
    }
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
