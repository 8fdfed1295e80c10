#include "provider/runs/run_ends.hpp"

#include "base/fail_point.hpp"
#include "base/try.hpp"
#include "base/write_atomic.hpp"
#include "codec/json.hpp"
#include "job/values.hpp"
#include "provider/outputs/encrypted_outputs.hpp"
#include "provider/outputs/kept_outputs.hpp"
#include "provider/runs/checkpoints.hpp"
#include "provider/state/answers.hpp"
#include "sandbox/values.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace c2d::provider {

namespace fs = std::filesystem;

namespace {

/// How often is looked for what waits too long, and the pauses between attempts to store an end.
constexpr std::chrono::seconds kLook{1};
constexpr std::chrono::milliseconds kSaveFirst{100}, kSaveMax{30'000};

}  // namespace

RunEnds::RunEnds(RunServices& services, std::function<void(const JobRun&)> stored)
    : services_(services),
      stored_(std::move(stored)),
      receipts_(services.verifier, services.options, services.tuning, services.store) {}

RunEnds::~RunEnds() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    if (maintenance_.joinable()) maintenance_.join();
    std::unique_lock lock(mutex_);
    save_unsaved(lock);
    for (const auto& end : unsaved_)
        services_.log(LogLevel::error, fmt::format("the end of job {} party {} ({}) could not be stored",
                                                   end.run.job_id, end.run.party, end.run.end->text()));
}

void RunEnds::start() {
    receipts_.start();
    maintenance_ = std::thread([this] { maintain(); });
}

void RunEnds::attempts_are_over() {
    remove_old_checkpoints();
    receipts_.wake();
}

/// A run succeeds with all that it was to keep sealed and durable, or it does not succeed.
EndedRun RunEnds::with_outputs(const JobRun& run, RunFacts& facts, EndedRun ended) {
    const JobTerms& terms = facts.terms;
    if (run.folder.empty() || !ended.report) return ended;
    const auto sizes = check_output_sizes(terms, *ended.report);
    if (ended.end.kind == RunEndKind::succeeded && !sizes) {
        ended.end = {RunEndKind::outputs_rejected, {}};
        ended.detail = sizes.error().message;
    }
    if (ended.end.kind == RunEndKind::succeeded && !terms.results_to.empty()) {
        const auto encrypted = encrypt_outputs(run, terms, *services_.options.random, *ended.report);
        if (!encrypted) {
            ended.end = {RunEndKind::outputs_rejected, {}};
            ended.detail = encrypted.error().message;
        }
    }
    if (terms.kept_names.empty()) return ended;
    if (ended.end.kind == RunEndKind::succeeded) {
        auto kept = keep_outputs(services_.options, run, terms, facts.kept);
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

std::optional<StoredReceipt> RunEnds::receipt_of(const JobRun& run, const RunFacts& facts) {
    std::vector<TokenId> data;
    if (const auto admissions = services_.store->admissions(run.job_id, run.party))
        for (const auto& admission : *admissions) data.push_back(admission.dt);
    auto receipt = build_receipt(run, facts, data, services_.chain().network(), services_.options,
                                 services_.tuning.now().attempt_wait);
    if (receipt) return *std::move(receipt);
    services_.log(LogLevel::error, "receipt: " + receipt.error().message);
    return {};
}

/// What stays in the run's folder. A disk that will not have it is said, and changes nothing.
void RunEnds::write_files(const JobRun& run, const RunFacts& facts, const EndedRun& ended) {
    if (run.folder.empty()) return;
    Report shown = ended.report.value_or(Report());
    if (!ended.report) shown.detail = ended.detail;
    const fs::path folder = run.folder;
    for (const auto& written :
         {write_file_undurable(folder / "log", shown.log, 0600),
          write_file_undurable(folder / "report.json", full_report(run, facts.terms, shown), 0600)})
        if (!written) services_.log(LogLevel::error, written.error().message);
}

void RunEnds::complete(JobRun run, RunFacts& facts, EndedRun closed) {
    EndedRun ended = with_outputs(run, facts, std::move(closed));
    run.updated = services_.now();
    run.end = ended.end;
    run.state = final_state(ended.end);
    run.detail = ended.detail;
    services_.log(run.state == RunState::succeeded ? LogLevel::info : LogLevel::warn,
                  fmt::format("job {} party {}: {} ({}) {}", run.job_id, run.party, run_state_name(run.state),
                              run.end->text(), run.detail));
    // Of an attempt whose provider was killed the checkpoint alone tells.
    for (const auto& [kind, count] : facts.disclosed_before) run.disclosed[kind] = std::max(run.disclosed[kind], count);
    for (const auto& [kind, count] : facts.disclosures) run.disclosed[kind] += count;
    write_files(run, facts, ended);
    facts.report = std::move(ended.report);
    Unsaved end{run, facts.posted ? facts.posted : receipt_of(run, facts)};
    const auto saved = save(end);
    if (saved) {
        if (run.joint) remove_old_checkpoints();
        return stored_(run);
    }
    services_.log(LogLevel::error, fmt::format("the end of job {} party {} is not stored yet, it is tried again: {}",
                                               run.job_id, run.party, saved.error().message));
    const std::lock_guard lock(mutex_);
    unsaved_.push_back(std::move(end));
    changed_.notify_all();
}

/// Of jobs that have ended for good. What stays behind is looked at again with the next one, and at the next start.
void RunEnds::remove_old_checkpoints() {
    const auto swept = sweep_checkpoints(services_.options, *services_.store);
    if (!swept) services_.log(LogLevel::error, "checkpoints: " + swept.error().message);
}

/// The receipt first: what was signed decides, should the process end before the state is stored.
Result<Unit> RunEnds::save(const Unsaved& end) {
    if (end.receipt && !end.receipt->document.empty() && !end.run.folder.empty())
        C2D_CHECK(write_file_atomic(fs::path(end.run.folder) / "receipt.json", end.receipt->document, 0600));
    fail_point("receipt_signed");
    C2D_CHECK(services_.store->finish(end.run, end.receipt ? &*end.receipt : nullptr));
    fail_point("run_saved");
    receipts_.wake();
    return Unit{};
}

void RunEnds::maintain() {
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

/// Each end once. Other work goes on meanwhile.
void RunEnds::save_unsaved(std::unique_lock<std::mutex>& lock) {
    for (auto left = unsaved_.size(); left > 0; --left) {
        auto end = std::move(unsaved_.front());
        unsaved_.pop_front();
        lock.unlock();
        const auto saved = save(end);
        if (saved) stored_(end.run);
        lock.lock();
        if (!saved) unsaved_.push_back(std::move(end));
    }
}

void RunEnds::end_waits_for_attempts() {
    const auto due = services_.store->end_waits_for_attempts(services_.now());
    if (!due) services_.log(LogLevel::error, "receipts: " + due.error().message);
    if (due && *due > 0) attempts_are_over();
}

void RunEnds::end_incomplete() {
    const auto waiting = services_.tuning.now().waiting;
    const auto late = services_.now() - std::min<std::uint64_t>(services_.now(), std::uint64_t(waiting.count()));
    const auto ended = services_.store->end_incomplete(late, services_.now());
    if (!ended) {
        services_.log(LogLevel::error, "queue: " + ended.error().message);
    } else if (*ended > 0) {
        services_.log(LogLevel::warn, fmt::format("{} runs ended incomplete: the rest of their data sets was not "
                                                  "asked for within {} s",
                                                  *ended, waiting.count()));
        receipts_.wake();
    }
}

}  // namespace c2d::provider
