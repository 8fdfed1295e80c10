/// What a start makes of a run that was under way: a receipt that we signed decides, and nothing
/// else.
#include "provider/outputs/receipts.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using namespace c2d::provider;
using support::must;
using support::named_id;
using support::named_key;

namespace {

struct CutOff {
    support::TempDir folder;
    std::shared_ptr<JobStore> store = must(JobStore::open(folder / "state.db"));
    ProviderOptions options;
    NetworkInfo network;
    std::shared_ptr<PrivateKey> signed_by = named_key("bank a");
    job::ReceiptDraft draft;

    CutOff() {
        options.signer = named_key("bank a");
        options.organisation = options.signer->address();
        options.clock = std::make_shared<support::FakeClock>();
        options.logger = Logger::silent();
        network.chain_id = 7;
        draft.job_id = 1;
        draft.algo_dt = named_id("algo");
        draft.solver = support::named_address("solver");
        draft.data = {named_id("rows")};
        draft.outcome = ReceiptOutcome::succeeded;
        admit();
        auto run = *must(store->take_next(options.clock->now_seconds()));
        run.folder = folder.path.string();
        must(store->update(run));
    }
    void admit() {
        JobTerms terms;
        terms.job_id = draft.job_id;
        terms.algo_dt = draft.algo_dt;
        terms.solver = draft.solver;
        terms.attempts_max = 2;
        terms.inputs.push_back({draft.data[0], ""});
        Envelope envelope;
        envelope.signer = draft.solver;
        envelope.request.dt = draft.data[0];
        envelope.request.expiry = options.clock->now_seconds() + 300;
        must(store->admit(envelope, terms, options.clock->now_seconds(), {}));
    }
    /// Signed, when its run had ended so.
    std::string sealed_as(const RunEnd& end) {
        draft.outcome = end.outcome();
        draft.run = json::Value::object({{"outcome", end.text()}});
        return sealed();
    }
    std::string sealed() {
        support::RepeatableRandom salts;
        return must(job::seal_receipt(draft, network, *signed_by, salts)).document;
    }
    JobRun settled(const std::string& receipt) {
        support::write_text(folder / "receipt.json", receipt);
        NetworkInfo here;
        here.chain_id = 7;
        must(recover_interrupted(*store, options, here));
        return *must(store->run(1, 0));
    }
    void check_interrupted(const std::string& receipt) {
        const auto run = settled(receipt);
        CHECK(run.state == RunState::failed);
        REQUIRE(run.end);
        CHECK(run.end->kind == RunEndKind::interrupted);
        CHECK(must(store->pending_receipts(64)).empty());
    }
};

}  // namespace

TEST_CASE_FIXTURE(CutOff, "a run whose receipt was signed is as that says, and the receipt is posted") {
    const auto receipt = sealed();
    const auto run = settled(receipt);
    CHECK(run.state == RunState::succeeded);
    CHECK(run.end == RunEnd::recorded(ReceiptOutcome::succeeded));
    const auto pending = must(store->pending_receipts(64));
    REQUIRE(pending.size() == 1);
    CHECK(pending[0].document == receipt);
}

TEST_CASE_FIXTURE(CutOff,
                  "a receipt that another attempt may replace is not posted before that is out of the question") {
    const auto lost = RunEnd::of_peer(RunEndKind::peer_lost, 2);
    const auto run = settled(sealed_as(lost));
    CHECK(run.state == RunState::failed);
    CHECK(run.end == lost);
    CHECK(run.waits_for_attempt());
    CHECK(must(store->pending_receipts(64)).empty());
    const auto due = options.clock->now_seconds() + std::uint64_t(options.attempt_wait.count());
    CHECK(run.again_until == due);
    CHECK(must(store->end_waits_for_attempts(due)) == 1);
    CHECK(must(store->pending_receipts(64)).size() == 1);
}

TEST_CASE_FIXTURE(CutOff, "one of an end that nothing follows is posted") {
    const auto run = settled(sealed_as({RunEndKind::wall_timeout, {}}));
    CHECK(run.end == RunEnd::recorded(ReceiptOutcome::failed));
    CHECK_FALSE(run.waits_for_attempt());
    CHECK(must(store->pending_receipts(64)).size() == 1);
}

TEST_CASE_FIXTURE(CutOff, "without one it is interrupted") { check_interrupted(""); }

TEST_CASE_FIXTURE(CutOff, "a receipt that we did not sign decides nothing") {
    signed_by = named_key("solver");
    check_interrupted(sealed());
}

TEST_CASE_FIXTURE(CutOff, "nor does an altered one") {
    auto receipt = sealed();
    receipt.replace(receipt.find("succeeded"), 9, "cancelled");
    check_interrupted(receipt);
}

TEST_CASE_FIXTURE(CutOff, "nor one of another job") {
    draft.job_id = 2;
    check_interrupted(sealed());
}

TEST_CASE_FIXTURE(CutOff, "nor one of another party") {
    draft.party = 1;
    check_interrupted(sealed());
}

TEST_CASE_FIXTURE(CutOff, "nor one of another network") {
    network.chain_id = 8;
    check_interrupted(sealed());
}

TEST_CASE_FIXTURE(CutOff, "the receipt of a run says how often its operator was started, and on which c2d") {
    auto run = *must(store->run(1, 0));
    run.end = RunEnd{RunEndKind::cancelled, {}};
    options.random = std::make_shared<support::RepeatableRandom>();
    RunFacts facts;
    const auto details = [&] {
        return *must(read_receipt(
                         must(build_receipt(run, facts, draft.data, network, options, options.attempt_wait)).document))
                    .details;
    };
    CHECK(details().attempts == 0);
    CHECK(details().runtime.library_sha256.is_zero());
    run.starts = 1;
    facts.runtime = {"", keccak256("library"), keccak256("package")};
    CHECK(details().attempts == 1);
    CHECK(details().runtime.library_sha256 == keccak256("library"));
    CHECK(details().runtime.package_sha256 == keccak256("package"));
    CHECK(details().disclosures.empty());
}
