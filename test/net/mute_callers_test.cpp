/// Many who call and say nothing, and one true peer among them.
#include "net/peer_tls.hpp"
#include "net/peers.hpp"

#include <algorithm>
#include <atomic>
#include <deque>
#include <mutex>

using namespace c2d;
using namespace c2d::test;

namespace {

/// A connection to a loopback port from a loopback address of our choice; it may be refused.
Fd dial_from(std::uint32_t source, std::uint16_t port, int flags = 0) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | flags, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(source);
    // Gone without a trace when closed, or the ports would be used up.
    const linger at_once{1, 0};
    ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) return Fd();
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 && errno != EINPROGRESS)
        return Fd();
    return fd;
}

/// Mute connections from 127.1.0.0/16, without end, some hundred of them open at a time.
class Flood {
public:
    explicit Flood(std::uint16_t port, std::chrono::microseconds pause = {})
        : thread_([this, port, pause] { run(port, pause); }) {}
    ~Flood() {
        stop_ = true;
        thread_.join();
    }
    /// Returns when `count` more have called.
    void wait_for(int count) const {
        for (const int until = called_ + count; called_ < until;) std::this_thread::yield();
    }

private:
    void run(std::uint16_t port, std::chrono::microseconds pause) {
        std::deque<Fd> open;
        while (!stop_) {
            Fd fd = dial_from(0x7f010001u + std::uint32_t(called_ % 60000), port, SOCK_NONBLOCK);
            ++called_;
            if (fd) open.push_back(std::move(fd));
            if (open.size() > 300) open.pop_front();
            // The rate is what is tried, not a wait for anything.
            if (pause.count() != 0) std::this_thread::sleep_for(pause);
        }
    }
    std::atomic<bool> stop_{false};
    std::atomic<int> called_{0};
    std::thread thread_;
};

/// Counts how often a dialling side had to try again.
class Retries final : public Logger {
public:
    void log(LogLevel, std::string_view line) override {
        count_ += line.find("peer party 1:") != std::string_view::npos;
    }
    int count() const { return count_; }

private:
    std::atomic<int> count_{0};
};

struct Joined {
    Connected dialling = Error(), listening = Error();
    int retries = 0;
};

/// Party 1 listens, is flooded, and then party 0 calls it from 127.0.0.1.
Joined join(std::vector<PeerConnectOptions>& options, std::chrono::microseconds pause = {}) {
    Joined out;
    const auto retries = std::make_shared<Retries>();
    options[0].logger = retries;
    std::thread listener([&] { out.listening = connect_peers(options[1]); });
    {
        const Flood flood(options[0].peers[0].port, pause);
        flood.wait_for(50);
        out.dialling = connect_peers(options[0]);
        listener.join();
    }
    out.retries = retries->count();
    return out;
}

/// Where the flood does not come from, and nobody at all.
constexpr const char* kElsewhere = "192.0.2.1";

void check_joined(const Joined& joined, int retries_max) {
    CHECK_MESSAGE(joined.dialling.ok(), (joined.dialling ? "" : joined.dialling.error().message));
    CHECK_MESSAGE(joined.listening.ok(), (joined.listening ? "" : joined.listening.error().message));
    CHECK(joined.retries <= retries_max);
}

}  // namespace

TEST_CASE("mute callers do not keep out a peer that calls from where its endpoint lies") {
    auto options = options_of(2);
    check_joined(join(options), 3);
}

TEST_CASE("nor one from a known source, wherever its endpoint lies") {
    auto options = options_of(2);
    options[1].peers[0].host = kElsewhere;
    options[1].known_source = [](std::string_view ip) { return ip == "127.0.0.1"; };
    check_joined(join(options), 3);
}

TEST_CASE("150 mute callers a second do not keep out one from an unknown address") {
    auto options = options_of(2);
    options[1].peers[0].host = kElsewhere;
    check_joined(join(options, std::chrono::microseconds(6'600)), 10);
}

TEST_CASE("nobody is refused by address, unless only known sources may call") {
    auto options = options_of(2);
    options[1].peers[0].host = kElsewhere;
    const auto open = connect_all(options);
    CHECK(open[0].ok());
    CHECK(open[1].ok());
    auto closed = options_of(2);
    closed[1].peers[0].host = kElsewhere;
    closed[1].known_sources_only = true;
    for (auto& each : closed) each.deadline = std::chrono::milliseconds(700);
    const auto refused = connect_all(closed);
    REQUIRE_FALSE(refused[1].ok());
    CHECK(refused[1].error().name == "peer_missing");
    CHECK(refused[1].error().message.find("127.0.0.1 is not among peer_sources") != std::string::npos);
    auto listed = options_of(2);
    listed[1].peers[0].host = kElsewhere;
    listed[1].known_sources_only = true;
    listed[1].known_source = [](std::string_view ip) { return ip == "127.0.0.1"; };
    CHECK(connect_all(listed)[1].ok());
}

TEST_CASE("unknown callers who have spoken hold places, but none of those that are kept") {
    auto options = options_of(2);
    const auto port = options[0].peers[0].port;
    Connected listening = Error();
    std::thread listener([&] { listening = connect_peers(options[1]); });
    const auto context = *make_peer_context();
    std::vector<std::unique_ptr<PeerChannel::Impl>> spoken;
    for (std::uint32_t i = 0; i < 32; ++i) {
        spoken.push_back(*PeerChannel::Impl::make(context.get(), dial_from(0x7f020001u + i, port), false));
        REQUIRE(spoken.back()->handshake() == PeerChannel::Io::done);
    }
    // No place for one more of them: closed at once, and nobody of the others is.
    const Fd refused = dial_from(0x7f030001u, port);
    char byte;
    CHECK(::recv(refused.get(), &byte, 1, 0) <= 0);
    for (const auto& each : spoken) CHECK(::recv(each->socket.fd.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0);
    const Connected dialling = connect_peers(options[0]);
    listener.join();
    CHECK(dialling.ok());
    CHECK(listening.ok());
}
