#include "net/peer_port.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "net/accept_slots.hpp"
#include "net/peer_tls.hpp"
#include "net/socket_address.hpp"
#include "net/wake_event.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <map>
#include <mutex>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <thread>
#include <unistd.h>

namespace c2d {
namespace {

using Time = std::chrono::steady_clock::time_point;
using Io = PeerChannel::Io;

/// Connections taken at a time: no more than places for unknown callers, so that none of them is dropped for
/// another one before it was listened to.
constexpr AcceptSlots::Limits kSlots{};
constexpr std::size_t kAcceptedAtOnce = kSlots.places / 2;
constexpr int kBacklog = 128;
/// How often the time of callers is looked at while there are any.
constexpr int kLookMs = 50;
/// Until a socket is accepted again where the process or the machine had none left.
constexpr std::chrono::milliseconds kNoneLeft{100};
/// Callers that wait at a desk; its owner takes them within a poll.
constexpr std::size_t kAtDeskMax = 16;

using DeskName = std::pair<std::uint64_t, unsigned>;

Result<Fd> listen_at(const PeerPortOptions& options) {
    if (options.listen_fd >= 0) {
        Fd own(::fcntl(options.listen_fd, F_DUPFD_CLOEXEC, 0));
        if (!own) return fail(Status::IO, "no descriptor: {}", errno_text(errno));
        return own;
    }
    C2D_TRY(const auto addresses, lookup(options.bind_host, options.bind_port, AI_PASSIVE));
    Fd fd(::socket(addresses[0].storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    const int on = 1;
    if (fd) ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (!fd || ::bind(fd.get(), addresses[0].get(), addresses[0].length) != 0 || ::listen(fd.get(), kBacklog) != 0)
        return fail(Status::IO, "cannot listen on {}:{}: {}", options.bind_host, options.bind_port, errno_text(errno));
    return fd;
}

std::string not_awaited(const PeerBinding& binding) {
    return fmt::format("it called for party {} of session {}, which nobody awaits", binding.peer, binding.session_id);
}

/// A connection that has not come to a desk yet.
struct Waiting {
    enum class Stage { handshake, read_binding, at_the_door };
    Stage stage = Stage::handshake;
    std::unique_ptr<PeerChannel::Impl> channel;
    AcceptSlots::Id place = 0;
    short events = POLLIN;
    Bytes32 exporter;
    Bytes in;
    std::optional<SignedPeerBinding> message;
};

}  // namespace

PeerPort::Caller::Caller(std::unique_ptr<PeerChannel::Impl> c, const SignedPeerBinding& m, const Bytes32& e)
    : channel(std::move(c)), message(m), exporter(e) {}
PeerPort::Caller::~Caller() = default;
PeerPort::Caller::Caller(Caller&&) noexcept = default;
PeerPort::Caller& PeerPort::Caller::operator=(Caller&&) noexcept = default;

namespace {

/// What the port's thread, its owner and the desks share.
struct State {
    PeerPortOptions options;
    SslContext context;
    Fd listener;
    WakeEvent wake;

    /// Where callers for one name go.
    struct Place {
        std::vector<std::string> sources;
        std::vector<PeerPort::Caller> callers;
        WakeEvent event;
    };
    mutable std::mutex mutex;
    bool ending = false;
    std::map<DeskName, Place> desks;
    std::string last_refusal;
};

/// The port's thread, and what is only its own.
class Door {
public:
    explicit Door(State& shared) : shared_(shared) {}
    void run() {
        while (!ending()) poll_once();
    }

private:
    bool ending() const {
        const std::lock_guard lock(shared_.mutex);
        return shared_.ending;
    }
    void poll_once();
    void accept_all(Time now);
    void take_in(Fd fd, const std::string& ip, Time now);
    AcceptSlots::Source source_of(const std::string& ip) const;
    void advance(Waiting& waiting);
    Io step(Waiting& waiting);
    bool hand_over(Waiting& waiting);
    void drop(Waiting& waiting, std::string_view why);
    void note(std::string_view why);
    void drop_overdue(Time now);
    Waiting* waiting_at(AcceptSlots::Id place);

    State& shared_;
    AcceptSlots slots_{kSlots};
    std::vector<Waiting> waiting_;
    Time accept_from_{};
};

AcceptSlots::Source Door::source_of(const std::string& ip) const {
    const auto& known = shared_.options.known_source;
    if (known && known(ip)) return AcceptSlots::Source::known;
    const std::lock_guard lock(shared_.mutex);
    for (const auto& [name, desk] : shared_.desks)
        if (std::ranges::find(desk.sources, ip) != desk.sources.end()) return AcceptSlots::Source::known;
    return AcceptSlots::Source::other;
}

Waiting* Door::waiting_at(AcceptSlots::Id place) {
    const auto found = std::ranges::find(waiting_, place, &Waiting::place);
    return found == waiting_.end() ? nullptr : &*found;
}

void Door::drop(Waiting& waiting, std::string_view why) {
    slots_.release(waiting.place);
    waiting.channel.reset();
    note(why);
}

void Door::note(std::string_view why) {
    const std::lock_guard lock(shared_.mutex);
    shared_.last_refusal = why;
}

void Door::drop_overdue(Time now) {
    for (const auto place : slots_.overdue(now))
        if (Waiting* const late = waiting_at(place))
            drop(*late, late->message ? not_awaited(late->message->binding)
                                      : std::string("it did not finish the handshake in time"));
}

void Door::take_in(Fd fd, const std::string& ip, Time now) {
    const auto source = source_of(ip);
    if (source == AcceptSlots::Source::other && shared_.options.known_sources_only)
        return note(fmt::format("{} is not among peer_sources", ip));
    const auto admission = slots_.admit(source, now);
    if (Waiting* const mute = admission.dropped ? waiting_at(*admission.dropped) : nullptr)
        drop(*mute, "it said nothing, and others called");
    if (!admission.admitted) return;
    set_up_stream(fd.get());
    auto channel = PeerChannel::Impl::make(shared_.context.get(), std::move(fd), true);
    if (!channel) return slots_.release(*admission.admitted);
    Waiting waiting;
    waiting.channel = *std::move(channel);
    waiting.place = *admission.admitted;
    waiting_.push_back(std::move(waiting));
    // What it has said by now counts before the next one is taken in.
    advance(waiting_.back());
}

/// Takes in a few and closes at once those for whom there is no place, so that the queue of the kernel
/// stays short for everybody.
void Door::accept_all(Time now) {
    for (std::size_t i = 0; i < kAcceptedAtOnce; ++i) {
        SocketAddress caller;
        Fd fd(::accept4(shared_.listener.get(), caller.get(), &caller.length, SOCK_NONBLOCK | SOCK_CLOEXEC));
        if (fd) {
            take_in(std::move(fd), numeric_text(caller), now);
            continue;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) accept_from_ = now + kNoneLeft;
        return;
    }
}

/// To the desk that it wants; false where there is none, or it is full.
bool Door::hand_over(Waiting& waiting) {
    const auto& binding = waiting.message->binding;
    const std::lock_guard lock(shared_.mutex);
    const auto desk = shared_.desks.find({binding.session_id, binding.peer});
    if (desk == shared_.desks.end() || desk->second.callers.size() >= kAtDeskMax) return false;
    desk->second.callers.emplace_back(std::move(waiting.channel), *waiting.message, waiting.exporter);
    desk->second.event.signal();
    return true;
}

/// `done`: go on at once.
Io Door::step(Waiting& waiting) {
    PeerChannel::Impl& channel = *waiting.channel;
    switch (waiting.stage) {
        case Waiting::Stage::handshake: {
            const Io io = channel.handshake();
            if (channel.client_hello_complete()) slots_.note_client_hello(waiting.place);
            if (io != Io::done) return io;
            const auto exporter = channel.exporter();
            channel.failure = exporter ? std::string() : exporter.error().message;
            if (!exporter) return Io::failed;
            waiting.exporter = *exporter;
            waiting.stage = Waiting::Stage::read_binding;
            return Io::done;
        }
        case Waiting::Stage::read_binding: {
            const Io io = channel.read_up_to(waiting.in, kPeerBindingBytes);
            if (io != Io::done) return io;
            const auto message = decode_peer_binding(waiting.in);
            channel.failure = message ? std::string() : message.error().message;
            if (!message) return Io::failed;
            waiting.message = *message;
            waiting.stage = Waiting::Stage::at_the_door;
            return Io::done;
        }
        case Waiting::Stage::at_the_door: break;
    }
    if (hand_over(waiting)) return Io::done;
    note(not_awaited(waiting.message->binding));
    // It has nothing to say before it is answered; but it may go.
    const Io io = channel.read_up_to(waiting.in, kPeerBindingBytes + 1);
    if (io == Io::done) channel.failure = "it spoke before it was answered";
    return io == Io::done ? Io::failed : io;
}

void Door::advance(Waiting& waiting) {
    while (waiting.channel) {
        const Io io = step(waiting);
        if (!waiting.channel) return slots_.release(waiting.place);
        if (io == Io::want_read || io == Io::want_write) {
            waiting.events = io == Io::want_read ? POLLIN : POLLOUT;
            return;
        }
        if (io == Io::closed || io == Io::failed)
            drop(waiting, waiting.message    ? not_awaited(waiting.message->binding)
                          : io == Io::closed ? "it closed the connection instead of proving who it is"
                                             : std::string(waiting.channel->failure));
    }
}

void Door::poll_once() {
    const bool accepts = std::chrono::steady_clock::now() >= accept_from_;
    std::vector<pollfd> entries{{shared_.wake.fd(), POLLIN, 0}, {accepts ? shared_.listener.get() : -1, POLLIN, 0}};
    for (const Waiting& waiting : waiting_) entries.push_back({waiting.channel->socket.fd.get(), waiting.events, 0});
    ::poll(entries.data(), entries.size(), waiting_.empty() && accepts ? -1 : kLookMs);
    const auto now = std::chrono::steady_clock::now();
    // A desk was opened, for which somebody may wait.
    const bool woken = entries[0].revents != 0;
    if (woken) shared_.wake.clear();
    for (std::size_t i = 2; i < entries.size(); ++i) {
        Waiting& waiting = waiting_[i - 2];
        if (entries[i].revents != 0 || (woken && waiting.stage == Waiting::Stage::at_the_door)) advance(waiting);
    }
    drop_overdue(now);
    if (entries[1].revents != 0) accept_all(now);
    std::erase_if(waiting_, [](const Waiting& waiting) { return !waiting.channel; });
}

}  // namespace

struct PeerPort::Impl : State {
    std::thread thread;
};

struct PeerPort::Desk::Impl {
    std::shared_ptr<PeerPort::Impl> port;
    DeskName name;
    int event = -1;
};

PeerPort::PeerPort(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<PeerPort>> PeerPort::open(const PeerPortOptions& options) {
    auto impl = std::make_shared<Impl>();
    impl->options = options;
    C2D_TRY(impl->context, make_peer_context());
    C2D_TRY(impl->listener, listen_at(options));
    C2D_TRY(impl->wake, WakeEvent::make());
    impl->thread = std::thread([shared = impl.get()] { Door(*shared).run(); });
    return std::unique_ptr<PeerPort>(new PeerPort(std::move(impl)));
}

PeerPort::~PeerPort() {
    {
        const std::lock_guard lock(impl_->mutex);
        impl_->ending = true;
    }
    impl_->wake.signal();
    impl_->thread.join();
    impl_->listener.reset();
}

Result<std::unique_ptr<PeerPort::Desk>> PeerPort::desk(std::uint64_t session_id, unsigned party,
                                                       std::vector<std::string> sources) {
    auto desk = std::make_unique<Desk::Impl>();
    desk->port = impl_;
    desk->name = {session_id, party};
    C2D_TRY(WakeEvent event, WakeEvent::make());
    desk->event = event.fd();
    {
        const std::lock_guard lock(impl_->mutex);
        if (!impl_->desks.try_emplace(desk->name, Impl::Place{std::move(sources), {}, std::move(event)}).second)
            return fail(Status::CONFLICT, "callers for party {} of session {} are awaited already", party, session_id);
    }
    impl_->wake.signal();
    return std::unique_ptr<Desk>(new Desk(std::move(desk)));
}

PeerPort::Desk::Desk(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

PeerPort::Desk::~Desk() {
    std::vector<Caller> left;
    const std::lock_guard lock(impl_->port->mutex);
    const auto place = impl_->port->desks.find(impl_->name);
    left = std::move(place->second.callers);
    impl_->port->desks.erase(place);
}

int PeerPort::Desk::fd() const noexcept { return impl_->event; }

std::vector<PeerPort::Caller> PeerPort::Desk::take() {
    const std::lock_guard lock(impl_->port->mutex);
    auto& place = impl_->port->desks.at(impl_->name);
    place.event.clear();
    return std::exchange(place.callers, {});
}

std::string PeerPort::Desk::last_refusal() const {
    const std::lock_guard lock(impl_->port->mutex);
    return impl_->port->last_refusal;
}

}  // namespace c2d
