// A provider under attack and beside what stalls: outsiders cost nothing, healthz answers, the end comes.

#include "base/call_scope.hpp"
#include "e2e/raw_http.hpp"
#include "e2e/world.hpp"
#include "store/sqlite.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <future>
#include <set>
#include <thread>

namespace c2d::test {

namespace {

using namespace std::chrono_literals;

/// Reads of the documents that it is told of never come back, but for whoever gives up; all are counted.
class StallingStore final : public DocumentStore {
public:
    explicit StallingStore(std::shared_ptr<DocumentStore> below) : below_(std::move(below)) {}
    Result<std::string> put(std::string_view document) override { return below_->put(document); }
    Result<std::string> get(std::string_view cid) override {
        {
            const std::lock_guard lock(mutex_);
            if (!stalled_.contains(std::string(cid))) return below_->get(cid);
        }
        ++fetches;
        while (!released && !CallScope::over()) std::this_thread::sleep_for(5ms);
        return below_->get(cid);
    }
    void stall(const std::string& cid) {
        const std::lock_guard lock(mutex_);
        stalled_.insert(cid);
    }
    std::atomic<unsigned> fetches{0};
    std::atomic<bool> released{false};

private:
    const std::shared_ptr<DocumentStore> below_;
    std::mutex mutex_;
    std::set<std::string> stalled_;
};

struct StallingWorld {
    std::shared_ptr<StallingStore> store;
    World world{options()};

    World::Options options() {
        World::Options out;
        out.documents = [this](std::shared_ptr<DocumentStore> below) {
            return store = std::make_shared<StallingStore>(std::move(below));
        };
        return out;
    }
};

/// Asks on a thread of its own.
std::future<HttpResponse> ask_later(World& world, std::string target, std::string body) {
    return std::async(std::launch::async, [&world, target = std::move(target), body = std::move(body)] {
        return world.post(target, body);
    });
}

std::string outsider_key(unsigned number) { return fmt::format("{:064x}", 0x1000 + number); }

std::uint64_t rows_of(const World& world, std::string_view table) {
    for (const auto& entry : std::filesystem::directory_iterator(world.folder / "exec")) {
        if (entry.path().extension() != ".db") continue;
        auto db = must(store::Database::open(entry.path().string(), store::Database::Mode::existing));
        auto count = must(db.prepare(fmt::format("SELECT count(*) FROM {}", table)));
        must(count.step());
        return count.number(0);
    }
    FAIL("no state file");
    return 0;
}

}  // namespace

TEST_CASE("outsiders who name a document that is never found cost no fetch and keep nobody waiting") {
    StallingWorld it;
    World& world = it.world;
    const Deal good = world.deal();
    const Deal bad = world.deal();
    it.store->stall(must(world.chain().token(bad.cdt)).document);
    for (unsigned i = 0; i < 24; ++i) {
        const auto key = must(PrivateKey::from_hex(outsider_key(i)));
        const auto method = i % 2 == 0 ? Method::grantPermission : Method::verify;
        const auto answer = world.post(route_of(method), world.sign(key, world.about(method, bad)));
        CHECK(answer.status == 403);
    }
    CHECK(it.store->fetches == 0);
    CHECK(world.get("/healthz").status == 200);
    CHECK(world.ask(Method::verify, good).status == 200);
}

TEST_CASE("a document that is never found costs one fetch, and others are served meanwhile") {
    StallingWorld it;
    World& world = it.world;
    const Deal good = world.deal();
    const Deal bad = world.deal();
    it.store->stall(must(world.chain().token(bad.cdt)).document);
    std::vector<std::future<HttpResponse>> stalled;
    for (int i = 0; i < 24; ++i)
        stalled.push_back(ask_later(world, "/v1/verify", world.sign(world.company, world.about(Method::verify, bad))));
    REQUIRE(within(20s, [&] { return it.store->fetches == 1; }));
    for (int i = 0; i < 5; ++i) CHECK(world.get("/healthz").status == 200);
    // The owner of the data is another signer, whom the solver's requests do not hold up.
    const auto list = world.get("/v1/jobs", world.header(world.bank_a, world.about(Method::list, {})));
    CHECK(list.status == 200);
    CHECK(it.store->fetches == 1);
    it.store->released = true;
    for (auto& answer : stalled) CHECK(answer.get().status != 0);
    CHECK(world.ask(Method::verify, good).status == 200);
}

TEST_CASE("composers whose documents never come hold a share of the threads, and others are served") {
    StallingWorld it;
    World& world = it.world;
    const Deal good = world.deal();
    constexpr unsigned kComposers = 6, kEach = 4;  // more than there are threads
    std::vector<std::future<HttpResponse>> stalled;
    for (unsigned i = 0; i < kComposers; ++i) {
        const Key key = must(PrivateKey::from_hex(outsider_key(i)));
        must(world.chain().register_enterprise(*world.admin, key->address(), fmt::format("Composer {}", i), "stalls"));
        must(world.chain().add_provider(*world.admin, key->address()));
        Deal bad = good;
        bad.cdt = world.mint(key, world.algorithm({{good.dt, Terms().arguments}}));
        it.store->stall(must(world.chain().token(bad.cdt)).document);
        for (unsigned asked = 0; asked < kEach; ++asked)
            stalled.push_back(
                ask_later(world, "/grantPermission", world.sign(key, world.about(Method::grantPermission, bad))));
    }
    REQUIRE(within(20s, [&] { return it.store->fetches >= 4; }));
    auto honest = ask_later(world, "/v1/verify", world.sign(world.company, world.about(Method::verify, good)));
    REQUIRE(honest.wait_for(20s) == std::future_status::ready);
    CHECK(honest.get().status == 200);
    // Whoever reads for long still does; the rest is told to come again.
    const auto is_waiting = [](const auto& answer) { return answer.wait_for(0s) == std::future_status::timeout; };
    CHECK(std::ranges::any_of(stalled, is_waiting));
    CHECK(within(20s, [&] { return std::ranges::count_if(stalled, is_waiting) <= 8; }));
    for (auto own = stalled.begin(); own != stalled.end(); own += kEach)
        CHECK(std::count_if(own, own + kEach, is_waiting) <= 2);
    it.store->released = true;
    unsigned busy = 0;
    for (auto& answer : stalled) busy += answer.get().status == 429;
    CHECK(busy > 0);
}

TEST_CASE("a provider ends although a document is never found") {
    StallingWorld it;
    World& world = it.world;
    const Deal bad = world.deal();
    it.store->stall(must(world.chain().token(bad.cdt)).document);
    RawConnection waiting(world.port());
    const auto body = world.sign(world.company, world.about(Method::verify, bad));
    REQUIRE(waiting.send(
        fmt::format("POST /v1/verify HTTP/1.1\r\nHost: p\r\nContent-Length: {}\r\n\r\n{}", body.size(), body)));
    REQUIRE(within(20s, [&] { return it.store->fetches == 1; }));
    auto ended = std::async(std::launch::async, [&] { world.end(); });
    CHECK(ended.wait_for(10s) == std::future_status::ready);
    it.store->released = true;
    // Whoever waited was answered.
    CHECK(waiting.read_all().find("503") != std::string::npos);
}

TEST_CASE("while another process holds the ledger's lock, reads are answered and the provider ends") {
    World::Options options;
    options.ledger_in_file = true;
    World world(options);
    const Deal running = world.deal();
    const Deal asked = world.offer();
    auto other = must(store::Database::open((world.folder / "ledger.db").string(), store::Database::Mode::existing));
    auto lock = must(store::WriteTransaction::begin(other));
    std::vector<RawConnection> grants;
    for (int i = 0; i < 8; ++i) {
        grants.emplace_back(world.port());
        const auto body = world.sign(world.company, world.about(Method::grantPermission, asked));
        REQUIRE(grants.back().send(fmt::format(
            "POST /grantPermission HTTP/1.1\r\nHost: p\r\nContent-Length: {}\r\n\r\n{}", body.size(), body)));
    }
    for (int i = 0; i < 5; ++i) CHECK(world.get("/healthz").status == 200);
    CHECK(world.ask(Method::verify, running).status == 200);
    auto ended = std::async(std::launch::async, [&] { world.end(); });
    CHECK(ended.wait_for(10s) == std::future_status::ready);
}

TEST_CASE("made-up signers leave no nonce behind, whatever they ask") {
    World world;
    const Deal deal = world.deal();
    CHECK(world.ask(Method::verify, deal).status == 200);
    const auto before = rows_of(world, "live_nonces");
    CHECK(before == 1);
    for (unsigned i = 0; i < 8; ++i) {
        const auto key = must(PrivateKey::from_hex(outsider_key(i)));
        for (const auto method : {Method::grantPermission, Method::verify, Method::onPremiseCompute})
            for (const auto& cdt : {deal.cdt, deal.dt, deal.op}) {
                auto body = world.about(method, deal);
                body.algo_dt = cdt;
                CHECK(world.post(route_of(method), world.sign(key, body)).status >= 400);
            }
        CHECK(world.get("/v1/jobs", world.header(key, world.about(Method::list, {}))).status == 200);
        CHECK(world.get(fmt::format("/v1/jobs/{}", deal.job), world.header(key, world.about(Method::status, deal)))
                  .status >= 400);
    }
    CHECK(rows_of(world, "live_nonces") == before);
    CHECK(rows_of(world, "nonce_signers") == 1);
}

TEST_CASE("what anonymous requests hold does not reach the owner's log, however many come") {
    World world;
    const Deal deal = world.deal();
    const std::string forged = "x\\n2026-01-01 00:00:00 info granted everything\\u001b[2J";
    const auto before = world.log->lines();
    for (int i = 0; i < 200; ++i) {
        const auto answer = world.post("/v1/verify", fmt::format(R"({{"dt":"{}{}"}})", forged, i));
        CHECK(answer.status == 400);
    }
    CHECK(within(20s, [&] { return world.log->said("before a signature held", "200 malformed"); }));
    CHECK(world.log->lines() - before <= 3);
    CHECK_FALSE(world.log->said("granted everything", ""));
    // Of a signed request the owner reads what was found, on one line and in bounds.
    auto body = world.about(Method::insertDtStore, deal);
    body.store_path = "/x\n2026-01-01 info granted everything\x1b[2J" + std::string(1000, 'a');
    CHECK(world.post("/insertDtStore", world.sign(world.bank_a, body)).status == 403);
    CHECK(world.log->said("path_not_allowed", "\\x0a2026-01-01 info granted everything\\x1b[2J"));
    CHECK_FALSE(world.log->said("path_not_allowed", std::string(300, 'a')));
}

TEST_CASE("a request that waits is answered when its run changes, and holds nobody up") {
    World world;
    Terms terms;
    terms.operation = "import time\ntime.sleep(600)\n";
    const Deal deal = world.deal(terms);
    const Deal other = world.deal();
    REQUIRE(world.ask(Method::onPremiseCompute, deal).status == 200);
    world.wait_for_state(deal, [](std::string_view state) { return state == "running"; });
    const auto target = fmt::format("/v1/jobs/{}?wait=60", deal.job);
    std::vector<std::future<HttpResponse>> waiting;
    for (int i = 0; i < 24; ++i)
        waiting.push_back(std::async(std::launch::async, [&world, &deal, &target] {
            return world.get(target, world.header(world.company, world.about(Method::status, deal)));
        }));
    // More than there are threads for one signer; the same signer is answered beside them.
    CHECK(world.ask(Method::verify, other).status == 200);
    CHECK(world.get(target + "&state=queued", world.header(world.company, world.about(Method::status, deal))).status ==
          200);
    for (auto& answer : waiting) CHECK(answer.wait_for(0s) == std::future_status::timeout);
    const auto cancel = fmt::format("/v1/jobs/{}/cancel", deal.job);
    CHECK(world.post(cancel, world.sign(world.company, world.about(Method::cancel, deal))).status == 200);
    for (auto& answer : waiting) {
        REQUIRE(answer.wait_for(30s) == std::future_status::ready);
        CHECK(must(json::parse(answer.get().body)).text_at({"state"}) == "cancelled");
    }
    // At the end nothing is waited for any more.
    CHECK(world.get(target, world.header(world.company, world.about(Method::status, deal))).status == 200);
    for (const char* wrong : {"61", "-1", "", "1s"})
        CHECK(world
                  .get(fmt::format("/v1/jobs/{}?wait={}", deal.job, wrong),
                       world.header(world.company, world.about(Method::status, deal)))
                  .status == 400);
    // And at the end of its time it is answered, too.
    const Deal again = world.deal(terms);
    REQUIRE(world.ask(Method::onPremiseCompute, again).status == 200);
    world.wait_for_state(again, [](std::string_view state) { return state == "running"; });
    CHECK(world
              .get(fmt::format("/v1/jobs/{}?wait=1", again.job),
                   world.header(world.company, world.about(Method::status, again)))
              .status == 200);
}

TEST_CASE("a HEAD is answered where its GET is open") {
    World world;
    CHECK(ask_raw(world.port(), "HEAD /healthz HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n").status == 200);
    CHECK(ask_raw(world.port(), "HEAD /v1/jobs HTTP/1.1\r\nHost: p\r\nConnection: close\r\n\r\n").status == 404);
}

}  // namespace c2d::test
