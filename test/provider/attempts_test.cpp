/// Several attempts at one job: which are admitted, and what becomes of the receipt meanwhile.
#include "provider/state/job_store.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using namespace c2d::provider;
using support::must;
using support::named_address;
using support::named_id;
using support::TempDir;
using Admitted = JobStore::Admitted;

namespace {

constexpr std::uint64_t kNow = 1'800'000'000, kDue = kNow + 900;

struct Office {
    TempDir folder;
    std::shared_ptr<JobStore> store = must(JobStore::open(folder / "state.db"));
    std::uint64_t nonce = 0;
    std::vector<const char*> inputs = {"rows"};

    JobTerms terms(std::uint32_t attempt) const {
        JobTerms out;
        out.job_id = 7;
        out.algo_dt = named_id("algo");
        out.solver = named_address("solver");
        out.attempt = attempt;
        out.attempts_max = 3;
        for (const char* input : inputs) out.inputs.push_back({named_id(input), ""});
        return out;
    }
    Admitted admit(std::uint32_t attempt, std::uint64_t now = kNow, std::size_t queue_max = 64,
                   const char* dt = "rows") {
        Envelope envelope;
        envelope.signer = named_address("solver");
        envelope.request.dt = named_id(dt);
        envelope.request.nonce = keccak256(std::to_string(++nonce));
        envelope.request.expiry = now + 300;
        return must(store->admit(envelope, terms(attempt), now, {queue_max, queue_max}));
    }
    JobRun run() { return *must(store->run(7, 0)); }
    /// The run that was taken ends so; its receipt is due then.
    void end(RunEndKind kind, std::uint64_t due = kDue) {
        auto ended = *must(store->take_next(kNow));
        ended.end = RunEnd{kind, {}};
        ended.state = final_state(*ended.end);
        ended.folder = "/exec/job_7";
        ++ended.starts;
        ended.disclosed["auc"] += 2;
        const StoredReceipt receipt{
            7, 0, ended.end->outcome(), keccak256(std::to_string(ended.attempt)), "{}", Posting::pending, due};
        must(store->finish(ended, &receipt));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Office,
                  "an attempt follows one that ended in a way that may be tried again, and its receipt with it") {
    REQUIRE(admit(1) == Admitted::added);
    end(RunEndKind::peer_lost);
    CHECK(run().waits_for_attempt());
    CHECK(run().again_until == kDue);
    CHECK(must(store->pending_receipts(64)).empty());

    CHECK(admit(2) == Admitted::added);
    const auto again = run();
    CHECK(again.state == RunState::queued);
    CHECK(again.attempt == 2);
    CHECK_FALSE(again.end.has_value());
    CHECK_FALSE(again.receipt.has_value());
    CHECK(again.folder.empty());
    // What happened before counts.
    CHECK(again.starts == 1);
    CHECK(again.disclosed.at("auc") == 2);
    CHECK(must(store->admissions(7, 0)).at(0).attempt == 2);
    CHECK(must(store->admissions(7, 0)).size() == 1);

    end(RunEndKind::succeeded, 0);
    CHECK(run().starts == 2);
    CHECK(run().disclosed.at("auc") == 4);
    const auto receipts = must(store->pending_receipts(64));
    REQUIRE(receipts.size() == 1);
    CHECK(receipts[0].digest == keccak256("2"));
    CHECK(admit(3) == Admitted::ended);
}

TEST_CASE_FIXTURE(Office, "an attempt that was asked for already is known, and an earlier one comes too late") {
    admit(1);
    end(RunEndKind::peer_lost);
    admit(2);
    CHECK(admit(2) == Admitted::known);
    CHECK(admit(1) == Admitted::ended);
    // It has not ended.
    CHECK(admit(3) == Admitted::ended);
    CHECK(run().attempt == 2);
    CHECK(run().state == RunState::queued);
}

TEST_CASE_FIXTURE(Office, "a provider that an attempt did not reach takes the next one") {
    CHECK(admit(2) == Admitted::added);
    end(RunEndKind::peer_missing);
    CHECK(admit(3) == Admitted::added);
    CHECK(run().attempt == 3);
}

TEST_CASE_FIXTURE(Office, "ends that are somebody's own doing are not tried again") {
    for (const auto kind : {RunEndKind::succeeded, RunEndKind::cancelled, RunEndKind::revoked, RunEndKind::signaled,
                            RunEndKind::input_unusable, RunEndKind::data_changed, RunEndKind::outputs_rejected}) {
        CAPTURE(run_end_kind_name(kind));
        must(store->forget_other_job([&] {
            auto other = terms(1);
            other.algo_dt = named_id("another");
            return other;
        }()));
        REQUIRE(admit(1) == Admitted::added);
        end(kind);
        CHECK_FALSE(run().waits_for_attempt());
        CHECK(admit(2) == Admitted::ended);
    }
}

TEST_CASE_FIXTURE(Office, "a receipt that is due is posted, and no other attempt follows") {
    admit(1);
    end(RunEndKind::interrupted);
    CHECK(must(store->end_waits_for_attempts(kDue - 1)) == 0);
    // Asked for at the very moment, before anybody looked.
    CHECK(admit(2, kDue) == Admitted::ended);
    CHECK(must(store->end_waits_for_attempts(kDue)) == 1);
    CHECK(must(store->end_waits_for_attempts(kDue)) == 0);
    CHECK(must(store->pending_receipts(64)).size() == 1);
    CHECK_FALSE(run().waits_for_attempt());
    // A clock that was set back brings nothing back.
    CHECK(admit(2, kNow) == Admitted::ended);
}

TEST_CASE_FIXTURE(Office, "who gives up gets the receipt now") {
    admit(1);
    CHECK_FALSE(must(store->give_up(7, 0)));
    end(RunEndKind::peer_lost);
    CHECK(must(store->give_up(7, 0)));
    CHECK_FALSE(must(store->give_up(7, 0)));
    CHECK(must(store->pending_receipts(64)).size() == 1);
    CHECK(admit(2) == Admitted::ended);
}

TEST_CASE_FIXTURE(
    Office, "a run that was cut off may be tried again before its receipt is drawn up, and that one is not stored") {
    admit(1);
    const auto cut = *must(store->take_next(kNow));
    CHECK(must(store->fail_interrupted(kNow)) == 1);
    CHECK(run().waits_for_attempt());
    CHECK(admit(2) == Admitted::added);
    const StoredReceipt late{7, 0, ReceiptOutcome::aborted, keccak256("late"), "{}", Posting::pending};
    must(store->add_receipt(late, cut.attempt));
    CHECK_FALSE(run().receipt.has_value());
    CHECK(must(store->pending_receipts(64)).empty());
}

TEST_CASE_FIXTURE(Office, "the parts of an attempt wait for each other, and take one place in the queue") {
    inputs = {"rows", "labels"};
    admit(1);
    CHECK(admit(1, kNow, 64, "labels") == Admitted::added);
    end(RunEndKind::peer_lost);
    CHECK(must(store->would_admit(named_id("rows"), terms(2), kNow, {0, 0})) == Admitted::queue_full);
    CHECK(admit(2, kNow, 0) == Admitted::queue_full);
    CHECK(must(store->would_admit(named_id("rows"), terms(2), kNow, {1, 1})) == Admitted::added);
    CHECK(run().attempt == 1);
    CHECK(admit(2, kNow, 1) == Admitted::added);
    CHECK(run().state == RunState::waiting);
    CHECK(admit(2, kNow, 1, "labels") == Admitted::added);
    CHECK(run().state == RunState::queued);
    // The receipt is of every data set that was admitted.
    CHECK(must(store->admissions(7, 0)).size() == 2);
}
