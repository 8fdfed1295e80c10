// The parts that keep a service fair and its log short.

#include "provider/http/fair_pool.hpp"
#include "provider/http/long_polls.hpp"
#include "provider/http/request_log.hpp"
#include "provider/http/routes.hpp"
#include "support/doubles.hpp"

#include <atomic>
#include <future>
#include <set>
#include <thread>

using namespace c2d;
using namespace std::chrono_literals;
using support::named_address;

namespace {

class Lines final : public Logger {
public:
    void log(LogLevel, std::string_view line) override { lines.emplace_back(line); }
    std::vector<std::string> lines;
};

}  // namespace

TEST_CASE("a party that asks much neither fills the pool nor holds its threads") {
    std::promise<void> gate, served;
    const auto open = gate.get_future().share();
    std::atomic<int> running{0};
    provider::FairPool pool({3, 8, 5, 2});  // ends before what its work looks at
    int taken = 0;
    for (int i = 0; i < 20; ++i)
        taken += pool.submit("greedy", [&] {
            ++running;
            open.wait();
        });
    CHECK(taken <= 7);  // two run, five wait
    CHECK(taken >= 5);
    REQUIRE(pool.submit("other", [&] { served.set_value(); }));
    served.get_future().wait();  // while the greedy one holds what it may
    CHECK(running <= 2);
    gate.set_value();
}

TEST_CASE("where all is full, whoever has most waiting makes room for whoever has less") {
    std::promise<void> gate, begun;
    std::vector<std::string> served;  // by the one thread, read once it is joined
    auto newest = std::make_shared<int>(0);
    const std::weak_ptr<int> newest_alive = newest;
    provider::FairPool pool({1, 4, 4, 1});
    REQUIRE(pool.submit("first", [&] {
        begun.set_value();
        gate.get_future().wait();
    }));
    begun.get_future().wait();
    for (int i = 0; i < 3; ++i) REQUIRE(pool.submit("greedy", [&served] { served.emplace_back("greedy"); }));
    REQUIRE(pool.submit("greedy", [&served, newest] { served.emplace_back("newest"); }));
    newest.reset();
    CHECK_FALSE(pool.submit("greedy", [] {}));
    std::promise<void> done;
    const bool first = pool.submit("other", [&served] { served.emplace_back("other"); });
    CHECK(newest_alive.expired());
    const bool second = pool.submit("other", [&] {
        served.emplace_back("other");
        done.set_value();
    });
    CHECK((first && second));
    CHECK_FALSE(pool.submit("other", [] {}));  // both have as many now
    gate.set_value();
    if (second) done.get_future().wait();
    pool.stop();
    CHECK(served == std::vector<std::string>{"greedy", "other", "greedy", "other"});
}

TEST_CASE("a pool that stops drops what waits") {
    auto dropped = std::make_shared<int>(0);
    std::weak_ptr<int> alive = dropped;
    std::promise<void> gate, begun;
    provider::FairPool pool({1, 8, 8, 1});
    REQUIRE(pool.submit("a", [&] {
        begun.set_value();
        gate.get_future().wait();
    }));
    begun.get_future().wait();
    REQUIRE(pool.submit("a", [dropped] {}));
    dropped.reset();
    gate.set_value();
    pool.stop();
    CHECK(alive.expired());
    CHECK_FALSE(pool.submit("a", [] {}));
}

TEST_CASE("refusals without a signature are counted, not written") {
    const auto lines = std::make_shared<Lines>();
    const auto start = provider::RequestLog::Moment() + 1000s;
    {
        provider::RequestLog log(lines);
        for (int i = 0; i < 1000; ++i) log.count(Reason::malformed, start);
        log.count(Reason::signature_invalid, start + 1s);
        log.write_summary_if_due(start + 1s);
        CHECK(lines->lines.empty());
        log.write_summary_if_due(start + 5s);
        REQUIRE(lines->lines.size() == 1);
        CHECK(lines->lines[0] == "requests refused before a signature held: 1000 malformed, 1 signature_invalid");
        log.write_summary_if_due(start + 20s);
        CHECK(lines->lines.size() == 1);
        log.count(Reason::malformed, start + 30s);
    }
    CHECK(lines->lines.size() == 2);
}

TEST_CASE("lines about signed requests are bounded, those of unknown signers apart from the others") {
    const auto lines = std::make_shared<Lines>();
    provider::RequestLog log(lines);
    const auto start = provider::RequestLog::Moment() + 1000s;
    for (int i = 0; i < 500; ++i) log.line(provider::Requester::unknown, LogLevel::warn, "x", start);
    CHECK(lines->lines.size() == 100);
    log.line(provider::Requester::concerned, LogLevel::warn, "y", start);
    CHECK(lines->lines.back() == "y");
    log.line(provider::Requester::unknown, LogLevel::warn, "z", start + 1s);
    CHECK(lines->lines.back() == "z");
    log.write_summary_if_due(start + 6s);
    CHECK(lines->lines.back().find("400 lines") != std::string::npos);
}

TEST_CASE("polls wait until something changed, their time is over, or the end") {
    std::atomic<int> looks{0};
    std::atomic<bool> changed{false};
    std::promise<void> answered, last;
    const auto never = provider::LongPolls::Moment::clock::now() + 3600s;
    provider::LongPolls polls([] {});
    const provider::LongPolls::Asker signer{named_address("solver"), named_address("company")};
    REQUIRE(polls.add(signer, never, [&](bool) {
        ++looks;
        if (!changed) return false;
        answered.set_value();
        return true;
    }));
    while (looks == 0) std::this_thread::sleep_for(1ms);
    changed = true;
    polls.changed();
    answered.get_future().wait();
    // The one that was answered has its place until its check has returned.
    for (std::size_t i = 0; i < provider::LongPolls::kPerSignerMax; ++i)
        while (!polls.add(signer, never, [](bool is_last) { return is_last; })) std::this_thread::sleep_for(1ms);
    CHECK_FALSE(polls.add(signer, never, [](bool) { return true; }));
    const provider::LongPolls::Asker other{named_address("other"), named_address("company")};
    REQUIRE(polls.add(other, never, [&](bool is_last) {
        if (is_last) last.set_value();
        return is_last;
    }));
    polls.stop();
    last.get_future().wait();
    CHECK_FALSE(polls.add(signer, never, [](bool) { return true; }));
}

TEST_CASE("polls of one asker are ended, the others wait on") {
    const auto never = provider::LongPolls::Moment::clock::now() + 3600s;
    provider::LongPolls polls([] {});
    const provider::LongPolls::Asker former{named_address("clerk"), named_address("company")};
    const provider::LongPolls::Asker other{named_address("company"), named_address("company")};
    std::promise<void> ended;
    std::atomic<bool> other_ended{false};
    REQUIRE(polls.add(former, never, [&](bool is_last) {
        if (is_last) ended.set_value();
        return is_last;
    }));
    REQUIRE(polls.add(other, never, [&](bool is_last) {
        other_ended = is_last;
        return is_last;
    }));
    const auto ended_now = ended.get_future();
    // Those that are being looked at stand in no list meanwhile.
    while (ended_now.wait_for(1ms) != std::future_status::ready) polls.end(former);
    CHECK_FALSE(other_ended);
    while (polls.askers() != std::set{other}) std::this_thread::sleep_for(1ms);
    polls.stop();
    CHECK(other_ended);
    CHECK(polls.askers().empty());
}

TEST_CASE("routes and their queries") {
    CHECK(provider::find_route("GET", "/v1/jobs/7/log?x=1").job_id == 7);
    CHECK(provider::find_route("GET", "http://host/v1/jobs/7").route->signed_as == Method::status);
    CHECK(provider::find_route("HEAD", "/healthz").route != nullptr);
    for (const char* target : {"/v1/jobs/", "/v1/jobs/x", "/v1/jobs/7x", "/v1/jobs/-7", "/v1/jobs/7/", "/healthz/", ""})
        CHECK(provider::find_route("GET", target).route == nullptr);
    CHECK(provider::find_route("HEAD", "/v1/jobs").route == nullptr);
    CHECK(provider::query_value("/a?wait=5&state=x", "wait") == "5");
    CHECK(provider::query_value("/a?wait=5&state=x", "state") == "x");
    CHECK(provider::query_value("/a?waiting=5&wait", "wait") == "");
    CHECK_FALSE(provider::query_value("/a?x=wait", "wait"));
    CHECK_FALSE(provider::query_value("/a?", "wait"));
}
