/// Admissions, runs and their states, and what a restart finds.
#include "provider/state/job_store.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <map>

using namespace c2d;
using namespace c2d::provider;
using support::must;
using support::named_address;
using support::named_id;
using support::TempDir;
using Admitted = JobStore::Admitted;

namespace {

constexpr std::uint64_t kNow = 1'800'000'000;

struct Office {
    TempDir folder;
    std::shared_ptr<JobStore> store = must(JobStore::open(folder / "state.db"));
    std::uint64_t nonce = 0;

    void restart() {
        store.reset();
        store = must(JobStore::open(folder / "state.db"));
    }
    static JobTerms terms(std::uint64_t job, unsigned party, const std::vector<const char*>& inputs) {
        JobTerms out;
        out.job_id = job;
        out.algo_dt = named_id("algo");
        out.solver = named_address("solver");
        out.party = party;
        out.release_log = "tail";
        out.output_names = {"log.txt", "model \"x\""};
        for (const char* input : inputs) out.inputs.push_back({named_id(input), ""});
        return out;
    }
    Envelope envelope(const char* dt, std::uint64_t with_nonce) {
        Envelope out;
        out.signer = named_address("solver");
        out.request.dt = named_id(dt);
        out.request.nonce = keccak256(std::to_string(with_nonce));
        out.request.expiry = kNow + 300;
        return out;
    }
    Admitted admit(const char* dt, const JobTerms& terms, std::size_t queue_max = 64) {
        return must(store->admit(envelope(dt, ++nonce), terms, kNow, {queue_max, queue_max}));
    }
    Admitted admit_one(std::uint64_t job, std::size_t queue_max = 64) {
        return admit("rows", terms(job, 0, {"rows"}), queue_max);
    }
    RunState state(std::uint64_t job, unsigned party = 0) { return must(store->run(job, party))->state; }
};

}  // namespace

TEST_CASE_FIXTURE(Office, "an admitted job of one data set is queued with all that is known of it") {
    CHECK(admit_one(7) == Admitted::added);
    const auto run = must(store->run_of(7, named_id("rows")));
    REQUIRE(run.has_value());
    CHECK(run->job_id == 7);
    CHECK(run->party == 0);
    CHECK(run->algo_dt == named_id("algo"));
    CHECK(run->solver == named_address("solver"));
    CHECK(run->state == RunState::queued);
    CHECK_FALSE(run->end.has_value());
    CHECK_FALSE(run->release_exit);
    CHECK(run->release_log == "tail");
    CHECK(run->outputs == std::vector<std::string>{"log.txt", "model \"x\""});
    CHECK(run->created == kNow);
    CHECK_FALSE(must(store->run(7, 1)).has_value());
    CHECK_FALSE(must(store->run_of(7, named_id("other"))).has_value());
    CHECK_FALSE(must(store->run_of(8, named_id("rows"))).has_value());
}

TEST_CASE_FIXTURE(Office, "a run of two data sets waits until both were asked for") {
    const auto both = terms(7, 0, {"rows", "labels"});
    CHECK(admit("rows", both) == Admitted::added);
    CHECK(state(7) == RunState::waiting);
    CHECK_FALSE(must(store->take_next(kNow)).has_value());
    CHECK(admit("labels", both) == Admitted::added);
    CHECK(state(7) == RunState::queued);
    CHECK(must(store->admissions(7, 0)).size() == 2);
    CHECK(must(store->take_next(kNow))->job_id == 7);
}

TEST_CASE_FIXTURE(Office, "a job and token are admitted once; asking again changes nothing") {
    admit_one(7);
    CHECK(admit_one(7) == Admitted::known);
    must(store->take_next(kNow));
    CHECK(admit_one(7) == Admitted::known);
    CHECK(state(7) == RunState::preparing);
    CHECK(must(store->admissions(7, 0)).size() == 1);
    CHECK(must(store->runs_of(named_address("solver"), 10)).size() == 1);
}

TEST_CASE_FIXTURE(Office, "a number that stands for another job by now is that one's once nothing is under way") {
    admit_one(7);
    admit_one(8);
    for (const char* differs : {"algorithm", "solver"}) {
        auto other = terms(7, 0, {"rows"});
        if (differs == std::string_view("solver")) other.solver = named_address("another");
        if (differs == std::string_view("algorithm")) other.algo_dt = named_id("another");
        INFO(differs);
        CHECK(admit("rows", other) == Admitted::ended);
        auto run = *must(store->take_next(kNow));
        CHECK(must(store->forget_other_job(other)) == 0);
        CHECK(admit("rows", other) == Admitted::ended);
        run.state = RunState::succeeded;
        run.end = RunEnd{RunEndKind::succeeded, {}};
        const StoredReceipt receipt{7, 0, ReceiptOutcome::succeeded, keccak256("r"), "{}", Posting::pending};
        must(store->finish(run, &receipt));
        CHECK(must(store->forget_other_job(other)) == 1);
        CHECK(must(store->pending_receipts(10)).empty());
        CHECK(must(store->forget_other_job(other)) == 0);
        CHECK(admit("rows", other) == Admitted::added);
        CHECK(must(store->run(7, 0))->algo_dt == other.algo_dt);
        CHECK(must(store->run(7, 0))->solver == other.solver);
        CHECK_FALSE(must(store->run(7, 0))->end.has_value());
        CHECK(must(store->forget_other_job(other)) == 0);
        CHECK(must(store->forget_other_job(terms(7, 0, {"rows"}))) == 1);
        admit_one(7);
    }
    CHECK(state(8) == RunState::queued);
}

TEST_CASE_FIXTURE(Office, "a nonce admits once, and is remembered over a restart") {
    CHECK(must(store->admit(envelope("rows", 5), terms(7, 0, {"rows"}), kNow, {})) == Admitted::added);
    CHECK(must(store->admit(envelope("rows", 5), terms(8, 0, {"rows"}), kNow, {})) == Admitted::replayed);
    CHECK_FALSE(must(store->run(8, 0)).has_value());
    restart();
    CHECK(must(store->seen(named_address("solver"), keccak256("5"))));
    CHECK(must(store->admit(envelope("rows", 5), terms(8, 0, {"rows"}), kNow, {})) == Admitted::replayed);
    CHECK_FALSE(must(store->remember(named_address("solver"), keccak256("5"), kNow + 300, kNow)));
}

TEST_CASE_FIXTURE(Office, "a full queue admits nothing and remembers no nonce") {
    CHECK(admit_one(1, 2) == Admitted::added);
    CHECK(admit_one(2, 2) == Admitted::added);
    const auto asked = envelope("rows", 99);
    CHECK(must(store->admit(asked, terms(3, 0, {"rows"}), kNow, {2, 2})) == Admitted::queue_full);
    CHECK_FALSE(must(store->run(3, 0)).has_value());
    CHECK_FALSE(must(store->seen(asked.signer, asked.request.nonce)));
    CHECK(admit_one(1, 2) == Admitted::known);
    must(store->take_next(kNow));
    CHECK(must(store->admit(asked, terms(3, 0, {"rows"}), kNow, {2, 2})) == Admitted::added);
}

TEST_CASE_FIXTURE(Office, "a request signed in the original's way has no nonce to remember") {
    auto legacy = envelope("rows", 0);
    legacy.legacy = true;
    CHECK(must(store->admit(legacy, terms(7, 0, {"rows"}), kNow, {})) == Admitted::added);
    CHECK(must(store->admit(legacy, terms(7, 0, {"rows"}), kNow, {})) == Admitted::known);
}

TEST_CASE_FIXTURE(Office, "the oldest queued run is taken first, each by one worker") {
    must(store->admit(envelope("rows", 1), terms(9, 0, {"rows"}), kNow, {}));
    must(store->admit(envelope("rows", 2), terms(4, 0, {"rows"}), kNow + 1, {}));
    must(store->admit(envelope("rows", 3), terms(5, 1, {"rows"}), kNow, {}));
    const auto first = must(store->take_next(kNow + 2));
    CHECK(first->job_id == 5);
    CHECK(first->state == RunState::preparing);
    CHECK(state(5, 1) == RunState::preparing);
    CHECK(must(store->take_next(kNow + 2))->job_id == 9);
    CHECK(must(store->take_next(kNow + 2))->job_id == 4);
    CHECK_FALSE(must(store->take_next(kNow + 2)).has_value());
}

TEST_CASE_FIXTURE(Office, "every state is stored as it is named, and survives a restart") {
    admit_one(7);
    auto run = *must(store->take_next(kNow));
    for (const auto at : {RunState::waiting, RunState::queued, RunState::preparing, RunState::connecting,
                          RunState::running, RunState::succeeded, RunState::failed, RunState::cancelled}) {
        CAPTURE(std::string(run_state_name(at)));
        must(store->set_state(run, at, kNow + 5));
        restart();
        CHECK(state(7) == at);
        CHECK(must(store->run(7, 0))->updated == kNow + 5);
    }
    const char* names[] = {"waiting", "queued",    "preparing", "connecting",
                           "running", "succeeded", "failed",    "cancelled"};
    for (int i = 0; i < 8; ++i) {
        CHECK(std::string(run_state_name(RunState(i))) == names[i]);
        CHECK(is_final(RunState(i)) == (i >= 5));
    }
}

TEST_CASE_FIXTURE(Office, "everything of a run can be written") {
    admit_one(7);
    auto run = *must(store->take_next(kNow));
    run.state = RunState::failed;
    run.end = RunEnd::not_prepared(Status::INTERNAL);
    run.release_exit = true;
    run.detail = "line\none";
    run.folder = "/somewhere";
    run.release_log = "none";
    run.outputs = {"a", "b"};
    run.updated = kNow + 9;
    must(store->update(run));
    restart();
    const auto stored = *must(store->run(7, 0));
    CHECK(stored.end == RunEnd::not_prepared(Status::INTERNAL));
    CHECK(stored.release_exit);
    CHECK(stored.detail == "line\none");
    CHECK(stored.folder == "/somewhere");
    CHECK(stored.release_log == "none");
    CHECK(stored.outputs == std::vector<std::string>{"a", "b"});
    CHECK(stored.updated == kNow + 9);
    CHECK(stored.created == kNow);
}

TEST_CASE_FIXTURE(Office, "a restart fails what was under way and keeps what waited or ended") {
    const std::pair<RunState, RunState> table[] = {
        {RunState::waiting, RunState::waiting},  {RunState::queued, RunState::queued},
        {RunState::preparing, RunState::failed}, {RunState::connecting, RunState::failed},
        {RunState::running, RunState::failed},   {RunState::succeeded, RunState::succeeded},
        {RunState::failed, RunState::failed},    {RunState::cancelled, RunState::cancelled}};
    std::uint64_t job = 0;
    for (const auto& [before, after] : table) {
        admit_one(++job);
        must(store->set_state(*must(store->run(job, 0)), before, kNow));
    }
    restart();
    CHECK(must(store->fail_interrupted(kNow + 7)) == 3);
    job = 0;
    for (const auto& [before, after] : table) {
        const std::string shown = run_state_name(before);
        CAPTURE(shown);
        CHECK(state(++job) == after);
    }
    CHECK(must(store->run(3, 0))->end == RunEnd{RunEndKind::interrupted, {}});
    CHECK(must(store->run(3, 0))->updated == kNow + 7);
    CHECK_FALSE(must(store->run(6, 0))->end.has_value());
    CHECK(must(store->fail_interrupted(kNow + 8)) == 0);
}

TEST_CASE_FIXTURE(Office, "only a run that was not taken yet can be cancelled in the queue") {
    admit_one(7);
    CHECK(must(store->cancel_waiting(7, 0, kNow + 1)));
    CHECK(state(7) == RunState::cancelled);
    CHECK(must(store->run(7, 0))->end == RunEnd{RunEndKind::cancelled, {}});
    CHECK_FALSE(must(store->cancel_waiting(7, 0, kNow + 1)));
    CHECK_FALSE(must(store->take_next(kNow)).has_value());
    admit_one(8);
    must(store->take_next(kNow));
    CHECK_FALSE(must(store->cancel_waiting(8, 0, kNow + 1)));
    CHECK(state(8) == RunState::preparing);
    CHECK_FALSE(must(store->cancel_waiting(99, 0, kNow)));
    // A second data set that comes after the cancellation does not bring the run back.
    const auto both = terms(9, 0, {"rows", "labels"});
    admit("rows", both);
    CHECK(must(store->cancel_waiting(9, 0, kNow)));
    CHECK(admit("labels", both) == Admitted::ended);
    CHECK(state(9) == RunState::cancelled);
}

TEST_CASE_FIXTURE(Office, "what runs or will run is active") {
    CHECK(must(store->active_count()) == 0);
    admit_one(1);
    admit_one(2);
    admit("rows", terms(3, 0, {"rows", "labels"}));
    CHECK(must(store->active_count()) == 2);
    const auto run = *must(store->take_next(kNow));
    CHECK(must(store->active_count()) == 2);
    must(store->set_state(run, RunState::succeeded, kNow));
    CHECK(must(store->active_count()) == 1);
}

TEST_CASE_FIXTURE(Office, "a run that stays incomplete ends by itself and frees its place") {
    CHECK(admit("rows", terms(1, 0, {"rows", "labels"}), 1) == Admitted::added);
    CHECK(admit_one(2, 1) == Admitted::queue_full);
    CHECK(must(store->end_incomplete(kNow, kNow + 600)) == 0);
    CHECK(must(store->end_incomplete(kNow + 1, kNow + 601)) == 1);
    const auto run = *must(store->run(1, 0));
    CHECK(run.state == RunState::failed);
    CHECK(run.end == RunEnd{RunEndKind::incomplete, {}});
    CHECK(run.updated == kNow + 601);
    CHECK(admit_one(2, 1) == Admitted::added);
    // What comes too late is told so, and its nonce is burnt all the same.
    const auto late = envelope("labels", 77);
    CHECK(must(store->admit(late, terms(1, 0, {"rows", "labels"}), kNow + 700, {})) == Admitted::ended);
    CHECK(must(store->seen(late.signer, late.request.nonce)));
    CHECK(must(store->admissions(1, 0)).size() == 1);
    CHECK(must(store->end_incomplete(kNow + 9999, kNow)) == 0);  // queued runs do not wait for anybody
}

TEST_CASE_FIXTURE(Office, "a full queue never refuses the missing half of a run") {
    const auto both = terms(1, 0, {"rows", "labels"});
    CHECK(admit("rows", both, 2) == Admitted::added);
    CHECK(admit_one(2, 2) == Admitted::added);
    CHECK(admit_one(3, 2) == Admitted::queue_full);
    CHECK(admit("labels", both, 2) == Admitted::added);
    CHECK(state(1) == RunState::queued);
}

TEST_CASE_FIXTURE(Office, "a solver sees its own runs, newest first, at most so many") {
    for (const std::uint64_t job : {3, 1, 2}) admit_one(job);
    auto other = terms(9, 0, {"rows"});
    other.solver = named_address("another");
    must(store->admit(envelope("rows", 999), other, kNow, {}));
    const auto runs = must(store->runs_of(named_address("solver"), 2));
    REQUIRE(runs.size() == 2);
    CHECK(runs[0].job_id == 3);
    CHECK(runs[1].job_id == 2);
    CHECK(must(store->runs_of(std::nullopt, 10)).size() == 4);
}

TEST_CASE_FIXTURE(Office, "paths are replaced and survive a restart") {
    CHECK_FALSE(must(store->path_of(named_id("rows"))).has_value());
    must(store->set_path(named_id("rows"), "/a"));
    must(store->set_path(named_id("rows"), "/b"));
    restart();
    CHECK(must(store->path_of(named_id("rows"))) == "/b");
}

TEST_CASE_FIXTURE(Office, "a damaged state file is said to be damaged") {
    store.reset();
    support::write_text(folder / "state.db", std::string(9000, 'x'));
    CHECK(JobStore::open(folder / "state.db").status() == Status::CORRUPT);
}

TEST_CASE_FIXTURE(Office, "one solver may have its share of the queue, and others the rest") {
    auto of = [this](const char* solver, std::uint64_t job) {
        auto wanted = terms(job, 0, {"rows"});
        wanted.solver = named_address(solver);
        return must(store->admit(envelope("rows", ++nonce), wanted, kNow, {4, 2}));
    };
    CHECK(of("flooding", 1) == Admitted::added);
    CHECK(of("flooding", 2) == Admitted::added);
    CHECK(of("flooding", 3) == Admitted::share_full);
    CHECK(of("patient", 4) == Admitted::added);
    CHECK(of("patient", 5) == Admitted::added);
    CHECK(of("third", 6) == Admitted::queue_full);
    // What was admitted before stays.
    CHECK(of("flooding", 1) == Admitted::known);
}

TEST_CASE_FIXTURE(Office, "a thousand runs of three solvers, most of them one's, are taken in turn") {
    std::map<Address, std::vector<std::uint64_t>> asked;
    for (std::uint64_t job = 1; job <= 1000; ++job) {
        auto wanted = terms(job, 0, {"rows"});
        wanted.solver = named_address(job <= 800 ? "flooding" : job <= 900 ? "second" : "third");
        asked[wanted.solver].push_back(job);
        CHECK(must(store->admit(envelope("rows", ++nonce), wanted, kNow, {1000, 1000})) == Admitted::added);
    }
    std::map<Address, std::vector<std::uint64_t>> taken;
    for (int i = 0; i < 300; ++i) {
        const auto run = must(store->take_next(kNow));
        REQUIRE(run.has_value());
        taken[run->solver].push_back(run->job_id);
    }
    REQUIRE(taken.size() == 3);
    for (const auto& [solver, jobs] : taken) {
        CHECK(jobs.size() == 100);
        // Each one's own in the order in which they came.
        CHECK(std::equal(jobs.begin(), jobs.end(), asked.at(solver).begin()));
    }
    // Then nobody else waits.
    CHECK(must(store->take_next(kNow))->solver == named_address("flooding"));
}

TEST_CASE_FIXTURE(Office, "where all workers are taken, joint runs alone are") {
    auto joint = terms(2, 0, {"rows"});
    joint.parties = 3;
    CHECK(admit_one(1) == Admitted::added);
    CHECK(admit("rows", joint) == Admitted::added);
    const TakeableRuns joint_alone{.alone = false};
    const auto taken = must(store->take_next(kNow, joint_alone));
    REQUIRE(taken.has_value());
    CHECK(taken->job_id == 2);
    CHECK(taken->joint);
    CHECK_FALSE(must(store->take_next(kNow, joint_alone)).has_value());
    CHECK_FALSE(must(store->take_next(kNow))->joint);
}

TEST_CASE_FIXTURE(Office, "where as many joint runs gather as may, a worker that is lent goes to a run of one party") {
    auto joint = terms(1, 0, {"rows"});
    joint.parties = 3;
    CHECK(admit("rows", joint) == Admitted::added);
    CHECK(admit_one(2) == Admitted::added);
    const TakeableRuns alone{.joint = false};
    const auto taken = must(store->take_next(kNow, alone));
    REQUIRE(taken.has_value());
    CHECK(taken->job_id == 2);
    CHECK_FALSE(must(store->take_next(kNow, alone)).has_value());
    CHECK(must(store->take_next(kNow))->job_id == 1);
}

TEST_CASE_FIXTURE(Office, "a solver who has its share of joint runs has others taken alone") {
    const auto add = [this](std::uint64_t job, const char* solver, unsigned parties) {
        auto wanted = terms(job, 0, {"rows"});
        wanted.solver = named_address(solver);
        wanted.parties = parties;
        REQUIRE(must(store->admit(envelope("rows", ++nonce), wanted, kNow, {64, 64})) == Admitted::added);
    };
    add(1, "many", 3);
    add(2, "many", 3);
    add(3, "many", 1);
    add(4, "other", 3);
    const std::vector<Address> many{named_address("many")};
    const TakeableRuns joint{.alone = false, .not_joint_of = many}, any{.not_joint_of = many};
    CHECK(must(store->take_next(kNow, joint))->job_id == 4);
    CHECK_FALSE(must(store->take_next(kNow, joint)).has_value());
    CHECK(must(store->take_next(kNow, any))->job_id == 3);
    CHECK_FALSE(must(store->take_next(kNow, any)).has_value());
    CHECK(must(store->take_next(kNow))->job_id == 1);
}
