/// Who may become a peer: the right key, on this connection, for this run, and nobody else.

#include "net/peers.hpp"

#include "net/peer_binding.hpp"
#include "net/peer_tls.hpp"

#include "support/must.hpp"

#include <cstring>
#include <map>
#include <poll.h>
#include <set>

using namespace c2d;
using namespace c2d::test;
using c2d::support::must;

namespace {

std::string name_of(const Connected& result) { return result ? "connected" : result.error().name; }

/// Blocking helpers over the non-blocking channel, for tests.
void write_all(PeerChannel& channel, BytesView bytes) {
    while (!bytes.empty()) {
        const auto step = channel.write_some(bytes);
        if (step.io == PeerChannel::Io::done) {
            bytes = bytes.subspan(step.bytes_count);
            continue;
        }
        REQUIRE((step.io == PeerChannel::Io::want_read || step.io == PeerChannel::Io::want_write));
        pollfd entry{channel.fd(), POLLIN | POLLOUT, 0};
        ::poll(&entry, 1, 1000);
    }
}
Bytes read_exactly(PeerChannel& channel, std::size_t count) {
    Bytes out(count);
    std::size_t got = 0;
    while (got < count) {
        const auto step = channel.read_some(std::span(out).subspan(got));
        if (step.io == PeerChannel::Io::done) {
            got += step.bytes_count;
            continue;
        }
        REQUIRE((step.io == PeerChannel::Io::want_read || step.io == PeerChannel::Io::want_write));
        pollfd entry{channel.fd(), POLLIN, 0};
        REQUIRE(::poll(&entry, 1, 5000) > 0);
    }
    return out;
}

Fd dial(std::uint16_t port) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    REQUIRE(::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    return fd;
}

/// A TLS client of our own that says what it likes after the handshake.
struct Intruder {
    SslContext context;
    std::unique_ptr<PeerChannel::Impl> impl;

    explicit Intruder(std::uint16_t port) {
        context = *make_peer_context();
        impl = *PeerChannel::Impl::make(context.get(), dial(port), false);  // blocking socket
        REQUIRE(impl->handshake() == PeerChannel::Io::done);
    }
    void send(BytesView bytes) { CHECK(impl->write_some(bytes).io == PeerChannel::Io::done); }
    /// Everything until the other side closes.
    Bytes hear() {
        Bytes out;
        std::uint8_t buffer[1024];
        for (;;) {
            const auto step = impl->read_some(buffer);
            if (step.io != PeerChannel::Io::done) return out;
            out.insert(out.end(), buffer, buffer + step.bytes_count);
        }
    }
};

/// A binding as party 0 to party 1 would sign it, on this connection.
SignedPeerBinding honest(const Bytes32& exporter) {
    SignedPeerBinding out;
    out.binding = PeerBinding::of(session(), 0, 1, exporter);
    out.signature = *key_of(0)->sign_digest(out.binding.digest(session().domain));
    return out;
}

}  // namespace

TEST_CASE("three parties connect and every pair is joined correctly") {
    auto options = options_of(3);
    auto connected = connect_all(options);
    for (unsigned me = 0; me < 3; ++me) {
        REQUIRE(name_of(connected[me]) == "connected");
        REQUIRE(connected[me]->size() == 2);
        CHECK((*connected[me])[0]->party() == (me == 0 ? 1 : 0));
        CHECK((*connected[me])[1]->party() == (me == 2 ? 1 : 2));
    }
    for (unsigned me = 0; me < 3; ++me)
        for (auto& channel : *connected[me]) {
            const Bytes name{static_cast<std::uint8_t>(10 * me + channel->party())};
            write_all(*channel, name);
        }
    for (unsigned me = 0; me < 3; ++me)
        for (auto& channel : *connected[me]) CHECK(read_exactly(*channel, 1)[0] == 10 * channel->party() + me);
}

TEST_CASE("the two ends of a connection share a secret that no other pair, and no other connection, has") {
    std::set<Bytes32> seen;
    for (int time = 0; time < 2; ++time) {
        auto connected = connect_all(options_of(3));
        std::map<std::pair<unsigned, unsigned>, Bytes32> secrets;
        for (unsigned me = 0; me < 3; ++me)
            for (const auto& channel : *connected[me]) secrets[{me, channel->party()}] = must(channel->shared_secret());
        REQUIRE(secrets.size() == 6);
        for (const auto& [who, secret] : secrets) {
            CHECK(secret == secrets.at({who.second, who.first}));
            if (who.first < who.second) CHECK(seen.insert(secret).second);
        }
    }
}

TEST_CASE("what keys are bound to depends on everything that a session has in common, and on the connection") {
    Bytes32 secret;
    secret.data.fill(1);
    std::set<Bytes32> seen{session_binding(session(), secret)};
    CHECK(seen.count(session_binding(session(), secret)) == 1);
    const auto differs = [&](auto change) {
        PeerSession other = session();
        change(other);
        CHECK(seen.insert(session_binding(other, secret)).second);
    };
    differs([](PeerSession& s) { ++s.session_id; });
    differs([](PeerSession& s) { s.algorithm.data[0] ^= 1; });
    differs([](PeerSession& s) { s.arguments_hash.data[0] ^= 1; });
    differs([](PeerSession& s) { s.code_hash.data[0] ^= 1; });
    differs([](PeerSession& s) { ++s.attempt; });
    secret.data[0] = 2;
    CHECK(seen.insert(session_binding(session(), secret)).second);
}

TEST_CASE("keys are bound to what both ends said of their inputs, and to who said it") {
    Bytes32 binding;
    binding.data.fill(3);
    const Bytes one{1, 2}, other{1, 3}, empty;
    std::set<Bytes32> seen{binding, with_inputs(binding, one, other)};
    CHECK(seen.count(with_inputs(binding, one, other)) == 1);
    CHECK(seen.insert(with_inputs(binding, other, one)).second);
    CHECK(seen.insert(with_inputs(binding, one, one)).second);
    CHECK(seen.insert(with_inputs(binding, one, empty)).second);
    CHECK(seen.insert(with_inputs(binding, empty, one)).second);
    binding.data[0] = 4;
    CHECK(seen.insert(with_inputs(binding, one, other)).second);
}

TEST_CASE("the binding's digest is EIP-712's, and its bytes are as documented") {
    const SignedPeerBinding message = honest(Bytes32{});
    const Bytes bytes = encode_peer_binding(message);
    REQUIRE(bytes.size() == kPeerBindingBytes);
    CHECK(as_text(BytesView(bytes).first(8)) == "C2DPEER1");
    CHECK(bytes[8 + 31] == 42);
    CHECK(bytes[8 + 32] == 0xa1);
    CHECK(bytes[8 + 64] == 0);
    CHECK(bytes[8 + 65] == 1);
    CHECK(bytes[8 + 66 + 64 + 3] == 1);
    const auto back = decode_peer_binding(bytes);
    REQUIRE(back.ok());
    CHECK(back->binding == message.binding);
    CHECK(back->signature == message.signature);
    for (std::size_t cut = 0; cut < bytes.size(); ++cut) CHECK(!decode_peer_binding(BytesView(bytes).first(cut)).ok());
    Bytes huge = bytes;
    huge[8 + 20] = 1;  // a job number beyond 64 bits
    CHECK(!decode_peer_binding(huge).ok());
}

TEST_CASE("every field of the binding is checked") {
    const PeerBinding expected = PeerBinding::of(session(), 0, 1, Bytes32{});
    const auto verdict_of = [&](auto change, unsigned signer = 0) {
        SignedPeerBinding message = honest(Bytes32{});
        change(message.binding);
        message.signature = *key_of(signer)->sign_digest(message.binding.digest(session().domain));
        return check_peer_binding(message, expected, key_of(0)->address(), session().domain).verdict;
    };
    CHECK(verdict_of([](PeerBinding&) {}) == PeerVerdict::accepted);
    CHECK(verdict_of([](PeerBinding&) {}, 2) == PeerVerdict::unauthenticated);
    CHECK(verdict_of([](PeerBinding& b) { b.exporter.data[3] ^= 1; }) == PeerVerdict::unauthenticated);
    CHECK(verdict_of([](PeerBinding& b) { b.party = 1; }) == PeerVerdict::unauthenticated);
    CHECK(verdict_of([](PeerBinding& b) { b.peer = 2; }) == PeerVerdict::unauthenticated);
    CHECK(verdict_of([](PeerBinding& b) { std::swap(b.party, b.peer); }) == PeerVerdict::unauthenticated);
    CHECK(verdict_of([](PeerBinding& b) { b.session_id = 43; }) == PeerVerdict::other_session);
    CHECK(verdict_of([](PeerBinding& b) { b.attempt = 2; }) == PeerVerdict::other_session);
    CHECK(verdict_of([](PeerBinding& b) { b.algorithm.data[0] ^= 1; }) == PeerVerdict::disagrees);
    CHECK(verdict_of([](PeerBinding& b) { b.arguments_hash.data[0] ^= 1; }) == PeerVerdict::disagrees);
    CHECK(verdict_of([](PeerBinding& b) { b.code_hash.data[0] ^= 1; }) == PeerVerdict::disagrees);
    // Signed for another ledger: the domain is part of the digest.
    eip712::Domain other = session().domain;
    other.chain_id = 8;
    CHECK(check_peer_binding(honest(Bytes32{}), expected, key_of(0)->address(), other).verdict ==
          PeerVerdict::unauthenticated);
    // Fields changed after signing.
    SignedPeerBinding forged = honest(Bytes32{});
    forged.binding.arguments_hash.data[5] ^= 1;
    CHECK(check_peer_binding(forged, expected, key_of(0)->address(), session().domain).verdict ==
          PeerVerdict::unauthenticated);
}

TEST_CASE("a key that speaks for the expected address may sign, and that address only where it speaks for itself") {
    const PeerBinding expected = PeerBinding::of(session(), 0, 1, Bytes32{});
    const auto verdict_of = [&](unsigned signer, const SpeaksFor& speaks_for) {
        SignedPeerBinding message = honest(Bytes32{});
        message.signature = *key_of(signer)->sign_digest(message.binding.digest(session().domain));
        return check_peer_binding(message, expected, key_of(0)->address(), session().domain, speaks_for).verdict;
    };
    const auto delegate_alone = [](const Address& signer, const Address& owner) {
        return owner == key_of(0)->address() && signer == key_of(2)->address();
    };
    CHECK(verdict_of(2, delegate_alone) == PeerVerdict::accepted);
    CHECK(verdict_of(0, delegate_alone) == PeerVerdict::unauthenticated);
    CHECK(verdict_of(1, delegate_alone) == PeerVerdict::unauthenticated);
}

TEST_CASE("a wrong key is never accepted, and the error names the party") {
    for (const unsigned liar : {0u, 1u}) {
        auto options = options_of(2);
        options[liar].signer = key_of(9);
        for (auto& o : options) o.deadline = std::chrono::milliseconds(700);
        const auto connected = connect_all(options);
        CHECK(name_of(connected[1 - liar]) == "peer_missing");
        CHECK(connected[1 - liar].error().code == liar);
        CHECK(connected[1 - liar].error().message.find("signed by") != std::string::npos);
        CHECK(name_of(connected[liar]) == "peer_missing");
    }
}

TEST_CASE("other arguments, code or algorithm end both sides at once") {
    for (const int field : {0, 1, 2}) {
        auto options = options_of(2);
        PeerSession& spoiled = options[1].session;
        (field == 0 ? spoiled.arguments_hash : field == 1 ? spoiled.code_hash : spoiled.algorithm).data[0] ^= 1;
        const auto start = std::chrono::steady_clock::now();
        const auto connected = connect_all(options);
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
        for (const unsigned party : {0u, 1u}) {
            CHECK(name_of(connected[party]) == "peer_disagrees");
            CHECK(connected[party].status() == Status::PEER);
            CHECK(connected[party].error().code == 1 - party);
        }
    }
}

TEST_CASE("a peer of another session or attempt is waited out, not joined") {
    for (const bool other_session : {true, false}) {
        auto options = options_of(2);
        if (other_session)
            options[0].session.session_id = 43;
        else
            options[0].session.attempt = 2;
        for (auto& o : options) o.deadline = std::chrono::milliseconds(600);
        const auto connected = connect_all(options);
        for (const auto& result : connected) CHECK(name_of(result) == "peer_missing");
        CHECK(connected[1].error().message.find(other_session ? "session 43" : "attempt 2") != std::string::npos);
    }
}

TEST_CASE("unauthenticated callers, replays and reflections are dropped and the true peer still gets in") {
    auto options = options_of(2);
    const std::uint16_t port = options[0].peers[0].port;
    Connected server = Error();
    std::thread thread([&] { server = connect_peers(options[1]); });
    // No TLS at all; silence; a half-sent binding.
    const Fd noise = dial(port), silence = dial(port);
    CHECK(::send(noise.get(), "GET / HTTP/1.0\r\n\r\n", 18, MSG_NOSIGNAL) == 18);
    Intruder half(port);
    half.send(BytesView(encode_peer_binding(honest(*half.impl->exporter()))).first(100));
    // A binding that was honest on another connection.
    Intruder first(port);
    const Bytes recorded = encode_peer_binding(honest(Bytes32{}));
    first.send(recorded);
    CHECK(first.hear().empty());
    // The right fields and exporter, the wrong key: it hears nothing either.
    Intruder second(port);
    SignedPeerBinding message = honest(*second.impl->exporter());
    message.signature = *key_of(5)->sign_digest(message.binding.digest(session().domain));
    second.send(encode_peer_binding(message));
    CHECK(second.hear().empty());
    // Garbage of the right size, and a party that nobody expects.
    Intruder third(port);
    third.send(Bytes(kPeerBindingBytes, 0x55));
    CHECK(third.hear().empty());
    Intruder fourth(port);
    message = honest(*fourth.impl->exporter());
    message.binding.party = 7;
    fourth.send(encode_peer_binding(message));
    CHECK(fourth.hear().empty());
    const Connected client = connect_peers(options[0]);
    thread.join();
    CHECK(name_of(client) == "connected");
    CHECK(name_of(server) == "connected");
}

TEST_CASE("a flood of silent connections does not lock the true peer out") {
    auto options = options_of(2);
    Connected server = Error();
    std::thread thread([&] { server = connect_peers(options[1]); });
    std::vector<Fd> flood;
    for (int i = 0; i < 60; ++i) flood.push_back(dial(options[0].peers[0].port));
    const Connected client = connect_peers(options[0]);
    thread.join();
    CHECK(name_of(client) == "connected");
    CHECK(name_of(server) == "connected");
}

TEST_CASE("a server that proves nothing gets only a signed statement out of the dialling side") {
    auto options = options_of(2);
    options[0].deadline = std::chrono::milliseconds(500);
    // Replays party 0's own binding back to it: the reflection must not be taken for party 1's.
    std::thread server([&, fd = options[1].listen_fd.get()] {
        const SslContext context = *make_peer_context();
        pollfd entry{fd, POLLIN, 0};
        while (::poll(&entry, 1, 700) > 0) {
            Fd accepted(::accept4(fd, nullptr, nullptr, SOCK_CLOEXEC));
            auto impl = *PeerChannel::Impl::make(context.get(), std::move(accepted), true);
            if (impl->handshake() != PeerChannel::Io::done) continue;
            Bytes binding(kPeerBindingBytes);
            std::size_t got = 0;
            while (got < binding.size()) {
                const auto step = impl->read_some(std::span(binding).subspan(got));
                if (step.io != PeerChannel::Io::done) break;
                got += step.bytes_count;
            }
            (void)impl->write_some(binding);
            (void)impl->write_some(Bytes{1});
            std::uint8_t more[64];
            CHECK(impl->read_some(more).io != PeerChannel::Io::done);
        }
    });
    const Connected client = connect_peers(options[0]);
    server.join();
    CHECK(name_of(client) == "peer_missing");
    CHECK(client.error().message.find("party 1") != std::string::npos);
}

TEST_CASE("nobody there: bounded time, the party named; cancel; forbidden networks") {
    auto options = options_of(3);
    options[2].listen_fd.reset();
    options[0].deadline = options[1].deadline = std::chrono::milliseconds(400);
    const auto start = std::chrono::steady_clock::now();
    Connected zero = Error();
    std::thread thread([&] { zero = connect_peers(options[0]); });
    const Connected one = connect_peers(options[1]);
    thread.join();
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(3));
    CHECK(name_of(zero) == "peer_missing");
    CHECK(zero.error().code == 2);
    CHECK(zero.error().message.find("peer_missing: party 2 at 127.0.0.1:") == 0);
    CHECK(one.error().code == 2);

    CancelToken cancel;
    auto again = options_of(2);
    again[0].cancel = &cancel;
    again[1].listen_fd.reset();
    std::thread canceller([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
        cancel.cancel();
    });
    CHECK(connect_peers(again[0]).status() == Status::CANCELLED);
    canceller.join();

    again[0].cancel = nullptr;
    std::string asked;
    again[0].allow_address = [&](std::string_view ip) {
        asked = ip;
        return false;
    };
    const Connected forbidden = connect_peers(again[0]);
    CHECK(name_of(forbidden) == "peer_forbidden");
    CHECK(asked == "127.0.0.1");
}

TEST_CASE("a peer that starts later is found; options that make no sense are refused") {
    auto options = options_of(2);
    Connected late = Error();
    std::thread thread([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        late = connect_peers(options[0]);
    });
    CHECK(name_of(connect_peers(options[1])) == "connected");
    thread.join();
    auto twice = options_of(2);
    twice[0].peers.push_back(twice[0].peers[0]);
    CHECK(connect_peers(twice[0]).status() == Status::INVALID_ARGUMENT);
    auto nobody = options_of(2);
    nobody[0].peers.clear();
    CHECK(connect_peers(nobody[0]).status() == Status::INVALID_ARGUMENT);
    auto unsigned_one = options_of(2);
    unsigned_one[0].signer.reset();
    CHECK(connect_peers(unsigned_one[0]).status() == Status::INVALID_ARGUMENT);
}
