#include "provider/runs/runner.hpp"

#include "base/call_scope.hpp"
#include "base/engine_start.hpp"
#include "base/fail.hpp"
#include "base/fail_point.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "base/verdict_try.hpp"
#include "base/version.hpp"
#include "base/write_atomic.hpp"
#include "codec/json.hpp"
#include "job/values.hpp"
#include "provider/inputs/label_budget.hpp"
#include "provider/inputs/model_inputs.hpp"
#include "provider/inputs/model_limits.hpp"
#include "provider/inputs/open_inputs.hpp"
#include "provider/inputs/source_answers.hpp"
#include "provider/outputs/encrypted_outputs.hpp"
#include "provider/outputs/kept_outputs.hpp"
#include "provider/runs/checkpoints.hpp"
#include "provider/runs/joint_run.hpp"
#include "provider/state/answers.hpp"
#include "provider/state/job_folder.hpp"
#include "sandbox/values.hpp"

#include <algorithm>
#include <functional>

namespace c2d::provider {

namespace fs = std::filesystem;

namespace {

/// How often workers look by themselves, and the pauses between attempts to store an end.
constexpr std::chrono::seconds kLook{1};
constexpr std::chrono::milliseconds kSaveFirst{100}, kSaveMax{30'000};
/// How long launches wait at most before the ledger is asked again: its keeper may have taken the block out.
constexpr std::uint64_t kAheadSecondsMax = 10;
/// Joint runs that may wait for their peers at a time, beside those that have a worker: of all solvers, and of one, whose
/// peers may keep them waiting for hours.
constexpr std::size_t kGatheringMax = 64, kGatheringOfOneMax = 16;
constexpr std::chrono::milliseconds kPlaceLook{20};
/// How long peers may ask their databases.
constexpr std::chrono::minutes kInputsWait{10};

}  // namespace

Runner::Runner(const JobVerifier& verifier, const ProviderOptions& options, const Tuning& tuning, Sandbox sandbox,
               std::shared_ptr<JobStore> store, std::shared_ptr<OwnerStore> owner, std::unique_ptr<PeerPorts> ports)
    : verifier_(verifier),
      options_(options),
      tuning_(tuning),
      sandbox_(std::move(sandbox)),
      store_(std::move(store)),
      owner_(std::move(owner)),
      receipts_(verifier_, options_, tuning_, store_),
      watch_(verifier_.registry().chain(), owner_, options_.logger),
      runtime_(options_.runtime, options_.environment),
      ports_(std::move(ports)),
      places_(options_.workers) {}

Runner::~Runner() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        ending_.cancel();
        for (auto& [key, active] : running_) active->cancel(RunEndKind::interrupted);
    }
    changed_.notify_all();
    for (auto& worker : workers_) worker.join();
    if (maintenance_.joinable()) maintenance_.join();
    // Only now has the last run ended.
    save_last_ends();
}

Result<ReceiptRuntime> Runner::runtime() {
    C2D_TRY(auto out, runtime_.read());
    out.version = kVersionText;
    return out;
}

std::uint64_t Runner::now() const { return options_.clock->now_seconds(); }

void Runner::start() {
    receipts_.start();
    watch_.start();
    {
        const std::lock_guard lock(mutex_);
        while (workers_.size() < threads_max()) add_worker();
    }
    maintenance_ = std::thread([this] { maintain(); });
}

/// As many again as carry out runs may be about to come back, one looks, and one waits for a place that is lent.
std::size_t Runner::threads_max() const { return 2 * std::size_t(options_.workers) + 2 + gathering(); }

void Runner::add_worker() {
    workers_.emplace_back([this] { work(); });
}

std::size_t Runner::gathering() const {
    std::size_t out = 0;
    for (const auto& [solver, count] : gathering_) out += count;
    return out;
}

void Runner::wake() {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

void Runner::token_closed() { watch_.wake(); }

Result<bool> Runner::cancel(std::uint64_t job_id, unsigned party) {
    // Under the lock: a run that is put back is in the queue or under way, never in between.
    const std::lock_guard lock(mutex_);
    C2D_TRY(const bool waiting, store_->cancel_waiting(job_id, party, now()));
    changed_.notify_all();
    if (waiting) receipts_.wake();
    if (waiting) return true;
    const auto running = running_.find({job_id, party});
    if (running == running_.end()) {
        C2D_TRY(const bool waited, store_->give_up(job_id, party));
        if (waited) remove_old_checkpoints();
        if (waited) receipts_.wake();
        return waited;
    }
    return running->second->cancel(RunEndKind::cancelled);
}

void Runner::hold(bool held) {
    const std::lock_guard lock(mutex_);
    held_ = held;
    changed_.notify_all();
}

bool Runner::is_held() const {
    const std::lock_guard lock(mutex_);
    return held_;
}

void Runner::drain() {
    {
        std::unique_lock lock(mutex_);
        const auto idle = [this] {
            const auto active = held_ ? Result<std::size_t>(0) : store_->active_count();
            return running_.empty() && (!active || *active == 0);
        };
        if (!wait_within_scope(lock, changed_, idle)) return;
    }
    receipts_.drain();
}

struct Runner::WorkerPlace {
    /// Under the runner's lock: whoever looks at the queue next knows of it.
    WorkerPlace(Runner& of, const JobRun& run) : runner(of), solver(run.solver), gathers(run.joint) {
        if (run.joint)
            ++runner.gathering_[solver];
        else
            seeker.emplace(runner.places_, WorkerPlaces::Run{run.job_id, run.party}, false);
    }
    ~WorkerPlace() { end_gathering(); }
    WorkerPlace(const WorkerPlace&) = delete;
    WorkerPlace& operator=(const WorkerPlace&) = delete;

    void end_gathering() {
        if (!std::exchange(gathers, false)) return;
        const std::lock_guard lock(runner.mutex_);
        const auto own = runner.gathering_.find(solver);
        if (--own->second == 0) runner.gathering_.erase(own);
        runner.changed_.notify_one();
    }
    /// For the run of one party, which was taken when a worker was free: a joint run may have been quicker.
    Result<Unit> take(const CancelToken& cancel) {
        while (!seeker->try_take(std::chrono::steady_clock::now())) {
            if (cancel.cancelled() || CallScope::over())
                return fail(Status::CANCELLED, "cancelled while waiting for a worker");
            CallScope::pause(kPlaceLook);
        }
        seeker->keep();
        return Unit{};
    }

    Runner& runner;
    const Address solver;
    bool gathers;
    std::optional<WorkerPlaces::Seeker> seeker;
};

void Runner::work() {
    const CallScope scope(CallScope::kNever, &ending_);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        auto next = take_next();
        if (!next) {
            idle(lock);
            continue;
        }
        auto place = std::make_unique<WorkerPlace>(*this, *next);
        // Somebody else looks from now on. What waits for its peers takes no worker's thread.
        if (idle_ == 0 && workers_.size() < threads_max()) add_worker();
        changed_.notify_all();
        const Key key{next->job_id, next->party};
        const auto active = std::make_shared<ActiveRun>();
        running_[key] = active;
        lock.unlock();
        execute(*std::move(next), *active, std::move(place));
        lock.lock();
        changed_.notify_all();
    }
}

void Runner::idle(std::unique_lock<std::mutex>& lock) {
    ++idle_;
    if (looks_) {
        changed_.wait(lock);
    } else {
        looks_ = true;
        changed_.wait_for(lock, kLook);
        looks_ = false;
    }
    --idle_;
}

std::optional<JobRun> Runner::take_next() {
    const auto time = std::chrono::steady_clock::now();
    if (held_ || time < launches_from_ || !has_room()) return {};
    const bool is_free = places_.is_free(time);
    if (!is_free && gathering() >= kGatheringMax) return {};
    const bool takes_any = is_free || places_.is_lent(time);
    std::vector<Address> not_joint_of;
    for (const auto& [solver, count] : gathering_)
        if (count >= kGatheringOfOneMax) not_joint_of.push_back(solver);
    auto next = store_->take_next(now(), takes_any ? JobStore::Takes::any : JobStore::Takes::joint, not_joint_of);
    if (next) return *std::move(next);
    options_.logger->log(LogLevel::error, "queue: " + next.error().message);
    return {};
}

/// A full disk must not burn the queue: runs stay queued until there is room again.
bool Runner::has_room() {
    std::error_code error;
    const auto free = fs::space(options_.exec_dirpath, error).available;
    const auto needed = tuning_.now().disk_bytes_min;
    const bool full = error || free < needed;
    if (full && !paused_)
        options_.logger->log(LogLevel::error,
                             error ? fmt::format("the queue pauses: cannot look at {}: {}",
                                                 options_.exec_dirpath.string(), error.message())
                                   : fmt::format("the queue pauses: {} has {} bytes free, a run needs {}; make room",
                                                 options_.exec_dirpath.string(), free, needed));
    if (!full && paused_) options_.logger->log(LogLevel::info, "the queue goes on: there is room again");
    paused_ = full;
    return !full;
}

void Runner::execute(JobRun run, ActiveRun& active, std::unique_ptr<WorkerPlace> place) {
    RunFacts facts;
    auto ended = prepare_and_launch(run, facts, active, *place);
    place.reset();
    if (!ended && ended.error().name == reason_name(Reason::ledger_ahead)) {
        if (put_back(run, active, ended.error())) return;
        // Whoever cancelled it is told so, rather than what kept it from its launch.
        if (active.cancelled_as()) ended = EndedRun::early(RunEndKind::cancelled, "cancelled before its launch");
    }
    complete(run, facts, with_kept(run, facts, active.close(ended ? *std::move(ended) : EndedRun::of(ended.error()))));
}

bool Runner::put_back(const JobRun& run, const ActiveRun& active, const Error& ahead) {
    const std::lock_guard lock(mutex_);
    const auto why = active.cancelled_as();
    // What our own end interrupted goes on with the next start.
    if (why && why != RunEndKind::interrupted) return false;
    if (!store_->set_state(run, RunState::queued, now())) return false;
    running_.erase({run.job_id, run.party});
    const auto wait = std::clamp<std::uint64_t>(ahead.code, 1, kAheadSecondsMax);
    launches_from_ = std::chrono::steady_clock::now() + std::chrono::seconds(wait);
    options_.logger->log(LogLevel::warn, fmt::format("job {} party {} waits for the ledger, as all that is queued: {}",
                                                     run.job_id, run.party, ahead.message));
    return true;
}

namespace {

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

/// What its engine leaves meanwhile is sealed.
Result<Report> wait_with_checkpoints(const ProviderOptions& options, const JobRun& run,
                                     const std::vector<ReceiptFile>& inputs, SandboxRun& started) {
    const CheckpointKeeper keeper(options, run, inputs, started);
    return started.wait();
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

/// A run that ends before its operator starts. Our stream ends in order, as an operator's that fails: the others know who it was.
EndedRun without_operator(PeerRelay& peers, EndedRun ended) {
    peers.operator_end.reset();
    if (peers.relay) (void)peers.relay->wait();
    return ended;
}

/// A run whose data cannot be used: the others are told that, and nothing else.
EndedRun with_unusable_input(PeerRelay& peers, const Error& why) {
    tell_unusable(peers);
    return without_operator(peers, EndedRun::early(RunEndKind::input_unusable, why.message));
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

}  // namespace

/// A failure, too: its log may be released. A peer whose provider saw the revocation first is gone before we see it.
EndedRun Runner::with_revocation(EndedRun ended, const JobTerms& terms) const {
    const auto outcome = ended.end.outcome();
    const auto kind = ended.end.kind;
    const bool ran = outcome == ReceiptOutcome::succeeded || outcome == ReceiptOutcome::failed;
    const bool lost =
        kind == RunEndKind::peer_lost || kind == RunEndKind::peer_missing || kind == RunEndKind::peer_failed;
    if (!ran && !lost) return ended;
    const auto why = taken_back(verifier_.registry().chain(), *owner_, terms);
    if (why.empty()) return ended;
    ended.end = {RunEndKind::revoked, {}};
    ended.detail = why;
    return ended;
}

namespace {

/// What owners' operators announce, and that a value was out of range, is no result.
bool tells_of_data(const std::map<std::string, std::uint64_t>& disclosures) {
    return std::ranges::any_of(disclosures,
                               [](const auto& one) { return one.first != "announced" && one.first != "domain"; });
}

}  // namespace

Result<EndedRun> Runner::prepare_and_launch(JobRun& run, RunFacts& facts, ActiveRun& active, WorkerPlace& place) {
    // A run of one party has its worker before anything is checked, a joint one when all parties have one.
    if (!run.joint) C2D_CHECK(place.take(active.token()));
    // Before it is verified: what is taken back from here on is seen there or by the watch.
    C2D_TRY(const auto info, verifier_.registry().chain().info());
    C2D_TRY(auto early, prepare(run, facts));
    if (early) return *std::move(early);
    const auto watched = watch_.watch(facts.terms, info.head.number, [&active] { active.cancel(RunEndKind::revoked); });
    const bool is_first = run.starts == 0;
    auto ended = launch(run, facts, active, place);
    const bool told_nothing = facts.disclosures_known && !tells_of_data(facts.disclosures);
    const bool succeeded = ended && ended->end.kind == RunEndKind::succeeded;
    if (is_first && told_nothing && !succeeded) C2D_CHECK(owner_->forget_peer_inputs(run.job_id, run.party));
    // Where nobody knows what was opened all that was set aside counts.
    if (facts.disclosures_known) {
        C2D_CHECK(settle_label_counts(*owner_, facts.terms, facts.disclosures));
        C2D_CHECK(settle_trained_model(*owner_, facts.terms, facts.inputs, facts.disclosures, facts.kept));
    }
    return with_revocation(ended ? *std::move(ended) : EndedRun::of(ended.error()), facts.terms);
}

Result<std::optional<EndedRun>> Runner::prepare(JobRun& run, RunFacts& facts) {
    C2D_TRY(const auto admissions, store_->admissions(run.job_id, run.party));
    // A state file that was restored, or a second provider with our key: the job may have run before.
    C2D_TRY(facts.posted, posted_receipt(verifier_.registry().chain(), admissions, options_.organisation));
    if (facts.posted)
        return std::optional(
            EndedRun{RunEnd::recorded(facts.posted->outcome), "the ledger holds a receipt of this run: not again", {}});
    C2D_TRY(const auto verdict, verify_again(verifier_, *owner_, run, admissions, facts.terms));
    if (verdict.refused()) return std::optional(EndedRun::of(verdict));
    const JobTerms& terms = facts.terms;
    C2D_TRY(facts.grants, grants_now(verifier_.registry().chain(), terms));
    C2D_TRY(const auto folder,
            claim_job_folder(options_.exec_dirpath, run.job_id, run.party, options_.organisation, run.algo_dt));
    run.folder = folder.string();
    run.outputs = terms.output_names;
    run.release_log = terms.release_log;
    run.release_exit = terms.release_exit;
    // They are written anew before each start.
    C2D_CHECK(write_file_undurable(folder / "code", terms.operation, 0600));
    C2D_CHECK(write_file_undurable(folder / "args.json", terms.args_json, 0600));
    if (terms.collusion_overridden)
        options_.logger->log(LogLevel::warn,
                             fmt::format("job {}: one organisation controls more parties than the protocol "
                                         "bears; allow_collusion lets it run: the data are NOT protected",
                                         run.job_id));
    return std::optional<EndedRun>();
}

Result<std::optional<EndedRun>> Runner::check_inputs(JobTerms& terms) {
    const auto there = open_inputs(options_, *store_, *owner_, terms, nullptr);
    if (!there) return std::optional(EndedRun::early(RunEndKind::data_unavailable, there.error().message));
    C2D_TRY(auto reserved, reserve_models(*owner_, terms, prints_of(*there)));
    if (reserved.accepted()) {
        C2D_TRY(reserved, reserve_label_counts(*owner_, verifier_.registry().chain(), terms, prints_of(*there)));
    }
    return reserved.refused() ? std::optional(EndedRun::of(reserved)) : std::nullopt;
}

/// What a run came to, with what its engine says of it.
Result<EndedRun> Runner::joint_end(const JobRun& run, RunFacts& facts, Report report,
                                   const std::optional<FrameRelayReport>& traffic) {
    bool peer_gone = false;
    if (facts.terms.parties > 1) {
        auto said = engine_report_from(report.engine_report);
        if (!said)
            options_.logger->log(
                LogLevel::error,
                fmt::format("job {} party {}: the engine does not say what was opened", run.job_id, run.party));
        if (said && said->resumed[0] != 0) {
            std::ranges::copy(said->resumed, facts.resumed.emplace().begin());
            facts.disclosed_before = std::move(said->opened_before);
            options_.logger->log(
                LogLevel::info,
                fmt::format("job {} party {}: attempt {} went on from checkpoint {} of attempt {}, "
                            "after step {}",
                            run.job_id, run.party, run.attempt, said->resumed[1], said->resumed[0], said->resumed[2]));
        }
        facts.disclosures_known = said.has_value();
        if (said) peer_gone = said->peer_gone, facts.note(*std::move(said));
    }
    auto kept = take_kept(report);
    auto ended = ended_joint_run(std::move(report), traffic, peer_gone);
    if (!kept && ended.end.kind == RunEndKind::succeeded)
        ended = {{RunEndKind::outputs_not_kept, {}}, "the engine does not say what it kept", std::move(ended.report)};
    if (kept) facts.kept = *std::move(kept);
    return ended;
}

/// Returns when all parties are there and have a worker; at once in a run of one party.
Result<PeerRelay> Runner::connect(JobRun& run, const RunFacts& facts, ActiveRun& active, WorkerPlace& place) {
    const JobTerms& terms = facts.terms;
    PeerRelay peers;
    if (terms.parties <= 1) return peers;
    C2D_CHECK(check_workers(options_, terms));
    run.state = RunState::connecting;
    run.updated = now();
    C2D_CHECK(store_->update(run));
    fail_point("run_connecting");
    C2D_TRY(peers, connect_relay(options_, verifier_.registry().chain(), terms, facts.runtime, *ports_, places_,
                                 place.seeker, active.token()));
    place.end_gathering();
    fail_point("peers_connected");
    return peers;
}

/// Tells the peers what our inputs are and hears of theirs. The end of a run that goes no further.
Result<std::optional<EndedRun>> Runner::agree_on_inputs(const InputDigests& ours, RunFacts& facts, PeerRelay& peers,
                                                        ActiveRun& active) {
    if (!peers.relay) return std::optional<EndedRun>();
    auto all = exchange_input_digests(peers, facts.terms, ours, kInputsWait, &active.token());
    if (!all && all.status() == Status::PEER) return std::optional(without_operator(peers, EndedRun::of(all.error())));
    C2D_TRY(facts.input_digests, std::move(all));
    C2D_TRY(const auto verdict, check_peer_inputs(*owner_, verifier_.registry().chain(), options_.organisation,
                                                  facts.terms, facts.input_digests));
    if (verdict.accepted()) return std::optional<EndedRun>();
    return std::optional(without_operator(peers, EndedRun::of(verdict)));
}

Result<EndedRun> Runner::launch(JobRun& run, RunFacts& facts, ActiveRun& active, WorkerPlace& place) {
    const JobTerms& terms = facts.terms;
    C2D_TRY(facts.runtime, runtime());
    const auto accepted = check_runtime(terms, terms.party, facts.runtime);
    if (accepted.refused()) return EndedRun::of(accepted);
    // Before the peers are kept waiting for data that are not there.
    C2D_TRY(auto early, check_inputs(facts.terms));
    if (early) return *std::move(early);
    auto connected = connect(run, facts, active, place);
    if (!connected && is_refusal(connected.error()))
        return EndedRun{RunEnd::refused(reason_of(connected.error())), connected.error().message, {}};
    C2D_TRY(PeerRelay peers, std::move(connected));
    // Peers know by now that we are there, and wait longer than a query may take.
    const auto answers = SourceAnswers::ask(options_, terms, run.folder, active.token());
    if (!answers && answers.status() == Status::CANCELLED) return answers.error();
    if (!answers) return with_unusable_input(peers, answers.error());
    std::optional<SourceAnswers::Named> named(std::in_place, *answers, run.folder);
    const auto open = [&] { return open_inputs(options_, *store_, *owner_, terms, &*named); };
    C2D_TRY(auto inputs, open());
    const auto stated = check_published(published_, terms, inputs, active.token());
    if (!stated && stated.status() == Status::CANCELLED) return stated.error();
    if (!stated) return with_unusable_input(peers, stated.error());
    C2D_TRY(auto unequal, agree_on_inputs(digests_of(terms.party, inputs), facts, peers, active));
    if (unequal) return *std::move(unequal);
    auto job = sandbox_job(options_, tuning_.now().limits, terms, run, peers);
    job.peer_fd = peers.operator_end.get();
    C2D_TRY(const auto shares, open_model_shares(options_, terms));
    if (job.engine) C2D_CHECK(add_kept_memory(shares, !terms.kept_names.empty(), *job.engine));
    C2D_CHECK(note_start(run));
    fail_point("run_noted");
    const bool checkpoints = job.engine && run.attempts_max > 1;
    auto begun = start_on_inputs(sandbox_, job, inputs, open, [&] {
        if (checkpoints) add_checkpoint_memory(options_, run, prints_of(inputs), *job.engine);
    });
    named.reset();
    if (!begun) --run.starts;
    if (!begun && begun.error().name == run_end_kind_name(RunEndKind::data_changed))
        return without_operator(peers, EndedRun::early(RunEndKind::data_changed, begun.error().message));
    C2D_TRY(auto started, std::move(begun));
    if (job.engine) clear_handed(*job.engine);
    facts.inputs = prints_of(inputs);
    facts.disclosures_known = !job.engine;
    peers.operator_end.reset();  // only the operator holds its end now
    active.attach(started.get());
    fail_point("operator_started");
    auto waited = checkpoints ? wait_with_checkpoints(options_, run, facts.inputs, *started) : started->wait();
    active.attach(nullptr);
    fail_point("operator_ended");
    std::optional<FrameRelayReport> traffic;
    if (peers.relay) traffic = peers.relay->wait();
    if (traffic)
        options_.logger->log(LogLevel::info,
                             fmt::format("job {} party {}: {}", run.job_id, run.party, traffic_text(*traffic)));
    C2D_TRY(auto report, std::move(waited));
    C2D_TRY(auto ended, joint_end(run, facts, std::move(report), traffic));
    return with_changes(std::move(ended), inputs);
}

/// Before it starts: a process that ends in between has rather counted one too many.
Result<Unit> Runner::note_start(JobRun& run) {
    run.state = RunState::running;
    run.updated = now();
    ++run.starts;
    return store_->update(run);
}

/// A run succeeds with all that it was to keep sealed and durable, or it does not succeed.
EndedRun Runner::with_kept(const JobRun& run, RunFacts& facts, EndedRun ended) {
    const JobTerms& terms = facts.terms;
    if (run.folder.empty() || !ended.report) return ended;
    const auto sizes = check_output_sizes(terms, *ended.report);
    if (ended.end.kind == RunEndKind::succeeded && !sizes) {
        ended.end = {RunEndKind::outputs_rejected, {}};
        ended.detail = sizes.error().message;
    }
    if (ended.end.kind == RunEndKind::succeeded && !terms.results_to.empty()) {
        const auto encrypted = encrypt_outputs(run, terms, *options_.random, *ended.report);
        if (!encrypted) {
            ended.end = {RunEndKind::outputs_rejected, {}};
            ended.detail = encrypted.error().message;
        }
    }
    if (terms.kept_names.empty()) return ended;
    if (ended.end.kind == RunEndKind::succeeded) {
        auto kept = keep_outputs(options_, run, terms, facts.kept);
        if (kept) {
            facts.artifacts = *std::move(kept);
        } else {
            ended.end = {RunEndKind::outputs_not_kept, {}};
            ended.detail = kept.error().message;
        }
    }
    remove_kept_files(run, terms);
    // What they hold is told by the artifact's digest, which nobody can guess at.
    std::erase_if(ended.report->outputs, [&terms](const OutputFile& file) {
        return std::ranges::find(terms.kept_names, file.name) != terms.kept_names.end();
    });
    return ended;
}

namespace {

/// The sandbox's report with what it belongs to.
std::string full_report(const JobRun& run, const JobTerms& terms, const Report& report) {
    return json::pretty(json::Value::object({{"job_id", run.job_id},
                                             {"party", run.party},
                                             {"algo_dt", token_text(run.algo_dt)},
                                             {"solver", address_text(run.solver)},
                                             {"op_template", token_text(terms.op_template)},
                                             {"template_checksum", hex_text(terms.template_checksum)},
                                             {"args_hash", hex_text(terms.args_hash)},
                                             {"parties", json::list_of(terms.all_parties)},
                                             {"collusion_overridden", terms.collusion_overridden},
                                             {"sandbox", to_value(report)}})) +
           "\n";
}

}  // namespace

std::optional<StoredReceipt> Runner::receipt_of(const JobRun& run, const RunFacts& facts) {
    std::vector<TokenId> data;
    if (const auto admissions = store_->admissions(run.job_id, run.party))
        for (const auto& admission : *admissions) data.push_back(admission.dt);
    auto receipt =
        build_receipt(run, facts, data, verifier_.registry().chain().network(), options_, tuning_.now().attempt_wait);
    if (receipt) return *std::move(receipt);
    options_.logger->log(LogLevel::error, "receipt: " + receipt.error().message);
    return {};
}

/// What stays in the run's folder. A disk that will not have it is said, and changes nothing.
void Runner::write_files(const JobRun& run, const RunFacts& facts, const EndedRun& ended) {
    if (run.folder.empty()) return;
    Report shown = ended.report.value_or(Report());
    if (!ended.report) shown.detail = ended.detail;
    const fs::path folder = run.folder;
    for (const auto& written :
         {write_file_undurable(folder / "log", shown.log, 0600),
          write_file_undurable(folder / "report.json", full_report(run, facts.terms, shown), 0600)})
        if (!written) options_.logger->log(LogLevel::error, written.error().message);
}

void Runner::complete(JobRun& run, RunFacts& facts, EndedRun ended) {
    run.updated = now();
    run.end = ended.end;
    run.state = final_state(ended.end);
    run.detail = ended.detail;
    options_.logger->log(run.state == RunState::succeeded ? LogLevel::info : LogLevel::warn,
                         fmt::format("job {} party {}: {} ({}) {}", run.job_id, run.party, run_state_name(run.state),
                                     run.end->text(), run.detail));
    // Of an attempt whose provider was killed the checkpoint alone tells.
    for (const auto& [kind, count] : facts.disclosed_before) run.disclosed[kind] = std::max(run.disclosed[kind], count);
    for (const auto& [kind, count] : facts.disclosures) run.disclosed[kind] += count;
    write_files(run, facts, ended);
    facts.report = std::move(ended.report);
    Unsaved end{run, facts.posted ? facts.posted : receipt_of(run, facts)};
    const auto saved = save(end);
    if (saved && run.joint) remove_old_checkpoints();
    const std::lock_guard lock(mutex_);
    if (saved) {
        running_.erase({run.job_id, run.party});
        return;
    }
    options_.logger->log(LogLevel::error,
                         fmt::format("the end of job {} party {} is not stored yet, it is tried again: {}", run.job_id,
                                     run.party, saved.error().message));
    unsaved_.push_back(std::move(end));
    changed_.notify_all();
}

/// Of jobs that have ended for good. What stays behind is looked at again with the next one, and at the next start.
void Runner::remove_old_checkpoints() {
    const auto swept = sweep_checkpoints(options_, *store_);
    if (!swept) options_.logger->log(LogLevel::error, "checkpoints: " + swept.error().message);
}

/// The receipt first: what was signed decides, should the process end before the state is stored.
Result<Unit> Runner::save(const Unsaved& end) {
    if (end.receipt && !end.receipt->document.empty() && !end.run.folder.empty())
        C2D_CHECK(write_file_atomic(fs::path(end.run.folder) / "receipt.json", end.receipt->document, 0600));
    fail_point("receipt_signed");
    C2D_CHECK(store_->finish(end.run, end.receipt ? &*end.receipt : nullptr));
    fail_point("run_saved");
    receipts_.wake();
    return Unit{};
}

// What waits ----------------------------------------------------------------------------------------

void Runner::maintain() {
    auto pause = kSaveFirst;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto before = unsaved_.size();
        save_unsaved(lock);
        pause = unsaved_.size() < before || unsaved_.empty() ? kSaveFirst : std::min(pause * 2, kSaveMax);
        lock.unlock();
        end_incomplete();
        end_waits_for_attempts();
        lock.lock();
        if (!stopping_) changed_.wait_for(lock, unsaved_.empty() ? std::chrono::milliseconds(kLook) : pause);
    }
}

void Runner::save_last_ends() {
    std::unique_lock lock(mutex_);
    save_unsaved(lock);
    for (const auto& end : unsaved_)
        options_.logger->log(LogLevel::error, fmt::format("the end of job {} party {} ({}) could not be stored",
                                                          end.run.job_id, end.run.party, end.run.end->text()));
}

/// Each end once. Other work goes on meanwhile.
void Runner::save_unsaved(std::unique_lock<std::mutex>& lock) {
    for (auto left = unsaved_.size(); left > 0; --left) {
        auto end = std::move(unsaved_.front());
        unsaved_.pop_front();
        lock.unlock();
        const auto saved = save(end);
        lock.lock();
        if (saved) {
            running_.erase({end.run.job_id, end.run.party});
            changed_.notify_all();
        } else {
            unsaved_.push_back(std::move(end));
        }
    }
}

void Runner::end_waits_for_attempts() {
    const auto due = store_->end_waits_for_attempts(now());
    if (!due) options_.logger->log(LogLevel::error, "receipts: " + due.error().message);
    if (!due || *due == 0) return;
    remove_old_checkpoints();
    receipts_.wake();
}

void Runner::end_incomplete() {
    const auto waiting = tuning_.now().waiting;
    const auto late = now() - std::min<std::uint64_t>(now(), std::uint64_t(waiting.count()));
    const auto ended = store_->end_incomplete(late, now());
    if (!ended) {
        options_.logger->log(LogLevel::error, "queue: " + ended.error().message);
    } else if (*ended > 0) {
        options_.logger->log(LogLevel::warn,
                             fmt::format("{} runs ended incomplete: the rest of their data sets was not "
                                         "asked for within {} s",
                                         *ended, waiting.count()));
        receipts_.wake();
    }
}

}  // namespace c2d::provider
