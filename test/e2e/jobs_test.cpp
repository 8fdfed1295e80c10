// What happens to admitted jobs: who may see and end them, asking again, a full queue, and data
// that are not what was registered by the time the job runs.

#include "e2e/refusal.hpp"
#include "e2e/wait.hpp"

#include <fmt/format.h>

#include <fstream>

namespace c2d::test {

namespace {

namespace fs = std::filesystem;

/// Runs until it is cancelled.
Terms endless() {
    Terms terms;
    terms.operation = "import time\nwhile True: time.sleep(1)\n";
    return terms;
}

json::Value parsed(const HttpResponse& answer) {
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return must(json::parse(answer.body));
}

bool ended(std::string_view state) { return state == "succeeded" || state == "failed" || state == "cancelled"; }

}  // namespace

TEST_CASE("a job is seen and ended by its solver and the owner, and by nobody else") {
    World world;
    const Deal deal = world.deal(endless());
    REQUIRE(world.ask(Method::onPremiseCompute, deal).status == 200);
    const auto at = fmt::format("/v1/jobs/{}", deal.job);
    const struct {
        const char* suffix;
        Method method;
    } kViews[] = {{"", Method::status}, {"/log", Method::log}, {"/result", Method::result}};
    for (const auto& view : kViews)
        for (const auto& key : {world.outsider, world.bank_b, world.bank_a2}) {
            INFO(view.suffix << " by " << address_text(key->address()));
            check_refused(world, world.get(at + view.suffix, world.header(key, world.about(view.method, deal))), 403,
                          "not_permitted", address_text(key->address()));
        }
    for (const auto& view : kViews)
        for (const auto& key : {world.company, world.bank_a}) {
            const auto body = parsed(world.get(at + view.suffix, world.header(key, world.about(view.method, deal))));
            CHECK(body.find("job_id")->as_uint() == deal.job);
        }
    // The list shows each solver its own.
    const auto list_of = [&](const Key& key) {
        return parsed(world.get("/v1/jobs", world.header(key, world.about(Method::list, {})))).find("jobs")->items();
    };
    REQUIRE(list_of(world.company).size() == 1);
    CHECK(list_of(world.company)[0].text_at({"algo_dt"}) == token_text(deal.cdt));
    CHECK(list_of(world.outsider).empty());

    const auto cancel = [&](const Key& key, const Deal& which, std::uint64_t in_path) {
        return world.post(fmt::format("/v1/jobs/{}/cancel", in_path),
                          world.sign(key, world.about(Method::cancel, which)));
    };
    world.wait_for_state(deal, [](std::string_view state) { return state == "running"; });
    check_refused(world, cancel(world.outsider, deal, deal.job), 403, "not_permitted",
                  address_text(world.outsider->address()));
    check_refused(world, cancel(world.company, deal, deal.job + 1), 400, "malformed", "jobId");
    CHECK(world.state(deal) == "running");
    CHECK(cancel(world.company, deal, deal.job).status == 200);
    world.wait_for_state(deal, ended);
    CHECK(world.state(deal) == "cancelled");
    check_refused(world, cancel(world.company, deal, deal.job), 409, "state_conflict", "cancelled");
    const Deal never = world.deal();
    check_refused(world, cancel(world.company, never, never.job), 404, "not_found", "an admitted job");
}

TEST_CASE("asking again with a fresh nonce is answered with the state") {
    World world;
    const Deal deal = world.deal();
    const auto ask = [&] { return parsed(world.ask(Method::onPremiseCompute, deal)).text_at({"state"}); };
    ask();
    world.wait_for_state(deal, ended);
    CHECK(ask() == "succeeded");
    CHECK(parsed(world.ask(Method::grantPermission, deal)).text_at({"state"}) == "granted");
    world.restart();
    CHECK(ask() == "succeeded");
    CHECK(parsed(world.get("/v1/jobs", world.header(world.company, world.about(Method::list, {}))))
              .find("jobs")
              ->items()
              .size() == 1);
}

TEST_CASE("a full queue refuses, and takes again once there is room") {
    World::Options options;
    options.workers = 1;
    options.queue_max = 1;
    World world(options);
    const Deal running = world.deal(endless()), queued = world.deal(), refused = world.deal();
    CHECK(world.ask(Method::onPremiseCompute, running).status == 200);
    world.wait_for_state(running, [](std::string_view state) { return state == "running"; });
    CHECK(world.ask(Method::onPremiseCompute, queued).status == 200);
    check_refused(world, world.ask(Method::onPremiseCompute, refused), 429, "busy", "queue");
    // What is admitted already is no newcomer.
    CHECK(parsed(world.ask(Method::onPremiseCompute, queued)).text_at({"state"}) == "queued");
    const auto cancel = world.sign(world.company, world.about(Method::cancel, running));
    CHECK(world.post(fmt::format("/v1/jobs/{}/cancel", running.job), cancel).status == 200);
    world.wait_for_state(queued, ended);
    CHECK(world.state(queued) == "succeeded");
    CHECK(world.ask(Method::onPremiseCompute, refused).status == 200);
}

TEST_CASE("a full disk pauses the queue and burns nothing of it") {
    World world;
    world.disk_bytes_min = UINT64_MAX;
    world.restart();
    const Deal deal = world.deal();
    CHECK(world.ask(Method::onPremiseCompute, deal).status == 200);
    // A provider that has the run in its queue from the start, and looks once.
    world.log = std::make_shared<LogBook>();
    world.restart();
    wait_until("the pause to be said", [&] { return world.log->said("the queue pauses", "make room"); });
    CHECK(world.state(deal) == "queued");
    world.end();
    CHECK_FALSE(world.log->said(fmt::format("job {} party 0: ", deal.job), ""));
    world.disk_bytes_min = 0;
    world.restart();
    world.wait_for_state(deal, ended);
    CHECK(world.state(deal) == "succeeded");
}

TEST_CASE("a run that comes to its launch while the ledger is ahead waits in the queue") {
    World::Options options;
    options.workers = 1;
    World world(options);
    const Deal running = world.deal(endless()), waiting = world.deal(), cancelled = world.deal();
    const auto cancel = [&](const Deal& deal) {
        const auto body = world.sign(world.company, world.about(Method::cancel, deal));
        return world.post(fmt::format("/v1/jobs/{}/cancel", deal.job), body).status;
    };
    CHECK(world.ask(Method::onPremiseCompute, running).status == 200);
    world.wait_for_state(running, [](std::string_view state) { return state == "running"; });
    CHECK(world.ask(Method::onPremiseCompute, waiting).status == 200);
    CHECK(world.ask(Method::onPremiseCompute, cancelled).status == 200);
    world.node->ahead = 1;
    CHECK(cancel(running) == 200);
    const auto job = fmt::format("job {}", waiting.job);
    REQUIRE(within(std::chrono::seconds(20), [&] { return world.log->said("waits for the ledger", job); }));
    CHECK_FALSE(ended(world.state(waiting)));
    CHECK(cancel(cancelled) == 200);
    // The worker may hold it at this moment: then it ends as the worker puts it down.
    world.wait_for_state(cancelled, ended);
    CHECK(world.state(cancelled) == "cancelled");
    // It is still in the queue after a start.
    world.restart();
    CHECK_FALSE(ended(world.state(waiting)));
    world.node->ahead = 0;
    world.wait_for_state(waiting, ended);
    CHECK(world.state(waiting) == "succeeded");
}

TEST_CASE("a run that is cancelled while the ledger keeps it from its launch ends as cancelled") {
    World::Options options;
    options.workers = 1;
    World world(options);
    const Deal running = world.deal(endless()), deal = world.deal();
    const auto cancel = [&](const Deal& which) {
        const auto body = world.sign(world.company, world.about(Method::cancel, which));
        return world.post(fmt::format("/v1/jobs/{}/cancel", which.job), body).status;
    };
    CHECK(world.ask(Method::onPremiseCompute, running).status == 200);
    world.wait_for_state(running, [](std::string_view state) { return state == "running"; });
    CHECK(world.ask(Method::onPremiseCompute, deal).status == 200);
    // Between its being taken from the queue and its being put back.
    std::atomic<int> answered = 0;
    world.node->when_told_ahead([&] {
        if (answered == 0 && world.state(deal) == "preparing") answered = cancel(deal);
    });
    world.node->ahead = 1;
    CHECK(cancel(running) == 200);
    world.wait_for_state(deal, ended);
    world.node->when_told_ahead({});
    CHECK(answered == 200);
    CHECK(world.state(deal) == "cancelled");
}

TEST_CASE("a second provider on the same state is refused, and the first one's runs go on") {
    World world;
    const Deal deal = world.deal(endless());
    CHECK(world.ask(Method::onPremiseCompute, deal).status == 200);
    world.wait_for_state(deal, [](std::string_view state) { return state == "running"; });
    CHECK(world.open_provider().status() == Status::CONFLICT);
    CHECK(world.state(deal) == "running");
}

TEST_CASE("terms are checked again right before the launch") {
    World::Options options;
    options.workers = 1;
    World world(options);
    const Deal running = world.deal(endless()), waiting = world.deal();
    CHECK(world.ask(Method::onPremiseCompute, running).status == 200);
    world.wait_for_state(running, [](std::string_view state) { return state == "running"; });
    CHECK(world.ask(Method::onPremiseCompute, waiting).status == 200);
    must(world.registry().update_operator(*world.admin, {R"({"main":{"type":"Operation","name":"alone"}})",
                                                         "print('new')\n", Terms().constraint, waiting.op}));
    const auto cancel = world.sign(world.company, world.about(Method::cancel, running));
    CHECK(world.post(fmt::format("/v1/jobs/{}/cancel", running.job), cancel).status == 200);
    world.wait_for_state(waiting, ended);
    const auto body = parsed(world.get(fmt::format("/v1/jobs/{}", waiting.job),
                                       world.header(world.company, world.about(Method::status, waiting))));
    CHECK(body.text_at({"state"}) == "failed");
    CHECK(body.text_at({"outcome"}) == "template_changed");
    CHECK_FALSE(body.find("detail"));
    CHECK(world.log->said("template_checksum", "refused at launch"));
}

TEST_CASE("registered data that became a link are not followed") {
    World world;
    fs::create_directories(world.folder / "data/sub");
    fs::create_directories(world.folder / "secret");
    std::ofstream(world.folder / "data/rows.csv") << "allowed\n";
    std::ofstream(world.folder / "data/sub/rows.csv") << "allowed\n";
    std::ofstream(world.folder / "secret/rows.csv") << "secret\n";
    // The operator shows what it was given.
    const auto op = world.add_operator("open('outputs/out.txt', 'w').write(open('inputs/rows.csv').read())\n");
    const auto offer = [&] {
        auto attributes = world.leaf(op, Terms().constraint);
        attributes.find("services")->items()[0].find("attributes")->set("path", "./inputs/rows.csv");
        Deal deal{op, world.mint(world.bank_a, attributes), {}, {}, 0};
        deal.cdt = world.mint(world.company, world.algorithm({{deal.dt, Terms().arguments}}));
        deal.children = {{deal.dt, world.bank_a}};
        world.activate(deal);
        world.register_job(deal);
        return deal;
    };
    const auto run = [&](const fs::path& path, const std::function<void()>& meanwhile) {
        const Deal deal = offer();
        RequestBody body = world.about(Method::insertDtStore, deal);
        body.algo_dt = {};
        body.job_id = 0;
        body.store_path = path;
        CHECK(world.post("/insertDtStore", world.sign(world.bank_a, body)).status == 200);
        meanwhile();
        const auto verified = world.ask(Method::verify, deal);
        const auto asked = world.ask(Method::onPremiseCompute, deal);
        CHECK(verified.status == asked.status);
        if (asked.status != 200) return must(json::parse(asked.body)).text_at({"error", "code"});
        world.wait_for_state(deal, ended);
        return world.state(deal);
    };
    CHECK(run(world.folder / "data/rows.csv", [] {}) == "succeeded");
    CHECK(run(world.folder / "data/sub/rows.csv", [] {}) == "succeeded");
    SUBCASE("the file itself") {
        CHECK(run(world.folder / "data/rows.csv", [&] {
                  fs::remove(world.folder / "data/rows.csv");
                  fs::create_symlink(world.folder / "secret/rows.csv", world.folder / "data/rows.csv");
              }) == "data_unavailable");
    }
    SUBCASE("a folder on the way") {
        CHECK(run(world.folder / "data/sub/rows.csv", [&] {
                  fs::remove_all(world.folder / "data/sub");
                  fs::create_directory_symlink(world.folder / "secret", world.folder / "data/sub");
              }) == "data_unavailable");
    }
}

}  // namespace c2d::test
