#include "bench/three_parties.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "bench/slow_wires.hpp"

#include <c2d/key.hpp>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

namespace c2d::bench {
namespace {

constexpr unsigned kCount = 3;

using Listener = BenchListener;

}  // namespace

Result<BenchListener> listen_on_loopback() {
    Listener out{Fd(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)), 0};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    if (::bind(out.fd.get(), reinterpret_cast<sockaddr*>(&address), length) != 0 || ::listen(out.fd.get(), 8) != 0 ||
        ::getsockname(out.fd.get(), reinterpret_cast<sockaddr*>(&address), &length) != 0)
        return fail(Status::IO, "cannot listen on loopback: {}", errno_text(errno));
    out.port = ntohs(address.sin_port);
    return out;
}

namespace {

/// Where party `from` dials party `to`.
using Ports = std::uint16_t[kCount][kCount];

Result<PeerConnectOptions> options_of(unsigned party, std::vector<Listener>& listeners, const Ports& ports,
                                      const std::vector<std::shared_ptr<PrivateKey>>& keys) {
    PeerConnectOptions options;
    options.party = party;
    options.signer = keys[party];
    options.listen_fd = std::move(listeners[party].fd);
    for (unsigned peer = 0; peer < kCount; ++peer)
        if (peer != party) options.peers.push_back({peer, "127.0.0.1", ports[party][peer], keys[peer]->address()});
    return options;
}

/// A party's answer: one byte, 1 for numbers and 0 for an error's text.
void answer(int fd, const Result<std::vector<double>>& result) {
    Bytes bytes;
    bytes.push_back(result.ok() ? 1 : 0);
    if (result.ok()) {
        const auto* data = reinterpret_cast<const std::uint8_t*>(result->data());
        bytes.insert(bytes.end(), data, data + result->size() * sizeof(double));
    } else {
        const std::string& text = result.error().message;
        bytes.insert(bytes.end(), text.begin(), text.end());
    }
    // Below the size of a pipe's buffer, so it is written whole.
    if (::write(fd, bytes.data(), bytes.size()) < 0) ::_exit(1);
}

Result<std::vector<double>> read_answer(int fd) {
    Bytes bytes;
    std::uint8_t buffer[4096];
    for (ssize_t n; (n = ::read(fd, buffer, sizeof buffer)) > 0;) bytes.insert(bytes.end(), buffer, buffer + n);
    if (bytes.empty()) return fail(Status::INTERNAL, "a party of the bench ended without an answer");
    if (bytes[0] == 0) return fail(Status::INTERNAL, "{}", std::string(bytes.begin() + 1, bytes.end()));
    std::vector<double> out((bytes.size() - 1) / sizeof(double));
    std::copy(bytes.begin() + 1, bytes.end(), reinterpret_cast<std::uint8_t*>(out.data()));
    return out;
}

Result<std::vector<double>> take_part(unsigned party, std::vector<Listener>& listeners, const Ports& ports,
                                      const std::vector<std::shared_ptr<PrivateKey>>& keys,
                                      const PartyProgram& program) {
    C2D_TRY(const auto options, options_of(party, listeners, ports, keys));
    C2D_TRY(auto channels, connect_peers(options));
    return program(party, std::move(channels));
}

}  // namespace

Result<std::vector<std::vector<double>>> run_three_parties(const PartyProgram& program, SlowWires* wires) {
    std::vector<Listener> listeners;
    std::vector<std::shared_ptr<PrivateKey>> keys;
    for (unsigned i = 0; i < kCount; ++i) {
        C2D_TRY(auto listener, listen_on_loopback());
        listeners.push_back(std::move(listener));
        C2D_TRY(auto key, PrivateKey::generate());
        keys.push_back(std::move(key));
    }
    Ports ports = {};
    for (unsigned from = 0; from < kCount; ++from)
        for (unsigned to = 0; to < kCount; ++to) {
            ports[from][to] = listeners[to].port;
            // Only the lower party dials.
            if (wires && from < to) {
                C2D_TRY(ports[from][to], wires->route(from, to, listeners[to].port));
            }
        }
    if (wires) C2D_CHECK(wires->start());
    Fd answers[kCount];
    pid_t pids[kCount] = {};
    for (unsigned party = 0; party < kCount; ++party) {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return fail(Status::IO, "cannot make a pipe: {}", errno_text(errno));
        answers[party] = Fd(ends[0]);
        pids[party] = ::fork();
        if (pids[party] == 0) {
            answer(ends[1], take_part(party, listeners, ports, keys, program));
            ::_exit(0);
        }
        ::close(ends[1]);
    }
    std::vector<Result<std::vector<double>>> results;
    for (unsigned party = 0; party < kCount; ++party) {
        results.push_back(read_answer(answers[party].get()));
        if (pids[party] > 0) ::waitpid(pids[party], nullptr, 0);
    }
    std::vector<std::vector<double>> out;
    for (auto& result : results) {
        if (!result.ok()) return result.error();
        out.push_back(*std::move(result));
    }
    return out;
}

}  // namespace c2d::bench
