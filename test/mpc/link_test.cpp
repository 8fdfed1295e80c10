/// Links: over the relay's frames, over TLS, and what a broken or hostile stream does.

#include "mpc/generated.hpp"
#include "mpc/link/tls_link.hpp"
#include "mpc/parties.hpp"
#include "net/frame_relay.hpp"
#include "net/peers.hpp"
#include "support/socket_pair.hpp"

#include <unistd.h>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;
using c2d::support::SocketPair;
using c2d::test::connect_all;
using c2d::test::options_of;
using c2d::test::send_all;

namespace {

/// A program that moves a lot in both directions and checks its result.
void exercise(Session& session) {
    const GeneratedData data = generate(1500, 3, 4, 17);
    const Tensor x = must(session.hconcat({share(session, 0, data.first), share(session, 1, data.second)}));
    const Tensor y = share_labels(session, 2, data.label);
    TrainOptions options;
    options.split = 1000;
    options.iterations = 60;
    options.evaluate_every = 20;
    const Tensor w = must(session.train_logistic(x, y, options));
    const Matrix opened = open_to_all(session, must(session.matmul(x, must(session.transpose(x)))));
    CHECK(opened.rows == 1500);
    CHECK(w.rows() == 8);
}

}  // namespace

TEST_CASE("three parties over TLS links") {
    auto connected = connect_all(options_of(3));
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < 3; ++party) {
        REQUIRE(connected[party].ok());
        threads.emplace_back([&, party] {
            SessionOptions options;
            options.link = must(tls_link(party, *std::move(connected[party])));
            options.rules = kRevealAny;
            exercise(*must(Session::open(std::move(options))));
        });
    }
    for (auto& thread : threads) thread.join();
}

TEST_CASE("three parties over relays") {
    auto connected = connect_all(options_of(3));
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < 3; ++party) {
        REQUIRE(connected[party].ok());
        threads.emplace_back([&, party] {
            SocketPair pair;
            FrameRelayOptions relay_options;
            relay_options.operator_fd = std::move(pair.theirs);
            relay_options.party = party;
            relay_options.peers = *std::move(connected[party]);
            auto relay = must(FrameRelay::start(std::move(relay_options)));
            {
                SessionOptions options;
                options.link = must(relay_link(pair.ours.get(), party));
                options.rules = kRevealAny;
                exercise(*must(Session::open(std::move(options))));
            }
            pair.ours.reset();
            CHECK(relay->wait().end == FrameRelayReport::End::operator_closed);
        });
    }
    for (auto& thread : threads) thread.join();
}

TEST_CASE("three processes without providers: the same proofs by the same code") {
    // `spoil` changes one party's options; the answers are statuses and names by party.
    const auto connect = [](auto spoil) {
        std::vector<PeerLinkOptions> options(3);
        std::vector<c2d::test::Listener> listeners(3);
        for (unsigned me = 0; me < 3; ++me) {
            options[me].party = me;
            options[me].signer = c2d::test::key_of(me);
            options[me].program = "sum";
            options[me].arguments = "{}";
            options[me].run = 7;
            options[me].deadline = std::chrono::seconds(20);
            for (unsigned party = 0; party < 3; ++party)
                options[me].parties[party] = {"127.0.0.1", listeners[party].port, c2d::test::key_of(party)->address()};
        }
        spoil(options);
        std::vector<std::string> out(3);
        std::vector<std::thread> threads;
        for (unsigned me = 0; me < 3; ++me) {
            options[me].listen_fd = listeners[me].fd.release();
            threads.emplace_back([&, me] {
                auto link = peer_link(options[me]);
                if (!link) {
                    out[me] = link.status() == Status::PEER ? link.error().name : "invalid";
                    return;
                }
                SessionOptions session;
                session.link = *std::move(link);
                session.rules = kRevealAny;
                const Matrix mine{1, 1, {5}};
                auto s = must(Session::open(std::move(session)));
                out[me] = open_to_all(*s, share(*s, 2, mine)).data[0] == 5 ? "done" : "wrong";
            });
        }
        for (auto& thread : threads) thread.join();
        return out;
    };
    using Answers = std::vector<std::string>;
    CHECK(connect([](auto&) {}) == Answers{"done", "done", "done"});
    const auto soon = [](auto& options) {
        for (auto& option : options) option.deadline = std::chrono::milliseconds(1500);
    };
    const Answers program = connect([&](auto& o) { soon(o), o[1].program = "difference"; });
    CHECK(program[1] == "peer_disagrees");
    const Answers arguments = connect([&](auto& o) { soon(o), o[2].arguments = "{1}"; });
    CHECK(arguments[2] == "peer_disagrees");
    CHECK(connect([&](auto& o) { soon(o), o[0].run = 8; })[0] == "peer_missing");
    const Answers key = connect([&](auto& o) {
        soon(o);
        o[1].signer = c2d::test::key_of(9);
        o[1].parties[1].address = c2d::test::key_of(9)->address();
    });
    CHECK(key == Answers{"peer_missing", "peer_missing", "peer_missing"});
    // A signer that is not the party's, and one key in two seats, are refused at once.
    CHECK(connect([&](auto& o) { soon(o), o[1].signer = c2d::test::key_of(9); })[1] == "invalid");
    CHECK(connect([&](auto& o) {
              for (auto& option : o) option.parties[2].address = option.parties[0].address;
          }) == Answers{"invalid", "invalid", "invalid"});
}

TEST_CASE("TLS: a party that vanishes is named by the others") {
    auto connected = connect_all(options_of(3));
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < 3; ++party) {
        REQUIRE(connected[party].ok());
        threads.emplace_back([&, party] {
            auto link = must(tls_link(party, *std::move(connected[party])));
            if (party == 2) return;
            std::uint8_t byte = 0;
            const auto got = link->receive(2, {&byte, 1});
            CHECK(got.status() == Status::PEER);
            if (!got) CHECK(got.error().message == "party 2 left before the end");
        });
    }
    for (auto& thread : threads) thread.join();
    CHECK(tls_link(0, {}).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("relay link: frames in pieces, ends, and malformed frames") {
    SocketPair pair;
    auto link = must(relay_link(pair.ours.get(), 0));
    link->set_timeout(std::chrono::milliseconds(300));
    const auto put = [&](std::uint32_t peer, std::uint32_t length, const std::string& payload) {
        const auto header = FrameHeader{peer, length}.encode();
        for (std::uint8_t byte : header) CHECK(send_all(pair.theirs.get(), BytesView(&byte, 1)));
        CHECK(send_all(pair.theirs.get(), as_bytes(payload)));
    };
    put(1, 3, "abc");
    put(2, 2, "xy");
    put(1, 4, "defg");
    Bytes seven(7), two(2);
    CHECK(link->receive(1, seven).ok());
    CHECK(as_text(seven) == "abcdefg");
    CHECK(link->receive(2, two).ok());
    CHECK(as_text(two) == "xy");
    CHECK(link->stats().bytes_received[1] == 7);
    SUBCASE("silence is a timeout that names the party") { CHECK(link->receive(2, two).status() == Status::PEER); }
    SUBCASE("the end of one peer is the end of that peer only, after what it sent") {
        put(1, 1, "h");
        put(1, 0, "");
        put(2, 2, "zz");
        Bytes one(1);
        CHECK(link->receive(1, one).ok());
        const auto ended = link->receive(1, one);
        CHECK(ended.status() == Status::PEER);
        CHECK(ended.error().message == "party 1 left before the end");
        CHECK(link->receive(2, two).ok());
    }
    SUBCASE("a frame from nobody") {
        put(5, 2, "zz");
        CHECK(link->receive(1, two).status() == Status::PEER);
    }
    SUBCASE("a frame from ourselves") {
        put(0, 2, "zz");
        CHECK(link->receive(1, two).status() == Status::PEER);
    }
    SUBCASE("an oversized frame") {
        put(1, kFrameBytesMax + 1, "");
        const auto refused = link->receive(1, two);
        CHECK(refused.status() == Status::PEER);
        if (!refused) CHECK(refused.error().message.find("malformed frame") == 0);
    }
    SUBCASE("a truncated frame") {
        put(1, 10, "only");
        pair.theirs.reset();
        CHECK(link->receive(2, two).status() == Status::PEER);
    }
    SUBCASE("a closed channel") {
        pair.theirs.reset();
        CHECK(link->receive(2, two).status() == Status::PEER);
    }
    SUBCASE("cancelling") {
        CancelToken cancel;
        cancel.cancel();
        link->set_cancel(&cancel);
        CHECK(link->receive(2, two).status() == Status::CANCELLED);
    }
}

TEST_CASE("relay link: large messages are split into frames within the bound") {
    SocketPair pair;
    auto link = must(relay_link(pair.ours.get(), 0));
    const Bytes data(40u << 20, 0x5a);
    std::thread reader([fd = pair.theirs.get()] {
        std::size_t payload = 0;
        Bytes buffer(1 << 20);
        while (payload < (40u << 20)) {
            std::uint8_t head[8];
            for (std::size_t got = 0; got < 8;) got += static_cast<std::size_t>(::read(fd, head + got, 8 - got));
            const FrameHeader header = FrameHeader::decode(head);
            CHECK(header.peer == 2);
            CHECK(header.length > 0);
            CHECK(header.length <= kFrameBytesMax);
            for (std::size_t got = 0; got < header.length;) {
                const ssize_t n = ::read(fd, buffer.data(), std::min(buffer.size(), header.length - got));
                if (n <= 0) return;
                got += static_cast<std::size_t>(n);
            }
            payload += header.length;
        }
    });
    CHECK(link->send(2, data).ok());
    link.reset();
    reader.join();
}

TEST_CASE("links refuse parties that do not exist and descriptors that are no sockets") {
    auto links = memory_links();
    Bytes byte(1);
    CHECK(links[0]->send(0, byte).status() == Status::INVALID_ARGUMENT);
    CHECK(links[0]->send(3, byte).status() == Status::INVALID_ARGUMENT);
    CHECK(links[0]->receive(0, byte).status() == Status::INVALID_ARGUMENT);
    CHECK(relay_link(0, 3).status() == Status::INVALID_ARGUMENT);
    CHECK(relay_link(99999, 0).status() == Status::INVALID_ARGUMENT);
}
