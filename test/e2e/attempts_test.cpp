// Several attempts at one job: which are taken, what becomes of the one receipt, and what the terms allow.

#include "base/fail_point.hpp"
#include "e2e/refusal.hpp"
#include "e2e/wait.hpp"

#include <c2d/job_receipt.hpp>

#include <fmt/format.h>

#include <atomic>
#include <cstring>
#include <fstream>

namespace c2d::test {

namespace {

/// Takes its time, so that it can be interrupted, and succeeds if it is not.
Terms patient(unsigned attempts) {
    Terms terms;
    terms.operation = "import time\ntime.sleep(3)\nopen('outputs/out.txt', 'w').write('42')\n";
    terms.attempts = attempts;
    return terms;
}

std::string asking_for(World& world, const Deal& deal, std::uint32_t attempt,
                       Method method = Method::onPremiseCompute) {
    auto body = world.about(method, deal);
    body.attempt = attempt;
    return world.sign(world.company, body);
}

HttpResponse ask(World& world, const Deal& deal, std::uint32_t attempt) {
    return world.post("/onPremiseCompute", asking_for(world, deal, attempt));
}

json::Value status(World& world, const Deal& deal) {
    const auto answer =
        world.get(fmt::format("/v1/jobs/{}", deal.job), world.header(world.company, world.about(Method::status, deal)));
    REQUIRE_MESSAGE(answer.status == 200, answer.body);
    return must(json::parse(answer.body));
}

bool again(World& world, const Deal& deal) { return status(world, deal).find("again")->boolean(); }

/// Runs, and its provider ends meanwhile and starts anew.
void interrupt(World& world, const Deal& deal) {
    world.wait_for_state(deal, [](std::string_view state) { return state == "running"; });
    world.restart();
    world.wait_for_state(deal, [](std::string_view state) { return state == "failed"; });
    CHECK(status(world, deal).text_at({"outcome"}) == "interrupted");
}

PostedReceipt posted(World& world, const Deal& deal) {
    wait_until("a receipt", [&] { return world.chain().job_receipt(deal.job, deal.dt).ok(); });
    return must(world.chain().job_receipt(deal.job, deal.dt));
}

/// The receipt that bank A keeps of a job.
JobReceipt kept(const World& world, const Deal& deal) {
    std::ifstream in(world.folder / "exec" / fmt::format("job_{}", deal.job) / "receipt.json");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    return must(read_receipt(text));
}

}  // namespace

TEST_CASE("a job that its provider interrupted is tried again, and has one receipt of both attempts") {
    World world;
    const Deal deal = world.deal(patient(2));
    const auto first = asking_for(world, deal, 1);
    CHECK(world.post("/onPremiseCompute", first).status == 200);
    interrupt(world, deal);
    CHECK(again(world, deal));
    wait_until("the receipt to wait", [&] { return status(world, deal).text_at({"receipt", "posting"}) == "waiting"; });
    CHECK(again(world, deal));
    CHECK_FALSE(world.chain().job_receipt(deal.job, deal.dt).ok());

    check_refused(world, ask(world, deal, 3), 403, "attempt_refused", "at most 2");
    check_refused(world, world.post("/v1/verify", asking_for(world, deal, 3, Method::verify)), 403, "attempt_refused",
                  "at most 2");
    CHECK(world.post("/v1/verify", asking_for(world, deal, 2, Method::verify)).status == 200);
    check_refused(world, world.post("/onPremiseCompute", first), 409, "replayed", "");

    const auto second = asking_for(world, deal, 2);
    CHECK(world.post("/onPremiseCompute", second).status == 200);
    check_refused(world, world.post("/onPremiseCompute", second), 409, "replayed", "");
    // As ever, asking again is answered with the state.
    CHECK(ask(world, deal, 2).status == 200);
    check_refused(world, ask(world, deal, 1), 409, "state_conflict", "");
    world.wait_for_state(deal, [](std::string_view state) { return state == "succeeded"; });
    const auto now = status(world, deal);
    CHECK(now.find("attempt")->as_uint() == 2);
    CHECK(now.find("attempts_max")->as_uint() == 2);
    CHECK_FALSE(now.find("again")->boolean());

    CHECK(posted(world, deal).outcome == ReceiptOutcome::succeeded);
    const auto receipt = kept(world, deal);
    CHECK(posted(world, deal).digest == receipt.digest);
    CHECK(receipt.details->attempts == 2);
    CHECK(ask(world, deal, 2).status == 200);
}

TEST_CASE("what succeeded is not tried again, whatever the terms allow") {
    World world;
    const Deal deal = world.deal(patient(3));
    CHECK(ask(world, deal, 1).status == 200);
    world.wait_for_state(deal, [](std::string_view state) { return state == "succeeded"; });
    check_refused(world, ask(world, deal, 2), 409, "state_conflict", "");
    CHECK(status(world, deal).find("attempt")->as_uint() == 1);
}

TEST_CASE("terms that say nothing allow one attempt, whose receipt waits for nothing") {
    World world;
    const Deal deal = world.deal(patient(1));
    CHECK(ask(world, deal, 1).status == 200);
    interrupt(world, deal);
    CHECK_FALSE(again(world, deal));
    CHECK(posted(world, deal).outcome == ReceiptOutcome::aborted);
    check_refused(world, ask(world, deal, 2), 403, "attempt_refused", "at most 1");
}

TEST_CASE("who gives up, solver or owner, has the receipt posted and no other attempt") {
    World world;
    for (const auto& who : {world.company, world.bank_a}) {
        const Deal deal = world.deal(patient(2));
        CHECK(ask(world, deal, 1).status == 200);
        interrupt(world, deal);
        const auto give_up = world.sign(who, world.about(Method::cancel, deal));
        wait_until("the receipt", [&] { return status(world, deal).text_at({"receipt", "posting"}) == "waiting"; });
        CHECK(world.post(fmt::format("/v1/jobs/{}/cancel", deal.job), give_up).status == 200);
        CHECK(posted(world, deal).outcome == ReceiptOutcome::aborted);
        check_refused(world, ask(world, deal, 2), 409, "state_conflict", "");
    }
}

namespace {

/// The first attempt ends since the ledger does not answer at its launch, and its thread stops right after the end is
/// stored, until it is told to go on.
class HeldEnd {
public:
    explicit HeldEnd(World& world) {
        world_ = &world;
        stored_ = goes_on_ = done_ = false;
        fail_point_hook = at_point;
    }
    ~HeldEnd() {
        go_on();
        fail_point_hook = nullptr;
    }
    void wait() const {
        wait_until("the end to be stored", [] { return stored_.load(); });
    }
    void go_on() { goes_on_ = true; }
    void wait_until_done() const {
        wait_until("the thread of the first attempt", [] { return done_.load(); });
    }

private:
    static void at_point(const char* name) {
        if (std::strcmp(name, "job_admitted") == 0 && !stored_) world_->node->down = true;
        if (std::strcmp(name, "run_forgotten") == 0) done_ = true;
        if (std::strcmp(name, "run_saved") != 0 || stored_.exchange(true)) return;
        world_->node->down = false;
        within(std::chrono::seconds(20), [] { return goes_on_.load(); });
    }
    static inline World* world_ = nullptr;
    static inline std::atomic<bool> stored_{false}, goes_on_{false}, done_{false};
};

HttpResponse cancel(World& world, const Deal& deal) {
    return world.post(fmt::format("/v1/jobs/{}/cancel", deal.job),
                      world.sign(world.company, world.about(Method::cancel, deal)));
}

}  // namespace

TEST_CASE("an attempt that begins before the thread of the one before it is done can be cancelled") {
    World world;
    const Deal deal = world.deal(patient(2));
    HeldEnd held(world);
    ask(world, deal, 1);
    held.wait();
    CHECK(ask(world, deal, 2).status == 200);
    world.wait_for_state(deal, [](std::string_view state) { return state == "running"; });
    held.go_on();
    held.wait_until_done();
    CHECK(cancel(world, deal).status == 200);
    world.wait_for_state(deal, [](std::string_view state) { return state == "succeeded" || state == "cancelled"; });
    CHECK(world.state(deal) == "cancelled");
}

TEST_CASE("who gives up while the thread of an ended attempt is not done has no other one") {
    World world;
    const Deal deal = world.deal(patient(2));
    HeldEnd held(world);
    ask(world, deal, 1);
    held.wait();
    CHECK(cancel(world, deal).status == 200);
    check_refused(world, ask(world, deal, 2), 409, "state_conflict", "");
}

TEST_CASE("an attempt is a whole number within the bound") {
    World world;
    const Deal deal = world.deal(patient(2));
    for (const std::uint32_t attempt : {std::uint32_t(0), kAttemptsMax + 1})
        check_refused(world, ask(world, deal, attempt), 400, "malformed", "attempt");
}

TEST_CASE("a job that is not registered yet can be asked about, by whoever may register it") {
    World world;
    Deal deal = world.offer(patient(1));
    world.activate(deal);
    const auto about = [&](const Key& key) {
        return world.post("/v1/verify", world.sign(key, world.about(Method::verify, deal)));
    };
    CHECK(about(world.company).status == 200);
    check_refused(world, about(world.bank_b), 403, "wrong_signer", "");
    check_refused(world, about(world.outsider), 403, "wrong_signer", "");
    // It starts nothing, and is not admitted for real.
    check_refused(world, world.post("/onPremiseCompute", asking_for(world, deal, 1)), 400, "malformed", "job_id");
}

}  // namespace c2d::test
