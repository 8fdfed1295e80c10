/// The relay between an operator's socketpair and its peers.

#include "net/frame_relay.hpp"

#include "net/peers.hpp"

#include <atomic>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <random>
#include <unistd.h>

using namespace c2d;
using namespace c2d::test;
using End = FrameRelayReport::End;

namespace {

/// Two parties behind relays; `mine[i]` is what operator i would hold.
struct Rig {
    Fd mine[2];
    std::unique_ptr<FrameRelay> relay[2];
    CancelToken cancel;

    explicit Rig(std::uint64_t bytes_max = 1ull << 40, std::function<void(bool, unsigned, BytesView)> transcript = {}) {
        auto options = options_of(2);
        auto connected = connect_all(options);
        for (unsigned i = 0; i < 2; ++i) {
            REQUIRE(connected[i].ok());
            int pair[2];
            REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
            mine[i] = Fd(pair[0]);
            FrameRelayOptions relay_options;
            relay_options.operator_fd = Fd(pair[1]);
            relay_options.party = i;
            relay_options.peers = *std::move(connected[i]);
            relay_options.bytes_max = i == 0 ? bytes_max : 1ull << 40;
            relay_options.cancel = &cancel;
            if (i == 0) relay_options.transcript = transcript;
            relay[i] = *FrameRelay::start(std::move(relay_options));
        }
    }
    /// Stops where the relay has closed: what it made of the frame is in its report.
    void send(unsigned i, unsigned peer, BytesView payload) {
        const auto header = FrameHeader{peer, static_cast<std::uint32_t>(payload.size())}.encode();
        if (send_all(mine[i].get(), header)) send_all(mine[i].get(), payload);
    }
    Bytes raw(unsigned i, std::size_t count) {
        Bytes out(count);
        std::size_t got = 0;
        while (got < count) {
            const ssize_t n = ::read(mine[i].get(), out.data() + got, count - got);
            if (n <= 0) {
                out.resize(got);
                return out;
            }
            got += static_cast<std::size_t>(n);
        }
        return out;
    }
    /// Payload of frames from `peer` until `count` bytes are there, or its end.
    Bytes receive(unsigned i, unsigned peer, std::size_t count) {
        Bytes out;
        while (out.size() < count) {
            const Bytes head = raw(i, 8);
            if (head.size() != 8) break;
            const FrameHeader header = FrameHeader::decode(head.data());
            CHECK(header.peer == peer);
            if (header.length == 0) break;
            const Bytes part = raw(i, header.length);
            out.insert(out.end(), part.begin(), part.end());
        }
        return out;
    }
};

Bytes random_bytes(std::size_t count) {
    std::mt19937_64 random(count);
    Bytes out(count);
    for (auto& byte : out) byte = static_cast<std::uint8_t>(random());
    return out;
}

}  // namespace

TEST_CASE("bytes arrive, in order, in both directions, small and large, and are counted") {
    std::atomic<std::size_t> seen_out{0}, seen_in{0};
    Rig rig(1ull << 40, [&](bool outgoing, unsigned peer, BytesView bytes) {
        CHECK(peer == 1);
        (outgoing ? seen_out : seen_in) += bytes.size();
    });
    std::size_t total = 0;
    for (const std::size_t size : {1ul, 7ul, 1000ul, 65536ul, 300000ul, 16ul << 20}) {
        const Bytes data = random_bytes(size);
        total += size;
        std::thread there([&] { rig.send(0, 1, data); });
        std::thread back([&] { rig.send(1, 0, data); });
        Bytes at_zero;
        std::thread reader([&] { at_zero = rig.receive(0, 1, size); });
        CHECK(rig.receive(1, 0, size) == data);
        reader.join();
        there.join();
        back.join();
        CHECK(at_zero == data);
    }
    rig.mine[0].reset();
    const FrameRelayReport report = rig.relay[0]->wait();
    CHECK(report.end == End::operator_closed);
    CHECK(report.bytes_to_peers == total);
    CHECK(report.bytes_from_peers == total);
    CHECK(seen_out == total);
    CHECK(seen_in == total);
    // The other side learns the end as a frame of length 0 and goes on until its operator ends.
    CHECK(rig.receive(1, 0, 1).empty());
    CHECK(!rig.relay[1]->finished());
    rig.mine[1].reset();
    CHECK(rig.relay[1]->wait().end == End::operator_closed);
}

TEST_CASE("what was sent before the operator closed is delivered, backpressure or not") {
    Rig rig;
    const Bytes data = random_bytes(8u << 20);
    std::thread writer([&] {
        rig.send(0, 1, data);
        rig.mine[0].reset();
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(300));  // nobody reads yet
    CHECK(rig.receive(1, 0, data.size()) == data);
    writer.join();
    CHECK(rig.relay[0]->wait().end == End::operator_closed);
}

TEST_CASE("a reader that sleeps slows the writer down: memory is bounded") {
    Rig rig;
    std::atomic<std::size_t> written{0};
    std::atomic<bool> stop{false};
    std::thread writer([&] {
        const Bytes data(65536, 1);
        const auto header = FrameHeader{1, 65536}.encode();
        Bytes frame(header.begin(), header.end());
        frame.insert(frame.end(), data.begin(), data.end());
        std::size_t offset = 0;
        while (!stop) {
            const ssize_t n =
                ::send(rig.mine[0].get(), frame.data() + offset, frame.size() - offset, MSG_DONTWAIT | MSG_NOSIGNAL);
            if (n > 0) {
                written += static_cast<std::size_t>(n);
                offset = (offset + static_cast<std::size_t>(n)) % frame.size();
            } else {
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            }
        }
    });
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    stop = true;
    writer.join();
    // Kernel buffers of a socketpair, a TCP connection and again a socketpair, and ours.
    CHECK(written < (32u << 20));
    CHECK(!rig.relay[0]->finished());
}

TEST_CASE("malformed frames end the relay") {
    struct Case {
        std::uint32_t peer, length;
    };
    for (const Case& bad : {Case{0, 5}, Case{2, 5}, Case{7, 5}, Case{0xffffffff, 5}, Case{1, 0},
                            Case{1, kFrameBytesMax + 1}, Case{1, 0xffffffff}}) {
        Rig rig;
        CHECK(send_all(rig.mine[0].get(), FrameHeader{bad.peer, bad.length}.encode()));
        CHECK(rig.relay[0]->wait().end == End::malformed_frame);
        CHECK(rig.raw(0, 1).empty());  // the operator sees the close
    }
}

TEST_CASE("a frame that is cut off is malformed") {
    for (const std::size_t cut : {3ul, 8ul, 11ul}) {
        Rig rig;
        const auto header = FrameHeader{1, 10}.encode();
        Bytes bytes(header.begin(), header.end());
        bytes.resize(18, 0x33);
        CHECK(send_all(rig.mine[0].get(), BytesView(bytes).first(cut)));
        rig.mine[0].reset();
        CHECK(rig.relay[0]->wait().end == End::malformed_frame);
    }
}

TEST_CASE("the byte cap ends the relay") {
    Rig rig(100000);
    const Bytes data = random_bytes(60000);
    rig.send(0, 1, data);
    CHECK(rig.receive(1, 0, data.size()) == data);
    rig.send(0, 1, data);
    CHECK(rig.relay[0]->wait().end == End::byte_limit);
}

TEST_CASE("a peer that vanishes is named at once, after what it had sent") {
    Rig rig;
    const Bytes data = random_bytes(1000);
    rig.send(1, 0, data);
    CHECK(rig.receive(0, 1, data.size()) == data);
    rig.relay[1]->stop();  // no close_notify
    CHECK(rig.relay[1]->wait().end == End::cancelled);
    CHECK(rig.receive(0, 1, 1).empty());
    const FrameRelayReport report = rig.relay[0]->wait();
    CHECK(report.end == End::peer_lost);
    CHECK(report.party == 1u);
    CHECK(report.detail.find("party 1") != std::string::npos);
}

TEST_CASE("sending to a peer that has finished is peer_lost") {
    Rig rig;
    rig.mine[1].reset();
    CHECK(rig.receive(0, 1, 1).empty());
    CHECK(!rig.relay[0]->finished());
    rig.send(0, 1, random_bytes(10));
    const FrameRelayReport report = rig.relay[0]->wait();
    CHECK(report.end == End::peer_lost);
    CHECK(report.party == 1u);
}

TEST_CASE("cancelling ends both within bounded time") {
    Rig rig;
    const auto start = std::chrono::steady_clock::now();
    rig.cancel.cancel();
    for (auto& relay : rig.relay) {
        const End end = relay->wait().end;
        CHECK((end == End::cancelled || end == End::peer_lost));
    }
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(3));
}

TEST_CASE("descriptors passed by an operator reach nobody") {
    Rig rig;
    int pipe_ends[2];
    REQUIRE(::pipe2(pipe_ends, O_CLOEXEC) == 0);
    Fd read_end(pipe_ends[0]);
    const auto header = FrameHeader{1, 1}.encode();
    iovec part{const_cast<std::uint8_t*>(header.data()), header.size()};
    alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control;
    message.msg_controllen = sizeof control;
    cmsghdr* entry = CMSG_FIRSTHDR(&message);
    entry->cmsg_level = SOL_SOCKET;
    entry->cmsg_type = SCM_RIGHTS;
    entry->cmsg_len = CMSG_LEN(sizeof(int));
    std::memcpy(CMSG_DATA(entry), &pipe_ends[1], sizeof(int));
    REQUIRE(::sendmsg(rig.mine[0].get(), &message, MSG_NOSIGNAL) == 8);
    ::close(pipe_ends[1]);
    CHECK(send_all(rig.mine[0].get(), Bytes{0x42}));
    CHECK(rig.receive(1, 0, 1) == Bytes{0x42});
    // Had the relay kept the write end, the pipe would not be at its end.
    std::uint8_t byte = 0;
    CHECK(::read(read_end.get(), &byte, 1) == 0);
}

TEST_CASE("options that make no sense") { CHECK(FrameRelay::start({}).status() == Status::INVALID_ARGUMENT); }
