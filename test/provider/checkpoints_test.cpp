/// What a provider keeps of runs that may be tried again, and for how long.

#include "provider/runs/checkpoints.hpp"

#include "base/checkpoint_area.hpp"
#include "base/kept_region.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>

using namespace c2d;
using namespace c2d::provider;
using support::must;
using support::named_id;
using support::named_key;

namespace {

/// An engine that leaves what it is told.
class StubRun final : public SandboxRun {
public:
    Result<Report> wait() override { return Report(); }
    void cancel() override {}
    std::optional<EngineCheckpoint> engine_checkpoint(std::uint64_t after) const override {
        if (newest.number <= after) return {};
        return newest;
    }
    EngineCheckpoint newest;
};

struct Kept {
    support::TempDir folder;
    std::shared_ptr<JobStore> store = must(JobStore::open(folder / "state.db"));
    ProviderOptions options;
    JobTerms terms;
    std::vector<ReceiptFile> inputs{{"rows", 12, {}}};

    Kept() {
        options.exec_dirpath = folder.path;
        options.organisation = named_key("bank a")->address();
        options.clock = std::make_shared<support::FakeClock>();
        options.random = Random::system();
        options.logger = Logger::silent();
        terms.job_id = 1;
        terms.algo_dt = named_id("algo");
        terms.solver = support::named_address("solver");
        terms.attempts_max = 3;
        terms.inputs.push_back({named_id("rows"), ""});
    }
    JobRun admitted(std::uint32_t attempt = 1) {
        terms.attempt = attempt;
        Envelope envelope;
        envelope.signer = terms.solver;
        envelope.request.dt = terms.inputs[0].dt;
        envelope.request.nonce.data[0] = static_cast<std::uint8_t>(attempt);
        envelope.request.expiry = options.clock->now_seconds() + 300;
        REQUIRE(must(store->admit(envelope, terms, options.clock->now_seconds(), {})) == JobStore::Admitted::added);
        return *must(store->take_next(options.clock->now_seconds()));
    }
    void seal(const JobRun& run, std::uint64_t number, std::string bytes) {
        StubRun sandbox;
        sandbox.newest = {number, std::move(bytes)};
        CheckpointKeeper keeper(options, run, inputs, sandbox);
    }
    /// What the next attempt's engine begins with.
    std::vector<std::string> handed(const JobRun& run) {
        SandboxEngine engine;
        add_checkpoint_memory(options, run, inputs, engine);
        CHECK(engine.checkpoint_bytes == kCheckpointAreaBytes);
        std::vector<std::string> out;
        if (engine.checkpoints.empty()) return out;
        const auto records = read_kept_region(as_bytes(engine.checkpoints));
        REQUIRE(records);
        for (const auto& one : *records) out.emplace_back(as_text(BytesView(one.bytes)));
        return out;
    }
    void end(JobRun run, RunEndKind kind, std::uint64_t due) {
        run.end = RunEnd{kind, {}};
        run.state = final_state(*run.end);
        const StoredReceipt receipt{run.job_id, run.party, ReceiptOutcome::failed, {}, "{}", Posting::pending, due};
        must(store->finish(run, &receipt));
    }
    std::size_t files() const {
        std::size_t out = 0;
        for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path))
            out += entry.path().extension() == ".sealed" ? 1 : 0;
        return out;
    }
};

std::string all_of(const std::vector<std::string>& texts) { return fmt::format("{}", fmt::join(texts, ", ")); }

}  // namespace

TEST_CASE_FIXTURE(Kept, "the newest three of a run are kept, and handed to its next attempt") {
    const JobRun run = admitted();
    for (std::uint64_t number = 1; number <= 5; ++number) seal(run, number, "state " + std::to_string(number));
    CHECK(files() == 3);
    // Nobody but this attempt wrote them: it begins at its beginning.
    CHECK(handed(run).empty());
    JobRun next = run;
    next.attempt = 2;
    CHECK(all_of(handed(next)) == "state 5, state 4, state 3");
    JobRun other = next;
    other.party = 1;
    CHECK(handed(other).empty());
    other = next;
    other.algo_dt = named_id("another");
    CHECK(handed(other).empty());
    // Later attempts are newer, whatever their numbers.
    seal(next, 1, "second");
    next.attempt = 3;
    CHECK(all_of(handed(next)) == "second, state 5, state 4");
}

TEST_CASE_FIXTURE(Kept, "checkpoints of other inputs are of no use, nor are they in the clear on the disk") {
    JobRun run = admitted();
    seal(run, 1, "the weights as they stood");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path))
        if (entry.is_regular_file())
            CHECK(support::read_text(entry.path()).find("the weights as they stood") == std::string::npos);
    run.attempt = 2;
    CHECK(handed(run).size() == 1);
    inputs[0].sha256.data[0] = 1;
    CHECK(handed(run).empty());
}

TEST_CASE_FIXTURE(Kept, "they go when the job has ended for good, and not before") {
    const JobRun run = admitted();
    seal(run, 1, "state");
    must(sweep_checkpoints(options, *store));
    CHECK(files() == 1);
    end(run, RunEndKind::peer_lost, options.clock->now_seconds() + 900);
    must(sweep_checkpoints(options, *store));
    CHECK(files() == 1);
    SUBCASE("it is tried again and succeeds") {
        const JobRun again = admitted(2);
        must(sweep_checkpoints(options, *store));
        CHECK(files() == 1);
        end(again, RunEndKind::succeeded, 0);
    }
    SUBCASE("nobody tries again") { REQUIRE(must(store->give_up(1, 0))); }
    SUBCASE("the state does not know it") {
        must(JobStore::open(folder / "other.db"));
        store = must(JobStore::open(folder / "other.db"));
    }
    must(sweep_checkpoints(options, *store));
    CHECK(files() == 0);
}
