/// What relays tell each other beside their operators' bytes: that they are there, and whom they lost.
#include "base/fail.hpp"
#include "net/frame_relay.hpp"
#include "net/peers.hpp"
#include "net/relay_record.hpp"

#include <functional>
#include <map>
#include <poll.h>
#include <thread>
#include <unistd.h>

using namespace c2d;
using namespace c2d::test;
using namespace std::chrono_literals;
using End = FrameRelayReport::End;
using Io = PeerChannel::Io;
using Kind = RelayRecord::Kind;

namespace {

/// A relay of party 0, and parties 1 and 2 whose relays the test plays.
struct Played {
    Fd mine;
    std::unique_ptr<FrameRelay> relay;
    std::map<unsigned, std::unique_ptr<PeerChannel>> peers;

    /// What happens before the relay starts, with its channel to party 1.
    using Before = std::function<void(Played& played, PeerChannel& to_first)>;

    explicit Played(std::chrono::milliseconds silence_max = 1h, std::chrono::milliseconds start_max = 1h,
                    std::chrono::milliseconds alive_every = 20ms, std::map<unsigned, Bytes> begun = {},
                    const Before& before = {}, std::chrono::milliseconds flush_max = 30s) {
        auto connected = connect_all(options_of(3));
        for (auto& party : connected) REQUIRE(party.ok());
        int pair[2];
        REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
        mine = Fd(pair[0]);
        FrameRelayOptions options;
        options.operator_fd = Fd(pair[1]);
        options.peers = *std::move(connected[0]);
        options.alive_every = alive_every;
        options.silence_max = silence_max;
        options.start_max = start_max;
        options.flush_max = flush_max;
        options.begun = std::move(begun);
        for (const unsigned party : {1u, 2u}) peers[party] = std::move(connected[party]->front());
        if (before) before(*this, *options.peers.front());
        relay = *FrameRelay::start(std::move(options));
    }

    /// Most of what is sent to it waits at the relay's end, as on a slow line.
    void slow_down(unsigned party) {
        const int little = 65536;
        REQUIRE(::setsockopt(peers[party]->fd(), SOL_SOCKET, SO_RCVBUF, &little, sizeof little) == 0);
    }
    /// Writes all of it, unless the relay has ended.
    void say(unsigned party, BytesView bytes) {
        while (!bytes.empty()) {
            const auto step = peers[party]->write_some(bytes);
            if (step.io == Io::done)
                bytes = bytes.subspan(step.bytes_count);
            else if (!wait_for(party, step.io))
                return;
        }
    }
    void say(unsigned party, RelayRecord record) { say(party, record.encode()); }
    /// The next record that the relay sends; nothing at its end.
    std::optional<RelayRecord> hear(unsigned party) {
        for (;;) {
            if (const auto piece = readers_[party].next(unread_[party])) return piece->record;
            Bytes& room = rooms_[party] = Bytes(4096);
            const auto step = peers[party]->read_some(room);
            if (step.io == Io::done)
                unread_[party] = BytesView(room).first(step.bytes_count);
            else if (!wait_for(party, step.io))
                return std::nullopt;
        }
    }
    /// The first record that is no sign of life.
    std::optional<RelayRecord> hear_word(unsigned party) {
        for (;;) {
            const auto record = hear(party);
            if (!record || record->kind != Kind::alive) return record;
        }
    }
    /// What the relay sends until its stream ends.
    struct Heard {
        /// Of the operator.
        std::size_t bytes = 0;
        std::optional<RelayRecord> last;
        bool ends_in_order = false;
    };
    /// Each time that something arrives the party says that it is there.
    Heard hear_to_the_end(unsigned party) {
        Heard heard;
        Bytes room(65536);
        for (;;) {
            const auto step = peers[party]->read_some(room);
            heard.ends_in_order = step.io == Io::closed;
            if (step.io != Io::done && !wait_for(party, step.io)) return heard;
            auto said = BytesView(room).first(step.io == Io::done ? step.bytes_count : 0);
            while (const auto piece = readers_[party].next(said)) {
                heard.bytes += piece->payload.size();
                heard.last = piece->record;
            }
            (void)peers[party]->write_some(RelayRecord{Kind::alive, 0}.encode());
            std::this_thread::sleep_for(1ms);
        }
    }
    /// Payload of `bytes` bytes from `party`, as the operator reads it, or less where its stream ends.
    Bytes operator_reads(unsigned party, std::size_t bytes) {
        Bytes out;
        while (out.size() < bytes) {
            std::array<std::uint8_t, kFrameHeaderBytes> head{};
            if (::recv(mine.get(), head.data(), head.size(), MSG_WAITALL) != ssize_t(head.size())) break;
            const auto header = FrameHeader::decode(head.data());
            CHECK(header.peer == party);
            if (header.length == 0) break;
            Bytes part(header.length);
            if (::recv(mine.get(), part.data(), part.size(), MSG_WAITALL) != ssize_t(part.size())) break;
            out.insert(out.end(), part.begin(), part.end());
        }
        return out;
    }

private:
    bool wait_for(unsigned party, Io io) {
        if (io != Io::want_read && io != Io::want_write) return false;
        pollfd entry{peers[party]->fd(), short(io == Io::want_read ? POLLIN : POLLOUT), 0};
        return ::poll(&entry, 1, 20'000) == 1;
    }
    std::map<unsigned, RelayRecordReader> readers_;
    std::map<unsigned, Bytes> rooms_;
    std::map<unsigned, BytesView> unread_;
};

constexpr RelayRecord kAlive{Kind::alive, 0};
RelayRecord lost(unsigned party) { return {Kind::lost, party}; }

void check_lost(const FrameRelayReport& report, unsigned party, const char* text) {
    CHECK(report.end == End::peer_lost);
    CHECK(report.party == party);
    CHECK_MESSAGE(report.detail.find(text) != std::string::npos, report.detail);
}

}  // namespace

TEST_CASE("a relay says that it is there, at once and again and again") {
    Played played;
    for (const unsigned party : {1u, 2u})
        for (int i = 0; i < 3; ++i) CHECK(played.hear(party) == kAlive);
}

TEST_CASE("a peer that falls silent is lost, and the others are told which") {
    Played played(300ms);
    played.say(1, kAlive);
    std::jthread second([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            played.say(2, kAlive);
            std::this_thread::sleep_for(20ms);
        }
    });
    check_lost(played.relay->wait(), 1, "party 1 was not heard of for");
    second.request_stop();
    second.join();
    CHECK(played.hear_word(2) == lost(1));
    CHECK(!played.hear_word(2));
    CHECK(!played.hear_word(1));
}

TEST_CASE("a peer has longer until its first word") {
    const auto begin = std::chrono::steady_clock::now();
    Played played(1ms, 400ms);
    const auto report = played.relay->wait();
    CHECK(report.end == End::peer_lost);
    CHECK(std::chrono::steady_clock::now() - begin >= 400ms);
}

TEST_CASE("whoever is lost to another is lost, by the same number") {
    Played played;
    played.say(1, lost(2));
    check_lost(played.relay->wait(), 2, "party 1 has lost party 2");
    CHECK(played.hear_word(1) == lost(2));
}

TEST_CASE("a peer that does not hear from us is the one that is lost") {
    Played played;
    played.say(1, lost(0));
    check_lost(played.relay->wait(), 1, "party 1 does not hear from us");
    CHECK(played.hear_word(2) == lost(1));
}

TEST_CASE("a peer cannot be made to name itself or nobody, and what is no record ends it") {
    for (const RelayRecord& wrong :
         {lost(1), lost(7), RelayRecord{Kind::data, 0}, RelayRecord{Kind::alive, 1}, RelayRecord{Kind::ready, 1},
          RelayRecord{Kind::go, 0}, RelayRecord{Kind::inputs, 0},
          RelayRecord{Kind::inputs, RelayRecord::kInputsBytesMax + 1}, RelayRecord{Kind(8), 0},
          RelayRecord{Kind(255), 0xffffff}}) {
        Played played;
        played.say(1, wrong);
        check_lost(played.relay->wait(), 1, "party 1 sent what is no record between relays");
    }
}

TEST_CASE("records arrive however they are cut, with signs of life in between") {
    Played played;
    Bytes sent;
    const auto add = [&sent](BytesView bytes) { sent.insert(sent.end(), bytes.begin(), bytes.end()); };
    add(RelayRecord{Kind::data, 3}.encode());
    add(Bytes{1, 2, 3});
    add(kAlive.encode());
    add(RelayRecord{Kind::data, 1}.encode());
    add(Bytes{4});
    for (const auto byte : sent) played.say(1, BytesView(&byte, 1));
    CHECK(played.operator_reads(1, 4) == Bytes{1, 2, 3, 4});
    CHECK(!played.relay->finished());
}

TEST_CASE("what the parties say of their inputs is heard once of each, ahead of what their operators say") {
    Played played;
    played.relay->tell_inputs({1, 2, 3});
    CHECK(played.hear_word(1) == RelayRecord{Kind::inputs, 3});
    CHECK(played.hear_word(2) == RelayRecord{Kind::inputs, 3});
    played.say(1, {Kind::inputs, 5});
    for (const std::uint8_t byte : {1, 9, 8, 7, 6}) played.say(1, BytesView(&byte, 1));
    played.say(2, {Kind::inputs, 1});
    played.say(2, Bytes{4});
    const std::map<unsigned, Bytes> all{{1, {1, 9, 8, 7, 6}}, {2, {4}}};
    CHECK(played.relay->wait_for_inputs(20s, nullptr).value() == all);
    played.say(2, {Kind::inputs, 1});
    played.say(2, Bytes{4});
    check_lost(played.relay->wait(), 2, "party 2 sent what is no record between relays");
}

TEST_CASE("what a party says of its inputs before it leaves is heard, whoever notices first that it is gone") {
    const auto says_inputs = [](Played& played, unsigned party) {
        played.say(party, {Kind::inputs, 1});
        played.say(party, Bytes{4});
    };
    // The relay hears of party 1 first.
    Played told(1h, 1h, 20ms, {}, [&](Played& played, PeerChannel&) {
        says_inputs(played, 2);
        played.say(1, lost(2));
    });
    check_lost(told.relay->wait(), 2, "party 1 has lost party 2");
    CHECK(told.relay->wait_for_inputs(20s, nullptr).value()[2] == Bytes{4});
    // Its sign of life cannot be said to party 1 any more, which left in order.
    Played left(1h, 1h, 20ms, {}, [&](Played& played, PeerChannel& to_first) {
        says_inputs(played, 1);
        CHECK(to_first.write_some(kAlive.encode()).io == Io::done);
        played.peers[1].reset();
    });
    CHECK(left.hear_word(2) == RelayRecord{Kind::gone, 1});
    CHECK(left.relay->wait_for_inputs(0ms, nullptr).value()[1] == Bytes{4});
    left.mine.reset();
    CHECK(left.relay->wait().end == End::operator_closed);
}

TEST_CASE("who ends before it says what its inputs are is waited for no longer, and a cancelled wait ends") {
    Played played;
    CancelToken cancel;
    cancel.cancel();
    CHECK(played.relay->wait_for_inputs(1h, &cancel).status() == Status::CANCELLED);
    played.say(2, {Kind::inputs, 1});
    played.say(2, Bytes{4});
    played.peers[1].reset();
    CHECK(played.relay->wait_for_inputs(1h, nullptr).value().count(1) == 0);
    played.mine.reset();
    CHECK(played.relay->wait().first_gone == 1);
}

TEST_CASE("a peer that we do not listen to is not lost, and one that is silent after that is") {
    Played played(300ms, 300ms);
    std::jthread second([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            played.say(2, kAlive);
            std::this_thread::sleep_for(20ms);
        }
    });
    // More than the operator's socket and the relay hold, so that the relay stops reading.
    constexpr std::size_t kRecord = 65536, kRecords = 64;
    std::jthread first([&] {
        for (std::size_t i = 0; i < kRecords; ++i) {
            played.say(1, RelayRecord{Kind::data, kRecord});
            played.say(1, Bytes(kRecord, 5));
        }
    });
    std::this_thread::sleep_for(900ms);
    CHECK(!played.relay->finished());
    CHECK(played.operator_reads(1, kRecord * kRecords).size() == kRecord * kRecords);
    check_lost(played.relay->wait(), 1, "party 1 was not heard of for");
}

TEST_CASE("what a peer said before it heard that all go changes nothing") {
    Played played;
    played.say(1, RelayRecord{Kind::ready, 0});
    played.say(1, RelayRecord{Kind::not_ready, 0});
    played.say(1, RelayRecord{Kind::data, 1});
    played.say(1, Bytes{7});
    CHECK(played.operator_reads(1, 1) == Bytes{7});
    CHECK(!played.relay->finished());
}

TEST_CASE("of two ends all know which was first, in whatever order they see them") {
    // Party 1 ends, and the relay tells party 2.
    Played played;
    played.peers[1].reset();
    CHECK(played.hear_word(2) == RelayRecord{Kind::gone, 1});
    played.mine.reset();
    CHECK(played.relay->wait().first_gone == 1u);
    // Party 2 saw the end of party 1, which reaches us later than its own.
    Played other;
    other.say(2, RelayRecord{Kind::gone, 1});
    other.peers[2].reset();
    CHECK(other.operator_reads(2, 1).empty());
    other.peers[1].reset();
    CHECK(other.operator_reads(1, 1).empty());
    other.mine.reset();
    CHECK(other.relay->wait().first_gone == 1u);
    // Nobody speaks of itself, of us, or of nobody.
    Played third;
    for (const unsigned wrong : {0u, 1u, 7u}) third.say(1, RelayRecord{Kind::gone, wrong});
    third.say(1, RelayRecord{Kind::data, 1});
    third.say(1, Bytes{9});
    CHECK(third.operator_reads(1, 1) == Bytes{9});
    third.mine.reset();
    CHECK_FALSE(third.relay->wait().first_gone.has_value());
}

TEST_CASE("a relay goes on where whoever read before it stopped") {
    const auto header = RelayRecord{Kind::data, 3}.encode();
    Played played(1h, 1h, 20ms,
                  {{1, Bytes(header.begin(), header.end())}, {2, Bytes(header.begin(), header.begin() + 2)}});
    played.say(1, Bytes{1, 2, 3});
    CHECK(played.operator_reads(1, 3) == Bytes{1, 2, 3});
    played.say(2, BytesView(header).subspan(2));
    played.say(2, Bytes{4, 5, 6});
    CHECK(played.operator_reads(2, 3) == Bytes{4, 5, 6});
}

TEST_CASE("a peer that reads nothing, and is there all the time, keeps no relay whose operator has ended") {
    Played played(1h, 1h, 20ms, {}, {}, 300ms);
    std::jthread alive([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            played.say(1, kAlive);
            std::this_thread::sleep_for(20ms);
        }
    });
    // More than peer and relay hold, so that the relay does not come to read the operator's end.
    CHECK(send_all(played.mine.get(), FrameHeader{1, kFrameBytesMax}.encode()));
    const Bytes part(65536, 7);
    pollfd room{played.mine.get(), POLLOUT, 0};
    while (::poll(&room, 1, 500) == 1)
        if (::send(played.mine.get(), part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) break;
    played.mine.reset();
    for (int i = 0; i < 200 && !played.relay->finished(); ++i) std::this_thread::sleep_for(50ms);
    const bool has_ended = played.relay->finished();
    CHECK(has_ended);
    if (has_ended) check_lost(played.relay->wait(), 1, "party 1 does not read");
}

TEST_CASE("what an operator said before it ended arrives over a slow line, too, while the peer says that it is there") {
    constexpr std::size_t kBytes = std::size_t(2) << 20;
    Played played;
    played.slow_down(1);
    std::thread writer([&] {
        CHECK(send_all(played.mine.get(), FrameHeader{1, kBytes}.encode()));
        CHECK(send_all(played.mine.get(), Bytes(kBytes, 7)));
        played.mine.reset();
    });
    const auto heard = played.hear_to_the_end(1);
    CHECK(heard.bytes == kBytes);
    CHECK(heard.ends_in_order);
    writer.join();
    CHECK(played.relay->wait().end == End::operator_closed);
}

TEST_CASE("the word that a party was lost arrives over a slow line, too") {
    constexpr std::size_t kBytes = std::size_t(1) << 20;
    Played played;
    played.slow_down(1);
    CHECK(send_all(played.mine.get(), FrameHeader{1, kBytes}.encode()));
    CHECK(send_all(played.mine.get(), Bytes(kBytes, 7)));
    played.say(2, lost(0));
    CHECK(played.hear_to_the_end(1).last == lost(2));
    check_lost(played.relay->wait(), 2, "party 2 does not hear from us");
}

TEST_CASE("a peer that leaves in order while the operator reads nothing is not lost, and what it said is delivered") {
    Played played;
    constexpr std::size_t kRecord = 65536, kRecords = 64;
    // Until there is no room for more.
    std::jthread second([&] {
        for (std::size_t i = 0; i < kRecords; ++i) {
            played.say(2, RelayRecord{Kind::data, kRecord});
            played.say(2, Bytes(kRecord, 5));
        }
    });
    std::this_thread::sleep_for(300ms);
    played.say(1, RelayRecord{Kind::data, 3});
    played.say(1, Bytes{1, 2, 3});
    played.peers[1].reset();
    // The relay's signs of life are answered by a reset, and cannot be sent from then on.
    std::this_thread::sleep_for(200ms);
    CHECK(!played.relay->finished());
    std::map<unsigned, std::size_t> bytes;
    while (bytes[2] < kRecord * kRecords || !bytes.contains(0)) {
        std::array<std::uint8_t, kFrameHeaderBytes> head{};
        if (::recv(played.mine.get(), head.data(), head.size(), MSG_WAITALL) != ssize_t(head.size())) break;
        const auto header = FrameHeader::decode(head.data());
        Bytes part(header.length);
        if (header.length == 0)
            bytes[0] = header.peer;
        else if (::recv(played.mine.get(), part.data(), part.size(), MSG_WAITALL) == ssize_t(part.size()))
            bytes[header.peer] += part.size();
    }
    CHECK(bytes == std::map<unsigned, std::size_t>{{0, 1}, {1, 3}, {2, kRecord * kRecords}});
    played.mine.reset();
    const auto report = played.relay->wait();
    CHECK_MESSAGE(report.end == End::operator_closed, report.detail);
    CHECK(report.first_gone == 1u);
}

TEST_CASE("a peer that left while the operator read nothing keeps no relay whose operator has ended") {
    Played played;
    std::jthread second([&] {
        for (int i = 0; i < 64; ++i) {
            played.say(2, RelayRecord{Kind::data, 65536});
            played.say(2, Bytes(65536, 5));
        }
    });
    std::this_thread::sleep_for(300ms);
    played.peers[1].reset();
    std::this_thread::sleep_for(200ms);
    played.mine.reset();
    const auto begin = std::chrono::steady_clock::now();
    const auto report = played.relay->wait();
    CHECK_MESSAGE(report.end == End::operator_closed, report.detail);
    CHECK(std::chrono::steady_clock::now() - begin < 15s);
}

TEST_CASE("a peer that leaves in order with bytes of the operator unread is lost") {
    Played played;
    played.slow_down(1);
    CHECK(send_all(played.mine.get(), FrameHeader{1, kFrameBytesMax}.encode()));
    const Bytes part(65536, 7);
    pollfd room{played.mine.get(), POLLOUT, 0};
    while (::poll(&room, 1, 300) == 1)
        if (::send(played.mine.get(), part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) break;
    played.peers[1]->close_write();
    check_lost(played.relay->wait(), 1, "party 1 ended with our bytes unread");
}
