// Every run ends in a receipt on the ledger, whatever became of it and whenever the ledger answers.

#include "base/version.hpp"
#include "contracts/interface.hpp"
#include "e2e/refusal.hpp"
#include "e2e/wait.hpp"

#include <c2d/chain_server.hpp>
#include <c2d/job_receipt.hpp>
#include <c2d/tracer.hpp>

#include <fmt/format.h>

#include <fstream>

namespace c2d::test {

namespace {

namespace fs = std::filesystem;

Terms operation(const char* text) {
    Terms terms;
    terms.operation = text;
    return terms;
}

PostedReceipt posted(World& world, const Deal& deal) {
    wait_until("a receipt", [&] { return world.chain().job_receipt(deal.job, deal.dt).ok(); });
    return must(world.chain().job_receipt(deal.job, deal.dt));
}

std::string read(const fs::path& path) {
    std::ifstream in(path);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The receipt that bank A keeps of a job.
JobReceipt kept(const World& world, const Deal& deal) {
    return must(read_receipt(read(world.folder / "exec" / fmt::format("job_{}", deal.job) / "receipt.json")));
}

void cancel(World& world, const Deal& deal) {
    const auto body = world.sign(world.company, world.about(Method::cancel, deal));
    CHECK(world.post(fmt::format("/v1/jobs/{}/cancel", deal.job), body).status == 200);
}

}  // namespace

TEST_CASE("a good and a bad end are on the ledger, and the bank holds what stands behind") {
    World world;
    const Deal good = world.deal(operation("open('outputs/out.txt', 'w').write('42')\n"));
    const Deal bad = world.deal(operation("raise SystemExit(3)\n"));
    CHECK(world.ask(Method::onPremiseCompute, good).status == 200);
    CHECK(world.ask(Method::onPremiseCompute, bad).status == 200);
    CHECK(posted(world, good).outcome == ReceiptOutcome::succeeded);
    CHECK(posted(world, bad).outcome == ReceiptOutcome::failed);
    CHECK(posted(world, good).owner == world.bank_a->address());

    const auto receipt = kept(world, good);
    CHECK(confirm_receipt(receipt, world.chain()).ok());
    CHECK(receipt.solver == world.company->address());
    CHECK(receipt.data == std::vector{good.dt});
    REQUIRE(receipt.outputs.size() == 1);
    CHECK(receipt.outputs[0].name == "out.txt");
    CHECK(receipt.outputs[0].bytes == 2);
    CHECK_FALSE(receipt.code_sha256.is_zero());
    REQUIRE(receipt.details);
    CHECK(receipt.details->attempts == 1);
    CHECK(receipt.details->runtime.version == kVersionText);
    CHECK(receipt.signer == world.bank_a->address());
    const auto document =
        must(json::parse(read(world.folder / "exec" / fmt::format("job_{}", bad.job) / "receipt.json")));
    CHECK(document.text_at({"run", "outcome"}) == "exited 3");
    CHECK(document.text_at({"run", "verdict"}) == "accepted");
    CHECK(document.text_at({"run", "terms", "op_template"}) == token_text(bad.op));
    CHECK(document.find("run")->find("grants")->items().size() == 1);
    CHECK(document.find("run")->find("sandbox")->find("layers"));
    // The solver is told the digest, not the document.
    const auto status =
        world.get(fmt::format("/v1/jobs/{}", good.job), world.header(world.company, world.about(Method::status, good)));
    CHECK(status.body.find(hex_text(receipt.digest)) != std::string::npos);
    CHECK(status.body.find("sandbox") == std::string::npos);
}

TEST_CASE("refused at launch and cancelled runs have receipts as well") {
    World::Options options;
    options.workers = 1;
    World world(options);
    const Deal running = world.deal(operation("import time\nwhile True: time.sleep(1)\n"));
    const Deal revoked = world.deal(), waiting = world.deal();
    CHECK(world.ask(Method::onPremiseCompute, running).status == 200);
    world.wait_for_state(running, [](std::string_view state) { return state == "running"; });
    CHECK(world.ask(Method::onPremiseCompute, revoked).status == 200);
    CHECK(world.ask(Method::onPremiseCompute, waiting).status == 200);
    must(world.chain().revoke(*world.bank_a, revoked.dt, revoked.cdt));
    cancel(world, waiting);
    CHECK(posted(world, waiting).outcome == ReceiptOutcome::cancelled);
    cancel(world, running);
    CHECK(posted(world, running).outcome == ReceiptOutcome::cancelled);
    CHECK(posted(world, revoked).outcome == ReceiptOutcome::refused);
}

TEST_CASE("a run whose receipt stands on the ledger is not launched, whoever forgot it") {
    World world;
    const Deal deal = world.deal(operation("open('outputs/out.txt', 'w').write('again')\n"));
    const auto digest = must(world.chain().info()).head.hash;
    must(world.chain().post_receipt(*world.bank_a, deal.job, deal.dt, ReceiptOutcome::failed, digest));
    CHECK(world.ask(Method::onPremiseCompute, deal).status == 200);
    world.wait_for_state(deal, [](std::string_view state) { return state == "failed" || state == "succeeded"; });
    CHECK(world.state(deal) == "failed");
    CHECK_FALSE(fs::exists(world.folder / "exec" / fmt::format("job_{}", deal.job)));
    CHECK(posted(world, deal).digest == digest);
}

TEST_CASE("a ledger that does not answer gets the receipt once it does") {
    World world;
    const Deal deal =
        world.deal(operation("import time, os\nwhile not os.path.exists('outputs/never'): time.sleep(1)\n"));
    CHECK(world.ask(Method::onPremiseCompute, deal).status == 200);
    world.wait_for_state(deal, [](std::string_view state) { return state == "running"; });
    cancel(world, deal);
    world.node->down = true;
    // Whether the cancellation or the outage came first: nothing is lost.
    wait_until("the end of the run, or an attempt to post", [&] {
        return world.log->said("receipts wait", "the ledger") ||
               world.log->said("cancelled", fmt::format("job {}", deal.job));
    });
    world.node->down = false;
    CHECK(posted(world, deal).outcome == ReceiptOutcome::cancelled);
}

TEST_CASE("a receipt waits while nothing of ours is let into the ledger, and is posted once it is") {
    World world;
    // By a served ledger that names its senders, and by one on which no role of ours stands: without a transaction.
    for (const auto& name : {std::string(kSenderNotAllowed), std::string("no_permission")}) {
        CAPTURE(name);
        Error refused(Status::REFUSED, "not let in: " + name);
        refused.name = name;
        const Deal deal = world.deal();
        world.node->refuse_transactions(refused);
        CHECK(world.ask(Method::onPremiseCompute, deal).status == 200);
        wait_until("an attempt to post", [&] { return world.log->said("receipts wait", refused.message); });
        CHECK(world.chain().job_receipt(deal.job, deal.dt).status() == Status::NOT_FOUND);
        world.node->refuse_transactions({});
        CHECK(posted(world, deal).outcome == ReceiptOutcome::succeeded);
    }
}

TEST_CASE("a receipt that cannot be posted holds up no other") {
    World world;
    const Deal stuck = world.deal(), fine = world.deal();
    // What the ledger says of it makes no sense.
    world.node->deny(contracts::job_receipts::kGet.signature, {abi::Value::of(stuck.job).word(), stuck.dt});
    CHECK(world.ask(Method::onPremiseCompute, stuck).status == 200);
    wait_until("an attempt to post", [&] { return world.log->said("receipts wait", "the ledger"); });
    CHECK(world.ask(Method::onPremiseCompute, fine).status == 200);
    CHECK(posted(world, fine).outcome == ReceiptOutcome::succeeded);
    CHECK(world.chain().job_receipt(stuck.job, stuck.dt).status() == Status::CORRUPT);
}

TEST_CASE("runs that the end of the provider cut off get theirs at the next start") {
    World world;
    const Deal deal = world.deal(operation("import time\nwhile True: time.sleep(1)\n"));
    CHECK(world.ask(Method::onPremiseCompute, deal).status == 200);
    world.wait_for_state(deal, [](std::string_view state) { return state == "running"; });
    world.restart();
    const auto receipt = posted(world, deal);
    CHECK((receipt.outcome == ReceiptOutcome::cancelled || receipt.outcome == ReceiptOutcome::aborted));
    CHECK(receipt.owner == world.bank_a->address());
}

TEST_CASE("the trace shows how a job ended") {
    World world;
    const Deal deal = world.deal();
    CHECK(world.ask(Method::onPremiseCompute, deal).status == 200);
    const auto receipt = posted(world, deal);
    const auto roots = must(Tracer(world.registry()).walk({deal.dt}));
    const auto& job = roots.at(0).granted_to.at(0).jobs.at(0);
    CHECK(job.state == "succeeded");
    REQUIRE(job.receipts.size() == 1);
    CHECK(job.receipts[0].digest == receipt.digest);
    CHECK(job.receipts[0].dt == deal.dt);
    CHECK(trace_text(roots).find("receipt  ") != std::string::npos);
}

}  // namespace c2d::test
