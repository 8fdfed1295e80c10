#include "bench/provider_load.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "bench/bench.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>

namespace c2d::bench {

namespace {

using SteadyClock = std::chrono::steady_clock;

double seconds_since(SteadyClock::time_point start) {
    return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

Result<std::vector<double>> ask_in_turn(HttpTransport& http, std::uint16_t port, const VerifierWorld& world,
                                        const Solver& solver, SteadyClock::time_point until) {
    RequestBody body;
    body.method = Method::verify;
    body.audience = world.owner->address();
    body.dt = world.dt;
    body.algo_dt = solver.algorithm;
    body.job_id = solver.job_id;
    std::vector<double> latencies;
    while (SteadyClock::now() < until) {
        C2D_TRY(auto text, signed_body(body, world.registry.chain().network(), *solver.key, *Random::system(),
                                       Clock::system()->now_seconds()));
        const auto asked = SteadyClock::now();
        C2D_TRY(const auto answer,
                http.send({"POST", fmt::format("http://127.0.0.1:{}/v1/verify", port), std::move(text), {}}));
        if (answer.status != 200)
            return fail(Status::REFUSED, "an honest request was answered {}: {}", answer.status, answer.body);
        latencies.push_back(seconds_since(asked));
    }
    return latencies;
}

/// A connection of its own, non-blocking.
Fd connect_to(std::uint16_t port) {
    Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) fd.reset();
    return fd;
}

/// What a client of that number sends: nonsense, or a request with a signature that fits some key or other.
std::string hostile_request(const VerifierWorld& world, std::uint64_t number) {
    std::string body = R"({"dt":"\u001b[2Jnonsense\n","nonce":)" + std::string(200, '7');
    if (number % 2 == 0) {
        Bytes32 nonce, half;
        (void)Random::system()->fill(nonce.data).ok();
        (void)Random::system()->fill(half.data).ok();
        body = fmt::format(R"({{"dt":"{}","algo_dt":"{}","job_id":{},"nonce":"{}","expiry":{},"signature":"{}{}1b"}})",
                           token_text(world.dt), token_text(world.algorithm), world.job_id, hex_text(nonce),
                           Clock::system()->now_seconds() + 300, hex_text(nonce), "0" + hex_text(half).substr(3));
    }
    return fmt::format("POST /v1/verify HTTP/1.1\r\nHost: p\r\nContent-Length: {}\r\n\r\n{}", body.size(), body);
}

}  // namespace

double quantile(std::vector<double> latencies, double fraction) {
    if (latencies.empty()) return 0;
    const auto at = std::min(latencies.size() - 1, std::size_t(double(latencies.size()) * fraction));
    std::ranges::nth_element(latencies, latencies.begin() + std::ptrdiff_t(at));
    return latencies[at];
}

Result<Load> verify_load(std::uint16_t port, const VerifierWorld& world, const std::vector<Solver>& solvers,
                         std::chrono::milliseconds duration) {
    const auto http = HttpTransport::curl();
    const auto start = SteadyClock::now();
    std::vector<Result<std::vector<double>>> all(solvers.size(), std::vector<double>());
    std::vector<std::thread> clients;
    for (std::size_t i = 0; i < solvers.size(); ++i)
        clients.emplace_back([&, i] { all[i] = ask_in_turn(*http, port, world, solvers[i], start + duration); });
    for (auto& client : clients) client.join();
    Load load;
    load.seconds = seconds_since(start);
    for (auto& one : all) {
        if (!one) return one.error();
        load.latencies.insert(load.latencies.end(), one->begin(), one->end());
    }
    return load;
}

Hostile::Hostile(std::uint16_t port, const VerifierWorld& world, unsigned clients)
    : thread_([this, port, &world, clients] { run(port, world, clients); }) {}

Hostile::~Hostile() {
    stopping_ = true;
    thread_.join();
}

void Hostile::run(std::uint16_t port, const VerifierWorld& world, unsigned clients) {
    std::vector<Fd> sockets(clients);
    std::vector<pollfd> polled(clients);
    std::uint64_t number = 0;
    const auto send_next = [&](std::size_t i) {
        if (!sockets[i]) sockets[i] = connect_to(port);
        const auto text = hostile_request(world, ++number);
        if (!sockets[i] || ::send(sockets[i].get(), text.data(), text.size(), MSG_NOSIGNAL) != ssize_t(text.size()))
            sockets[i].reset();
        polled[i] = {sockets[i].get(), POLLIN, 0};
    };
    for (std::size_t i = 0; i < clients; ++i) send_next(i);
    std::array<char, 4096> answer;
    while (!stopping_) {
        ::poll(polled.data(), polled.size(), 100);
        for (std::size_t i = 0; i < clients; ++i) {
            if (polled[i].revents == 0 && sockets[i]) continue;
            // An answer is a packet; what of it were to come later would only end the connection sooner.
            if (sockets[i] && ::recv(sockets[i].get(), answer.data(), answer.size(), 0) <= 0) sockets[i].reset();
            ++answers_;
            send_next(i);
        }
    }
}

std::vector<double> health_until(std::uint16_t port, const std::atomic<bool>& over) {
    const auto http = HttpTransport::curl();
    std::vector<double> latencies;
    while (!over) {
        const auto asked = SteadyClock::now();
        const auto answer = http->send({"GET", fmt::format("http://127.0.0.1:{}/healthz", port), {}, {}});
        // No answer is as bad as can be.
        latencies.push_back(answer && answer->status == 200 ? seconds_since(asked) : 60);
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return latencies;
}

}  // namespace c2d::bench
