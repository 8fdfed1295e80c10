// Clients that never finish: they cost a slot each, no thread, and not for long.

#include "e2e/raw_http.hpp"
#include "e2e/world.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <thread>

namespace c2d::test {

namespace {

using namespace std::chrono_literals;
using Steady = std::chrono::steady_clock;

constexpr std::size_t kSlow = 64;
constexpr auto kPace = 100ms;

enum class Slow { header, body };

/// Connections that send one byte of a request at a time until they are ended or destroyed.
class Tricklers {
public:
    Tricklers(std::uint16_t port, std::size_t count, Slow kind) : sent_(count, 0), ended_(count) {
        for (std::size_t i = 0; i < count; ++i) {
            connections_.emplace_back(port);
            connections_.back().send(kind == Slow::header ? "POST /grantPermission HTTP/1.1\r\nHost: p\r\nX-Slow: "
                                                          : "POST /grantPermission HTTP/1.1\r\nHost: p\r\n"
                                                            "Content-Length: 100000\r\n\r\n{\"note\":\"");
        }
        thread_ = std::thread([this] { trickle(); });
    }
    ~Tricklers() {
        stopping_ = true;
        thread_.join();
    }
    std::size_t ended() const { return ended_count_; }
    /// Bytes that the connection which got least has sent since it was opened.
    std::size_t sent_min() const { return sent_min_; }

private:
    void trickle() {
        for (auto next = Steady::now(); !stopping_; next += kPace) {
            for (std::size_t i = 0; i < connections_.size(); ++i) {
                if (ended_[i]) continue;
                if (connections_[i].closed_within(0ms) || !connections_[i].send("a")) {
                    ended_[i] = true;
                    ++ended_count_;
                }
                ++sent_[i];
            }
            sent_min_ = *std::ranges::min_element(sent_);
            std::this_thread::sleep_until(next + kPace);  // the pace is the attack
        }
    }

    std::vector<RawConnection> connections_;
    std::vector<std::size_t> sent_;
    std::vector<bool> ended_;
    std::atomic<std::size_t> ended_count_{0}, sent_min_{0};
    std::atomic<bool> stopping_{false};
    std::thread thread_;
};

World::Options options(tools::HttpServerOptions http) {
    World::Options out;
    out.http = http;
    return out;
}

std::string get_text(std::string_view target) {
    return fmt::format("GET {} HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n", target);
}

}  // namespace

TEST_CASE("64 slow headers and 64 slow bodies: the provider answers, and then ends them") {
    tools::HttpServerOptions http;
    http.connection_seconds_max = 8;
    World world(options(http));
    const Deal deal = world.deal();
    const auto started = Steady::now();
    const Tricklers headers(world.port(), kSlow, Slow::header), bodies(world.port(), kSlow, Slow::body);
    REQUIRE(within(5s, [&] { return headers.sent_min() >= 3 && bodies.sent_min() >= 3; }));
    for (int i = 0; i < 5; ++i) {
        const auto asked = Steady::now();
        CHECK(world.get("/healthz").status == 200);
        CHECK(Steady::now() - asked < 2s);
    }
    // Requests that need the ledger are served as well.
    CHECK(world.ask(Method::verify, deal).status == 200);
    // All of that while every slow client was being served.
    REQUIRE(Steady::now() - started < 8s);
    CHECK(headers.ended() == 0);
    CHECK(bodies.ended() == 0);
    // They never fell silent, so only the bound on the whole connection can have ended them.
    CHECK(within(20s, [&] { return headers.ended() == kSlow && bodies.ended() == kSlow; }));
    CHECK(Steady::now() - started > 8s);
    CHECK(world.get("/healthz").status == 200);
}

TEST_CASE("a client that falls silent is ended before that") {
    tools::HttpServerOptions http;
    http.idle_seconds_max = 1;
    http.connection_seconds_max = 60;
    World world(options(http));
    RawConnection silent(world.port());
    REQUIRE(silent.send("GET /healthz HT"));
    CHECK(silent.closed_within(30s));
}

TEST_CASE("a client that leaves in the middle of its request is let go at once, one that has asked gets its answer") {
    tools::HttpServerOptions http;
    http.idle_seconds_max = http.connection_seconds_max = 120;
    World world(options(http));
    // What it sent and its end come together, so the server hears of both at once.
    std::vector<RawConnection> left;
    for (int i = 0; i < 40; ++i) {
        left.emplace_back(world.port());
        REQUIRE(left.back().send("GET /healthz HTTP/1.1\r\nHost: p\r\n"));
        left.back().finish();
    }
    for (auto& connection : left) CHECK(connection.closed_within(20s));
    RawConnection asked(world.port());
    REQUIRE(asked.send(get_text("/healthz")));
    asked.finish();
    CHECK(raw_answer(asked.read_all()).status == 200);
}

TEST_CASE("one address holds no more connections than its share") {
    tools::HttpServerOptions http;
    http.connections_per_address_max = 16;
    http.idle_seconds_max = http.connection_seconds_max = 120;
    World world(options(http));
    const auto port = world.port();
    std::vector<RawConnection> held;
    for (int i = 0; i < 16; ++i) {
        // An answer shows that the server has taken it; before, a later one might be counted first.
        held.emplace_back(port);
        REQUIRE(held.back().send("GET /healthz HTTP/1.1\r\nHost: p\r\n\r\n"));
        REQUIRE(held.back().read_until("}", 10s));
        REQUIRE(held.back().send("GET /healthz HTTP/1.1\r\nHost: p\r\n"));
    }
    // Those within the share are kept open; the first beyond it is dropped without an answer.
    for (int i = 0; i < 4; ++i) {
        RawConnection beyond(port);
        CHECK(beyond.closed_within(10s));
        CHECK(ask_raw(port, get_text("/healthz")).status == 0);
    }
    for (auto& connection : held) CHECK_FALSE(connection.closed_within(0ms));
    // Another address has a share of its own.
    CHECK(ask_raw(port, get_text("/healthz"), "127.0.0.2").status == 200);
    // A slot that is given back can be used.
    held.pop_back();
    CHECK(within(10s, [&] { return ask_raw(port, get_text("/healthz")).status == 200; }));
    // Those that were held all the time are still served.
    CHECK(held.front().send("Connection: close\r\n\r\n"));
    CHECK(raw_answer(held.front().read_all()).status == 200);
}

TEST_CASE("the whole server holds no more connections than its bound") {
    tools::HttpServerOptions http;
    http.connections_max = 16;
    World world(options(http));
    const auto port = world.port();
    std::vector<RawConnection> held;
    for (int i = 0; i < 64; ++i) {
        const auto from = fmt::format("127.0.1.{}", i + 1);
        held.emplace_back(port, from.c_str());
        held.back().send("GET /healthz HTTP/1.1\r\nHost: p\r\n");
    }
    // Whoever comes now is turned away, whatever its address, until others are gone.
    CHECK(within(5s, [&] { return ask_raw(port, get_text("/healthz"), "127.0.2.1").status == 0; }));
    held.clear();
    CHECK(within(5s, [&] { return ask_raw(port, get_text("/healthz"), "127.0.2.1").status == 200; }));
}

}  // namespace c2d::test
