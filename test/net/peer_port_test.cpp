/// One port for the sessions of many jobs.
#include "net/peer_port.hpp"

#include "net/peers.hpp"

#include <future>
#include <poll.h>

using namespace c2d;
using namespace c2d::test;
using namespace std::chrono_literals;

namespace {

/// The options of two parties for one session; party 1 is called at a port that all sessions share.
struct Shared {
    Listener listener;
    std::unique_ptr<PeerPort> port = open();

    std::vector<PeerConnectOptions> session(std::uint64_t id) {
        auto out = options_of(2);
        for (auto& party : out) {
            party.session.session_id = id;
            party.deadline = 10s;
        }
        out[0].peers[0].port = listener.port;
        out[1].port = port.get();
        return out;
    }

private:
    std::unique_ptr<PeerPort> open() {
        PeerPortOptions options;
        options.listen_fd = listener.fd.get();
        return *PeerPort::open(options);
    }
};

void check_joined(std::vector<Connected>& connected) {
    for (const auto& party : connected) CHECK_MESSAGE(party.ok(), (party ? "" : party.error().message));
}

/// Whether what one side writes arrives at the other.
void check_speak(PeerChannel& from, PeerChannel& to, std::uint8_t byte) {
    CHECK(from.write_some(BytesView(&byte, 1)).io == PeerChannel::Io::done);
    std::uint8_t got = 0;
    pollfd entry{to.fd(), POLLIN, 0};
    PeerChannel::Step step;
    do {
        REQUIRE(::poll(&entry, 1, 10'000) == 1);
        step = to.read_some({&got, 1});
    } while (step.io == PeerChannel::Io::want_read);
    CHECK(step.io == PeerChannel::Io::done);
    CHECK(got == byte);
}

}  // namespace

TEST_CASE("ten sessions at a time over one port, each with its own peer") {
    Shared shared;
    std::vector<std::vector<PeerConnectOptions>> sessions;
    for (std::uint64_t id = 1; id <= 10; ++id) sessions.push_back(shared.session(id));
    std::vector<std::future<std::vector<Connected>>> joining;
    for (auto& session : sessions)
        joining.push_back(std::async(std::launch::async, [&session] { return connect_all(session); }));
    std::vector<std::vector<Connected>> joined;
    for (auto& each : joining) joined.push_back(each.get());
    for (auto& each : joined) check_joined(each);
    for (std::size_t i = 0; i < joined.size(); ++i)
        check_speak(*joined[i][0]->front(), *joined[i][1]->front(), std::uint8_t(i));
}

TEST_CASE("who calls before there is a desk waits for it, and who calls for nobody keeps out nobody") {
    Shared shared;
    auto early = shared.session(1), never = shared.session(2);
    never[0].deadline = 700ms;
    auto calling = std::async(std::launch::async, [&] { return connect_peers(early[0]); });
    const auto lonely = connect_peers(never[0]);
    REQUIRE_FALSE(lonely.ok());
    CHECK(lonely.error().name == "peer_missing");
    CHECK(calling.wait_for(0s) == std::future_status::timeout);
    const auto listening = connect_peers(early[1]);
    CHECK(calling.get().ok());
    CHECK(listening.ok());
}

TEST_CASE("two parties of one session behind one port are told apart") {
    // Party 0 calls 1 and 2, and 1 calls 2.
    Shared shared;
    auto parties = options_of(3);
    for (auto& party : parties)
        for (auto& peer : party.peers) peer.port = shared.listener.port;
    for (const unsigned party : {1u, 2u}) parties[party].port = shared.port.get();
    auto connected = connect_all(parties);
    check_joined(connected);
    for (unsigned party = 0; party < 3; ++party)
        for (const auto& channel : *connected[party]) CHECK(channel->party() != party);
}

TEST_CASE("a session is awaited once, and again after that; its port may go before it") {
    Shared shared;
    auto desk = *shared.port->desk(1, 1, {});
    CHECK(shared.port->desk(1, 1, {}).status() == Status::CONFLICT);
    CHECK(shared.port->desk(1, 2, {}).ok());
    CHECK(shared.port->desk(2, 1, {}).ok());
    desk.reset();
    desk = *shared.port->desk(1, 1, {});
    shared.port.reset();
    CHECK(desk->take().empty());
}

TEST_CASE("a port that is taken is said") {
    const Listener listener;
    PeerPortOptions options;
    options.bind_port = listener.port;
    const auto port = PeerPort::open(options);
    REQUIRE(port.status() == Status::IO);
    CHECK(port.error().message.find(std::to_string(listener.port)) != std::string::npos);
}

TEST_CASE("nothing is said to a caller before its session takes it") {
    Shared shared;
    auto session = shared.session(1);
    session[0].deadline = 500ms;
    CHECK(connect_peers(session[0]).error().name == "peer_missing");
    const auto desk = *shared.port->desk(9, 1, {});
    CHECK(desk->last_refusal().find("session 1, which nobody awaits") != std::string::npos);
}
