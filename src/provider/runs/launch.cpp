#include "provider/runs/launch.hpp"

#include "base/engine_start.hpp"
#include "base/fail.hpp"
#include "base/fail_point.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "base/verdict_try.hpp"
#include "base/write_atomic.hpp"
#include "provider/inputs/label_budget.hpp"
#include "provider/inputs/model_inputs.hpp"
#include "provider/inputs/model_limits.hpp"
#include "provider/runs/checkpoints.hpp"
#include "provider/runs/joint_run.hpp"
#include "provider/state/answers.hpp"
#include "provider/state/job_folder.hpp"

#include <algorithm>

namespace c2d::provider {

namespace fs = std::filesystem;

namespace {

/// How long peers may ask their databases.
constexpr std::chrono::minutes kInputsWait{10};

/// The ledger and the documents may have changed since the admission, and our owner's mind: all checks again, for every
/// data set of the run.
Result<Verdict> verify_again(const JobVerifier& verifier, OwnerStore& owner, const JobRun& run,
                             const std::vector<Admission>& admissions, JobTerms& terms) {
    for (const auto& admission : admissions) {
        C2D_ACCEPT(check_open(owner, admission.dt));
        const JobQuery query{admission.job_id, admission.dt, admission.algo_dt, admission.solver, run.attempt};
        C2D_ACCEPT(verifier.verify_job(query, &terms));
    }
    return Verdict::accept();
}

/// Parties of ours that wait for each other need a worker each.
Result<Unit> check_workers(const ProviderOptions& options, const JobTerms& terms) {
    const auto ours = std::ranges::count(terms.all_parties, options.organisation, &Party::owner);
    if (ours <= std::ptrdiff_t(options.workers)) return Unit{};
    return fail(Status::LIMIT, "{} parties of this job run here at a time, but there are {} workers", ours,
                options.workers);
}

/// The engine has a copy of it.
void clear_handed(SandboxEngine& engine) {
    for (std::string* const text : {&engine.start, &engine.kept, &engine.checkpoints})
        clear_secret(text->data(), text->size());
}

SandboxJob sandbox_job(const ProviderOptions& options, const SandboxLimits& limits, const JobTerms& terms,
                       const JobRun& run, const PeerRelay& peers) {
    const fs::path folder = run.folder;
    SandboxJob job;
    job.code = terms.operation;
    job.args_json = terms.args_json;
    job.runtime = options.runtime;
    job.environment = options.environment;
    if (terms.parties > 1) {
        job.environment.emplace_back("C2D_PARTY", std::to_string(terms.party));
        job.engine.emplace().start = engine_start(terms, peers, run, options.checkpoint_every);
    }
    job.outputs = folder / "outputs";
    job.output_names = terms.output_names;
    job.output_names.insert(job.output_names.end(), terms.kept_names.begin(), terms.kept_names.end());
    job.limits = limits;
    return job;
}

/// The end of a run whose data changed while it was under way.
EndedRun with_changes(EndedRun ended, const std::vector<OpenInput>& inputs) {
    const auto changed = changed_input(inputs);
    if (changed && changed->empty()) return ended;
    // One that cannot be read any more may have changed; the operator has run, so its report is kept.
    ended.end = {RunEndKind::data_changed, {}};
    ended.detail = !changed ? changed.error().message
                            : fmt::format(
                                  "the data file behind inputs/{} changed while the operator could read it; "
                                  "replace data by renaming, never in place",
                                  *changed);
    return ended;
}

/// What owners' operators announce, and that a value was out of range, is no result.
bool tells_of_data(const std::map<std::string, std::uint64_t>& disclosures) {
    return std::ranges::any_of(disclosures,
                               [](const auto& one) { return one.first != "announced" && one.first != "domain"; });
}

}  // namespace

Result<EndedRun> Launch::execute() {
    // A run of one party has its worker before anything is checked, a joint one when all parties have one.
    if (!run_.joint) C2D_CHECK(place_.take(active_.token()));
    // Before it is verified: what is taken back from here on is seen there or by the watch.
    C2D_TRY(const auto info, services_.chain().info());
    C2D_TRY(auto early, prepare());
    if (early) return *std::move(early);
    const auto watched =
        services_.watch.watch(terms(), info.head.number, [this] { active_.cancel(RunEndKind::revoked); });
    const bool is_first = run_.starts == 0;
    auto ended = launch();
    let_go();
    const bool told_nothing = facts_.disclosures_known && !tells_of_data(facts_.disclosures);
    const bool succeeded = ended && ended->end.kind == RunEndKind::succeeded;
    if (is_first && told_nothing && !succeeded) C2D_CHECK(services_.owner->forget_peer_inputs(run_.job_id, run_.party));
    // Where nobody knows what was opened all that was set aside counts.
    if (facts_.disclosures_known) {
        C2D_CHECK(settle_label_counts(*services_.owner, terms(), facts_.disclosures));
        C2D_CHECK(settle_trained_model(*services_.owner, terms(), facts_.inputs, facts_.disclosures, facts_.kept));
    }
    return with_revocation(ended ? *std::move(ended) : EndedRun::of(ended.error()));
}

Launch::Early Launch::prepare() {
    C2D_TRY(const auto admissions, services_.store->admissions(run_.job_id, run_.party));
    // A state file that was restored, or a second provider with our key: the job may have run before.
    C2D_TRY(facts_.posted, posted_receipt(services_.chain(), admissions, services_.options.organisation));
    if (facts_.posted)
        return std::optional(EndedRun{
            RunEnd::recorded(facts_.posted->outcome), "the ledger holds a receipt of this run: not again", {}});
    C2D_TRY(const auto verdict, verify_again(services_.verifier, *services_.owner, run_, admissions, facts_.terms));
    if (verdict.refused()) return std::optional(EndedRun::of(verdict));
    C2D_TRY(facts_.grants, grants_now(services_.chain(), terms()));
    C2D_TRY(const auto folder, claim_job_folder(services_.options.exec_dirpath, run_.job_id, run_.party,
                                                services_.options.organisation, run_.algo_dt));
    run_.folder = folder.string();
    run_.outputs = terms().output_names;
    run_.release_log = terms().release_log;
    run_.release_exit = terms().release_exit;
    // They are written anew before each start.
    C2D_CHECK(write_file_undurable(folder / "code", terms().operation, 0600));
    C2D_CHECK(write_file_undurable(folder / "args.json", terms().args_json, 0600));
    if (terms().collusion_overridden)
        services_.log(LogLevel::warn, fmt::format("job {}: one organisation controls more parties than the protocol "
                                                  "bears; allow_collusion lets it run: the data are NOT protected",
                                                  run_.job_id));
    return std::optional<EndedRun>();
}

Result<EndedRun> Launch::launch() {
    C2D_TRY(facts_.runtime, services_.runtime.read());
    const auto accepted = check_runtime(terms(), terms().party, facts_.runtime);
    if (accepted.refused()) return EndedRun::of(accepted);
    // Before the peers are kept waiting for data that are not there.
    C2D_TRY(auto early, check_inputs());
    if (early) return *std::move(early);
    auto connected = connect();
    if (!connected && is_refusal(connected.error()))
        return EndedRun{RunEnd::refused(reason_of(connected.error())), connected.error().message, {}};
    C2D_TRY(peers_, std::move(connected));
    C2D_TRY(early, read_inputs());
    if (early) return *std::move(early);
    C2D_TRY(early, agree_on_inputs());
    if (early) return *std::move(early);
    return run_operator();
}

Launch::Early Launch::check_inputs() {
    const auto there = open_inputs(services_.options, *services_.store, *services_.owner, terms(), nullptr);
    if (!there) return std::optional(EndedRun::early(RunEndKind::data_unavailable, there.error().message));
    C2D_TRY(auto reserved, reserve_models(*services_.owner, facts_.terms, prints_of(*there)));
    if (reserved.accepted()) {
        C2D_TRY(reserved, reserve_label_counts(*services_.owner, services_.chain(), facts_.terms, prints_of(*there)));
    }
    return reserved.refused() ? std::optional(EndedRun::of(reserved)) : std::nullopt;
}

/// Returns when all parties are there and have a worker; at once in a run of one party.
Result<PeerRelay> Launch::connect() {
    PeerRelay peers;
    if (terms().parties <= 1) return peers;
    C2D_CHECK(check_workers(services_.options, terms()));
    run_.state = RunState::connecting;
    run_.updated = services_.now();
    C2D_CHECK(services_.store->update(run_));
    fail_point("run_connecting");
    C2D_TRY(peers, connect_relay(services_.options, services_.chain(), terms(), facts_.runtime, *services_.ports,
                                 services_.places, place_.seeker(), active_.token()));
    place_.end_gathering();
    fail_point("peers_connected");
    return peers;
}

/// Peers know by now that we are there, and wait longer than a query may take.
Launch::Early Launch::read_inputs() {
    auto answers = SourceAnswers::ask(services_.options, terms(), run_.folder, active_.token());
    if (!answers) return with_unusable_input(answers.error());
    answers_ = *std::move(answers);
    named_.emplace(answers_, run_.folder);
    C2D_TRY(inputs_, open());
    const auto stated = check_published(services_.published, terms(), inputs_, active_.token());
    if (!stated) return with_unusable_input(stated.error());
    return std::optional<EndedRun>();
}

Result<std::vector<OpenInput>> Launch::open() {
    return open_inputs(services_.options, *services_.store, *services_.owner, terms(), &*named_);
}

/// The others are told that data cannot be used, and nothing else.
Launch::Early Launch::with_unusable_input(const Error& why) {
    if (why.status == Status::CANCELLED) return why;
    tell_unusable(peers_);
    return std::optional(without_operator(EndedRun::early(RunEndKind::input_unusable, why.message)));
}

/// The end of a run whose operator does not start. Our stream ends in order, as an operator's that fails: the others
/// know who it was.
EndedRun Launch::without_operator(EndedRun ended) {
    peers_.operator_end.reset();
    if (peers_.relay) (void)peers_.relay->wait();
    return ended;
}

/// Tells the peers what our inputs are and hears of theirs.
Launch::Early Launch::agree_on_inputs() {
    if (!peers_.relay) return std::optional<EndedRun>();
    auto all =
        exchange_input_digests(peers_, terms(), digests_of(terms().party, inputs_), kInputsWait, &active_.token());
    if (!all && all.status() == Status::PEER) return std::optional(without_operator(EndedRun::of(all.error())));
    C2D_TRY(facts_.input_digests, std::move(all));
    C2D_TRY(const auto verdict, check_peer_inputs(*services_.owner, services_.chain(), services_.options.organisation,
                                                  terms(), facts_.input_digests));
    if (verdict.accepted()) return std::optional<EndedRun>();
    return std::optional(without_operator(EndedRun::of(verdict)));
}

Result<EndedRun> Launch::run_operator() {
    auto job = sandbox_job(services_.options, services_.tuning.now().limits, terms(), run_, peers_);
    job.peer_fd = peers_.operator_end.get();
    C2D_TRY(const auto shares, open_model_shares(services_.options, terms()));
    if (job.engine) C2D_CHECK(add_kept_memory(shares, !terms().kept_names.empty(), *job.engine));
    auto begun = start_operator(job);
    if (!begun && begun.error().name == run_end_kind_name(RunEndKind::data_changed))
        return without_operator(EndedRun::early(RunEndKind::data_changed, begun.error().message));
    C2D_TRY(auto started, std::move(begun));
    if (job.engine) clear_handed(*job.engine);
    facts_.inputs = prints_of(inputs_);
    facts_.disclosures_known = !job.engine;
    peers_.operator_end.reset();  // only the operator holds its end now
    active_.attach(started.get());
    fail_point("operator_started");
    auto waited = wait_for(*started, writes_checkpoints(job));
    active_.attach(nullptr);
    fail_point("operator_ended");
    std::optional<FrameRelayReport> traffic;
    if (peers_.relay) traffic = peers_.relay->wait();
    if (traffic)
        services_.log(LogLevel::info,
                      fmt::format("job {} party {}: {}", run_.job_id, run_.party, traffic_text(*traffic)));
    C2D_TRY(auto report, std::move(waited));
    C2D_TRY(auto ended, joint_end(std::move(report), traffic));
    return with_changes(std::move(ended), inputs_);
}

bool Launch::writes_checkpoints(const SandboxJob& job) const { return job.engine && run_.attempts_max > 1; }

Result<std::unique_ptr<SandboxRun>> Launch::start_operator(SandboxJob& job) {
    C2D_CHECK(note_start());
    fail_point("run_noted");
    auto begun = start_on_inputs(
        services_.sandbox, job, inputs_, [this] { return open(); },
        [&] {
            if (writes_checkpoints(job))
                add_checkpoint_memory(services_.options, run_, prints_of(inputs_), *job.engine);
        });
    named_.reset();
    if (!begun) --run_.starts;
    return begun;
}

/// Before it starts: a process that ends in between has rather counted one too many.
Result<Unit> Launch::note_start() {
    run_.state = RunState::running;
    run_.updated = services_.now();
    ++run_.starts;
    return services_.store->update(run_);
}

/// What the engine leaves meanwhile is sealed.
Result<Report> Launch::wait_for(SandboxRun& started, bool checkpoints) {
    if (!checkpoints) return started.wait();
    const CheckpointKeeper keeper(services_.options, run_, facts_.inputs, started);
    return started.wait();
}

/// What a run came to, with what its engine says of it.
Result<EndedRun> Launch::joint_end(Report report, const std::optional<FrameRelayReport>& traffic) {
    const bool peer_gone = terms().parties > 1 && note_engine_report(report);
    auto kept = take_kept(report);
    auto ended = ended_joint_run(std::move(report), traffic, peer_gone);
    if (!kept && ended.end.kind == RunEndKind::succeeded)
        ended = {{RunEndKind::outputs_not_kept, {}}, "the engine does not say what it kept", std::move(ended.report)};
    if (kept) facts_.kept = *std::move(kept);
    return ended;
}

/// Whether the engine could not go on because a party was gone.
bool Launch::note_engine_report(const Report& report) {
    auto said = engine_report_from(report.engine_report);
    facts_.disclosures_known = said.has_value();
    if (!said) {
        services_.log(LogLevel::error,
                      fmt::format("job {} party {}: the engine does not say what was opened", run_.job_id, run_.party));
        return false;
    }
    if (said->resumed[0] != 0) {
        std::ranges::copy(said->resumed, facts_.resumed.emplace().begin());
        facts_.disclosed_before = std::move(said->opened_before);
        services_.log(
            LogLevel::info,
            fmt::format("job {} party {}: attempt {} went on from checkpoint {} of attempt {}, after step {}",
                        run_.job_id, run_.party, run_.attempt, said->resumed[1], said->resumed[0], said->resumed[2]));
    }
    const bool peer_gone = said->peer_gone;
    facts_.note(*std::move(said));
    return peer_gone;
}

/// A failure, too: its log may be released. A peer whose provider saw the revocation first is gone before we see it.
EndedRun Launch::with_revocation(EndedRun ended) const {
    const auto outcome = ended.end.outcome();
    const auto kind = ended.end.kind;
    const bool ran = outcome == ReceiptOutcome::succeeded || outcome == ReceiptOutcome::failed;
    const bool lost =
        kind == RunEndKind::peer_lost || kind == RunEndKind::peer_missing || kind == RunEndKind::peer_failed;
    if (!ran && !lost) return ended;
    const auto why = taken_back(services_.chain(), *services_.owner, terms());
    if (why.empty()) return ended;
    ended.end = {RunEndKind::revoked, {}};
    ended.detail = why;
    return ended;
}

/// However it came out: nobody waits for us any more, and the data are closed.
void Launch::let_go() {
    named_.reset();
    inputs_.clear();
    // While the operator's end is open: closed first, it would end the stream in order, as of an operator that is done.
    peers_.relay.reset();
    peers_ = PeerRelay();
}

}  // namespace c2d::provider
