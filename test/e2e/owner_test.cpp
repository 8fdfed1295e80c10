// The owner's word: what a provider does not give by itself, what is closed, and what is taken back during a run.

#include "e2e/refusal.hpp"
#include "e2e/wait.hpp"

#include <fmt/format.h>

namespace c2d::test {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// From the block to the end of every sandbox.
constexpr auto kEndsWithin = 10s;
constexpr const char* kEndless = "import time\nwhile True: time.sleep(1)\n";

/// A leaf of bank A with `grant` in its attributes, and an Algorithm of company C.
Deal offer_bounded(World& world, const std::string& grant) {
    const Terms terms;
    Deal deal;
    deal.op = world.add_operator(terms.operation);
    auto leaf = world.leaf(deal.op, terms.constraint);
    leaf.find("services")->items()[0].find("attributes")->set("grant", must(json::parse(grant)));
    deal.dt = world.mint(world.bank_a, leaf);
    deal.cdt = world.mint(world.company, world.algorithm({{deal.dt, terms.arguments}}));
    deal.children = {{deal.dt, world.bank_a}};
    return deal;
}

/// Another composition of the same token by the same company.
Deal compose_again(World& world, const Deal& first) {
    Deal second = first;
    second.cdt = world.mint(world.company, world.algorithm({{first.dt, Terms().arguments}}));
    return second;
}

/// A grant of one job, used.
Deal spent(World& world) {
    Deal deal = offer_bounded(world, R"({"jobs":1})");
    CHECK(world.ask(Method::grantPermission, deal).status == 200);
    must(world.chain().start_compose(*world.company, deal.cdt, {deal.dt}));
    world.register_job(deal);
    return deal;
}

/// The owner's own request about a token.
HttpResponse owner_asks(World& world, Method method, const TokenId& dt, const Key& key) {
    RequestBody body;
    body.method = method;
    body.audience = world.bank_a->address();
    body.dt = dt;
    if (method == Method::grants) return world.get("/v1/grants", world.header(key, body));
    return world.post(method == Method::close ? "/v1/close" : "/v1/open", world.sign(key, body));
}

/// Compositions that wait for bank A's word.
std::vector<std::string> waiting(World& world, const Deal& deal) {
    const auto answer = owner_asks(world, Method::grants, deal.dt, world.bank_a);
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    const auto body = must(json::parse(answer.body));
    std::vector<std::string> out;
    for (const auto& row : body.find("grants")->items()) out.push_back(row.text_at({"cdt"}));
    return out;
}

/// The job's state and outcome as company C is told them, once it has ended; the test fails after `kEndsWithin`.
std::string end_in_time(World& world, const Deal& deal) {
    CHECK(within(kEndsWithin, [&] { return world.state(deal) == "cancelled"; }));
    const auto answer =
        world.get(fmt::format("/v1/jobs/{}", deal.job), world.header(world.company, world.about(Method::status, deal)));
    return must(json::parse(answer.body)).text_at({"outcome"});
}

Deal running(World& world) {
    Terms terms;
    terms.operation = kEndless;
    const Deal deal = world.deal(terms);
    CHECK(world.ask(Method::onPremiseCompute, deal).status == 200);
    world.wait_for_state(deal, [](std::string_view state) { return state == "running"; });
    return deal;
}

}  // namespace

TEST_CASE("what a provider may not give by itself waits for the owner's word, over restarts") {
    World world;
    const Deal deal = spent(world);
    check_refused(world, world.ask(Method::grantPermission, deal), 403, "grant_needs_owner");
    check_refused(world, world.ask(Method::grantPermission, deal), 403, "grant_needs_owner");
    world.restart();
    CHECK(waiting(world, deal) == std::vector{token_text(deal.cdt)});
    check_refused(world, owner_asks(world, Method::grants, deal.dt, world.company), 403, "wrong_signer");
    must(world.registry().grant(*world.bank_a, deal.dt, deal.cdt));
    CHECK(waiting(world, deal).empty());
    CHECK(world.ask(Method::grantPermission, deal).status == 200);
}

TEST_CASE("what was taken back is given for no composition of the same company, whatever the provider remembers") {
    World world;
    const Deal deal = world.offer();
    const Deal second = compose_again(world, deal);
    CHECK(world.ask(Method::grantPermission, deal).status == 200);
    world.end();
    fs::copy(world.folder / "exec", world.folder / "before", fs::copy_options::recursive);
    world.restart();
    must(world.chain().revoke(*world.bank_a, deal.dt, deal.cdt));
    check_refused(world, world.ask(Method::grantPermission, deal), 403, "grant_needs_owner", "taken back in block");
    check_refused(world, world.ask(Method::grantPermission, second), 403, "grant_needs_owner", "taken back in block");
    CHECK(waiting(world, deal).size() == 2);
    // The state of before the revocation.
    world.end();
    fs::remove_all(world.folder / "exec");
    fs::rename(world.folder / "before", world.folder / "exec");
    world.restart();
    CHECK(waiting(world, deal).empty());
    check_refused(world, world.ask(Method::grantPermission, deal), 403, "grant_needs_owner");
    check_refused(world, world.ask(Method::grantPermission, second), 403, "grant_needs_owner");
    CHECK_FALSE(must(world.chain().has_grant(deal.dt, second.cdt)));
}

TEST_CASE("a request that does not keep the terms waits for nobody") {
    World world;
    Deal deal = spent(world);
    Terms terms;
    terms.arguments = R"({"rows":10})";
    deal.cdt = world.mint(world.company, world.algorithm({{deal.dt, terms.arguments}}));
    check_refused(world, world.ask(Method::grantPermission, deal), 403, "argument_missing");
    CHECK(waiting(world, deal).empty());
}

TEST_CASE("a closed token gets no grants and no jobs until its owner opens it") {
    World world;
    const Deal deal = world.deal();
    check_refused(world, owner_asks(world, Method::close, deal.dt, world.company), 403, "wrong_signer");
    check_refused(world, owner_asks(world, Method::close, deal.cdt, world.bank_a), 404, "dt_not_ours");
    CHECK(world.ask(Method::verify, deal).status == 200);
    CHECK(owner_asks(world, Method::close, deal.dt, world.bank_a).status == 200);
    CHECK(owner_asks(world, Method::close, deal.dt, world.bank_a).status == 200);
    world.restart();
    for (const auto method : {Method::grantPermission, Method::verify, Method::onPremiseCompute})
        check_refused(world, world.ask(method, deal), 403, "token_closed");
    CHECK(owner_asks(world, Method::open, deal.dt, world.bank_a).status == 200);
    CHECK(world.ask(Method::onPremiseCompute, deal).status == 200);
}

TEST_CASE("taking a grant back ends the run at once") {
    World world;
    const Deal deal = running(world);
    must(world.chain().revoke(*world.bank_a, deal.dt, deal.cdt));
    CHECK(end_in_time(world, deal) == "revoked");
    CHECK(world.log->said(fmt::format("job {} party 0 is ended", deal.job), "was taken back in block"));
    wait_until("a receipt", [&] { return world.chain().job_receipt(deal.job, deal.dt).ok(); });
    CHECK(must(world.chain().job_receipt(deal.job, deal.dt)).outcome == ReceiptOutcome::cancelled);
}

TEST_CASE("closing a token on the ledger ends its runs at once, and it gets no grants and no jobs") {
    World world;
    const Deal deal = running(world);
    must(world.chain().close_token(*world.bank_a, deal.dt));
    CHECK(end_in_time(world, deal) == "revoked");
    CHECK(world.log->said(fmt::format("job {} party 0 is ended", deal.job), "was closed in block"));
    check_refused(world, world.ask(Method::grantPermission, deal), 403, "token_closed");
    check_refused(world, world.ask(Method::verify, deal), 403, "token_closed");
    must(world.chain().open_token(*world.bank_a, deal.dt));
    CHECK(world.ask(Method::verify, deal).status == 200);
}

TEST_CASE("closing a token ends its runs at once, those that wait before their launch") {
    World::Options options;
    options.workers = 1;
    World world(options);
    const Deal deal = running(world);
    Deal queued = deal;
    world.register_job(queued);
    CHECK(world.ask(Method::onPremiseCompute, queued).status == 200);
    CHECK(owner_asks(world, Method::close, deal.dt, world.bank_a).status == 200);
    CHECK(end_in_time(world, deal) == "revoked");
    world.wait_for_state(queued, [](std::string_view state) { return state == "failed"; });
}

TEST_CASE("the queue is shown to, held by and released by its owner alone, or a key that works for it") {
    World world;
    Deal ours;
    ours.dt = world.deal().dt;
    const auto about = [&](Method method) {
        auto body = world.about(method, ours);
        body.job_id = 0;
        body.algo_dt = {};
        return body;
    };
    for (const auto& key : {world.company, world.bank_b, world.bank_a2, world.outsider}) {
        const auto who = address_text(key->address());
        check_refused(world, world.get("/v1/queue", world.header(key, about(Method::queue))), 403, "wrong_signer", who);
        check_refused(world, world.post("/v1/hold", world.sign(key, about(Method::hold))), 403, "wrong_signer", who);
        check_refused(world, world.post("/v1/release", world.sign(key, about(Method::release))), 403, "wrong_signer",
                      who);
    }
    const auto is_held = [](const HttpResponse& answer) {
        REQUIRE_MESSAGE(answer.status == 200, answer.body);
        return must(json::parse(answer.body)).find("held")->boolean();
    };
    const auto shown = world.header(world.bank_a, about(Method::queue));
    CHECK_FALSE(is_held(world.get("/v1/queue", shown)));
    // What one signature asks for is asked once.
    check_refused(world, world.get("/v1/queue", shown), 409, "replayed", "");
    const auto hold = world.sign(world.bank_a, about(Method::hold));
    CHECK(is_held(world.post("/v1/hold", hold)));
    CHECK_FALSE(is_held(world.post("/v1/release", world.sign(world.bank_a, about(Method::release)))));
    check_refused(world, world.post("/v1/hold", hold), 409, "replayed", "");
    check_refused(world, world.post("/v1/release", world.sign(world.bank_a, about(Method::hold))), 401,
                  "signature_invalid", "");
    CHECK_FALSE(is_held(world.get("/v1/queue", world.header(world.bank_a, about(Method::queue)))));
}

}  // namespace c2d::test
