#include "provider/runner.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"
#include "provider/data_paths.hpp"
#include "provider/job_folder.hpp"
#include "provider/peer_relay.hpp"

namespace c2d::provider {

namespace fs = std::filesystem;

void ActiveRun::cancel() {
    token_.cancel();
    const std::lock_guard lock(mutex_);
    if (sandbox_) sandbox_->cancel();
}

void ActiveRun::attach(SandboxRun* sandbox) {
    const std::lock_guard lock(mutex_);
    sandbox_ = sandbox;
    if (sandbox_ && token_.cancelled()) sandbox_->cancel();
}

Runner::Runner(const JobVerifier& verifier, const ProviderOptions& options, Sandbox sandbox,
               std::shared_ptr<JobStore> store)
    : verifier_(verifier),
      options_(options),
      sandbox_(std::move(sandbox)),
      store_(std::move(store)),
      receipts_(verifier_, options_, store_) {}

Runner::~Runner() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        ending_.cancel();
        for (auto& [key, active] : running_) active->cancel();
    }
    changed_.notify_all();
    for (auto& worker : workers_) worker.join();
}

std::uint64_t Runner::now() const { return options_.clock->now_seconds(); }

void Runner::start() {
    receipts_.start();
    for (unsigned i = 0; i < options_.workers; ++i) workers_.emplace_back([this] { work(); });
}

void Runner::wake() {
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
}

Result<bool> Runner::cancel(std::uint64_t job_id, unsigned party) {
    C2D_TRY(const bool waiting, store_->cancel_waiting(job_id, party, now()));
    const std::lock_guard lock(mutex_);
    changed_.notify_all();
    if (waiting) receipts_.wake();
    if (waiting) return true;
    const auto running = running_.find({job_id, party});
    if (running == running_.end()) return false;
    running->second->cancel();
    return true;
}

void Runner::drain() {
    {
        std::unique_lock lock(mutex_);
        changed_.wait(lock, [this] {
            const auto active = store_->active_count();
            return running_.empty() && (!active || *active == 0);
        });
    }
    receipts_.drain();
}

void Runner::work() {
    const CallScope scope(CallScope::kNever, &ending_);
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto next = store_->take_next(now());
        if (!next) options_.logger->log(LogLevel::error, "queue: " + next.error().message);
        if (!next || !*next) {
            changed_.wait(lock);
            continue;
        }
        const Key key{(*next)->job_id, (*next)->party};
        const auto active = std::make_shared<ActiveRun>();
        running_[key] = active;
        lock.unlock();
        carry_out(**next, *active);
        lock.lock();
        running_.erase(key);
        changed_.notify_all();
    }
}

void Runner::carry_out(Run run, ActiveRun& active) {
    RunFacts facts;
    auto report = perform(run, active, facts);
    finish(run, facts, std::move(report));
}

namespace {

/// A run that ended before the operator started, as a report.
Report ended_early(Outcome outcome, std::string detail) {
    Report report;
    report.outcome = outcome;
    report.detail = std::move(detail);
    return report;
}

/// The ledger and the documents may have changed since the admission: all checks again, for every
/// data set of the run.
Result<Unit> verify_again(const JobVerifier& verifier, JobStore& store, const Run& run, JobTerms& terms) {
    C2D_TRY(const auto admissions, store.admissions(run.job_id, run.party));
    for (const auto& admission : admissions) {
        Envelope envelope;
        envelope.request.method = Method::onPremiseCompute;
        envelope.request.dt = admission.dt;
        envelope.request.algo_dt = admission.algo_dt;
        envelope.request.job_id = admission.job_id;
        envelope.signer = admission.solver;
        C2D_TRY(const auto verdict, verifier.verify_job(envelope, &terms));
        if (verdict.accepted()) continue;
        Error error = fail(Status::REFUSED, "refused at launch: {} at {}: expected {}, found {}",
                           reason_text(verdict.reason), verdict.path, verdict.expected, verdict.actual);
        error.name = reason_name(verdict.reason);
        return error;
    }
    return Unit{};
}

/// Copies the data of the run to its folder and notes what it was.
Result<std::vector<SandboxInput>> prepare_inputs(const ProviderOptions& options, JobStore& store,
                                                 RunFacts& facts, const fs::path& folder) {
    std::vector<SandboxInput> inputs;
    for (const auto& input : facts.terms.inputs) {
        if (input.name.empty()) continue;
        C2D_TRY(const auto path, data_path(options, store, input.dt));
        if (!path)
            return fail(Status::NOT_FOUND, "no data file is configured for {}; see assets_path",
                        token_text(input.dt));
        C2D_TRY(const Fd data, open_data_file(*path));
        const auto copy = folder / "inputs" / input.name;
        C2D_TRY(const auto copied, copy_to(data.get(), copy));
        facts.inputs.push_back({input.name, copied.bytes, copied.sha256});
        inputs.push_back({input.name, copy, -1});
    }
    return inputs;
}

}  // namespace

Result<Report> Runner::perform(Run& run, ActiveRun& active, RunFacts& facts) {
    C2D_CHECK(verify_again(verifier_, *store_, run, facts.terms));
    const JobTerms& terms = facts.terms;
    C2D_TRY(facts.grants, grants_now(verifier_.registry().chain(), terms));
    C2D_TRY(const auto folder, claim_job_folder(options_.exec_dirpath, run.job_id, run.party,
                                                options_.signer->address()));
    run.folder = folder.string();
    run.outputs = terms.output_names;
    run.release_log = terms.release_log;
    run.updated = now();
    C2D_CHECK(store_->update(run));
    C2D_CHECK(write_file_atomic(folder / "code", terms.operation, 0600));
    C2D_CHECK(write_file_atomic(folder / "args.json", terms.args_json, 0600));
    if (terms.collusion_overridden)
        options_.logger->log(LogLevel::warn,
                             fmt::format("job {}: one organisation controls more parties than the protocol "
                                         "bears; allow_collusion lets it run: the data are NOT protected",
                                         run.job_id));
    return run_operator(run, facts, active);
}

Result<Report> Runner::run_operator(Run& run, RunFacts& facts, ActiveRun& active) {
    const fs::path folder = run.folder;
    C2D_TRY(auto inputs, prepare_inputs(options_, *store_, facts, folder));
    const JobTerms& terms = facts.terms;
    PeerRelay peers;
    if (terms.parties > 1) {
        run.state = RunState::connecting;
        C2D_CHECK(store_->set_state(run, run.state, now()));
        auto relay = connect_relay(options_, verifier_.registry().chain().network(), terms, active.token());
        if (!relay && relay.status() == Status::CANCELLED) return ended_early(Outcome::cancelled, "cancelled");
        if (!relay && relay.status() == Status::PEER)
            return ended_early(Outcome::peer_missing, relay.error().message);
        if (!relay) return relay.error();
        peers = *std::move(relay);
    }
    run.state = RunState::running;
    C2D_CHECK(store_->set_state(run, run.state, now()));
    SandboxJob job;
    job.code = terms.operation;
    job.args_json = terms.args_json;
    job.inputs = std::move(inputs);
    job.runtime = options_.runtime;
    job.environment = options_.environment;
    if (terms.parties > 1) job.environment.emplace_back("C2D_PARTY", std::to_string(terms.party));
    job.peer_fd = peers.operator_end.get();
    job.outputs = folder / "outputs";
    job.output_names = terms.output_names;
    job.limits = options_.limits;
    C2D_TRY(auto started, sandbox_.start(job));
    peers.operator_end.reset();  // only the operator holds its end now
    active.attach(started.get());
    auto report = started->wait();
    active.attach(nullptr);
    if (peers.relay) {
        const auto traffic = peers.relay->wait();
        options_.logger->log(LogLevel::info,
                             fmt::format("job {} party {}: {} bytes to peers, {} from peers, {}", run.job_id,
                                         run.party, traffic.bytes_to_peers, traffic.bytes_from_peers,
                                         frame_relay_end_name(traffic.end)));
        if (report && !report->succeeded() && traffic.end == FrameRelayReport::End::peer_lost)
            report->detail += "; " + traffic.detail;
    }
    return report;
}

namespace {

/// The sandbox's report with what it belongs to.
std::string full_report(const Run& run, const JobTerms& terms, const Report& report) {
    auto body = json::parse(report.to_json(), {std::size_t(4) << 20, 64}).value_or(json::Value());
    json::Array parties;
    for (const auto& party : terms.all_parties)
        parties.push_back(json::Value::object({{"party", party.number},
                                               {"owner", address_text(party.owner)},
                                               {"organisation", party.organisation},
                                               {"endpoint", party.endpoint}}));
    return json::pretty(json::Value::object({{"job_id", run.job_id},
                                             {"party", run.party},
                                             {"algo_dt", token_text(run.algo_dt)},
                                             {"solver", address_text(run.solver)},
                                             {"op_template", token_text(terms.op_template)},
                                             {"template_checksum", hex_text(terms.template_checksum)},
                                             {"args_hash", hex_text(terms.args_hash)},
                                             {"parties", std::move(parties)},
                                             {"collusion_overridden", terms.collusion_overridden},
                                             {"sandbox", std::move(body)}})) +
           "\n";
}

RunState final_state(const Report& report) {
    if (report.succeeded()) return RunState::succeeded;
    return report.outcome == Outcome::cancelled ? RunState::cancelled : RunState::failed;
}

}  // namespace

std::optional<StoredReceipt> Runner::receipt_of(const Run& run, const RunFacts& facts) {
    std::vector<TokenId> data;
    if (const auto admissions = store_->admissions(run.job_id, run.party))
        for (const auto& admission : *admissions) data.push_back(admission.dt);
    auto receipt = draw_receipt(run, facts, data, verifier_.registry().chain().network(), options_);
    if (receipt) return *std::move(receipt);
    options_.logger->log(LogLevel::error, "receipt: " + receipt.error().message);
    return {};
}

void Runner::finish(Run& run, RunFacts& facts, Result<Report> report) {
    run.updated = now();
    if (report) {
        run.state = final_state(*report);
        run.outcome = report->outcome == Outcome::exited ? fmt::format("exited {}", report->exit_code)
                                                         : outcome_name(report->outcome);
        run.detail = report->detail;
    } else {
        run.state = RunState::failed;
        run.outcome = report.error().name.empty() ? status_name(report.status()) : report.error().name;
        run.detail = report.error().message;
    }
    if (!run.folder.empty()) {
        const fs::path folder = run.folder;
        std::error_code ignored;
        fs::remove_all(folder / "inputs", ignored);  // the copies have served their purpose
        fs::create_directory(folder / "inputs", ignored);
        const Report shown = report ? *report : ended_early(Outcome::setup_failed, run.detail);
        for (const auto& written : {write_file_atomic(folder / "log", shown.log, 0600),
                                    write_file_atomic(folder / "report.json",
                                                      full_report(run, facts.terms, shown), 0600)})
            if (!written) options_.logger->log(LogLevel::error, written.error().message);
    }
    options_.logger->log(run.state == RunState::succeeded ? LogLevel::info : LogLevel::warn,
                         fmt::format("job {} party {}: {} ({}) {}", run.job_id, run.party,
                                     run_state_name(run.state), run.outcome, run.detail));
    if (report) facts.report = *std::move(report);
    const auto receipt = receipt_of(run, facts);
    if (receipt && !run.folder.empty())
        if (const auto written = write_file_atomic(fs::path(run.folder) / "receipt.json", receipt->document, 0600); !written)
            options_.logger->log(LogLevel::error, written.error().message);
    if (const auto stored = store_->finish(run, receipt ? &*receipt : nullptr); !stored)
        options_.logger->log(LogLevel::error, "run state: " + stored.error().message);
    receipts_.wake();
}

}  // namespace c2d::provider
