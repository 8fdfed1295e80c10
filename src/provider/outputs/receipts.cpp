#include "provider/outputs/receipts.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/fail_point.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "job/values.hpp"
#include "provider/outputs/kept_outputs.hpp"
#include "provider/outputs/posted_receipts.hpp"
#include "provider/state/answers.hpp"
#include "sandbox/values.hpp"

#include <c2d/chain_server.hpp>

#include <algorithm>

namespace c2d::provider {

using json::Value;

namespace {

/// Pauses between attempts while the ledger does not answer.
constexpr std::chrono::seconds kPauseFirst{1}, kPauseMax{60};
/// How often the ledger is asked whether it still holds what was posted.
constexpr std::chrono::seconds kRecheckPeriod{60};
/// From which edition on the ledger adds up what was opened, and how much of it at once.
constexpr std::uint64_t kDisclosuresEdition = 2, kDisclosuresMax = std::uint64_t{1} << 32;

Value terms_of(const JobTerms& terms) {
    json::Array documents;
    for (const auto& input : terms.inputs)
        documents.push_back(
            Value::object({{"dt", token_text(input.dt)}, {"checksum", hex_text(input.document_checksum)}}));
    return Value::object({{"op_template", token_text(terms.op_template)},
                          {"template_checksum", hex_text(terms.template_checksum)},
                          {"algo_checksum", hex_text(terms.algo_checksum)},
                          {"documents", std::move(documents)},
                          {"args_hash", hex_text(terms.args_hash)},
                          {"collusion_overridden", terms.collusion_overridden}});
}

/// The part for people and auditors.
Value run_details(const JobRun& run, const RunFacts& facts) {
    const auto* reason = std::get_if<Reason>(&run.end->named);
    Value out = Value::object({{"outcome", run.end->text()},
                               {"attempt", run.attempt},
                               {"verdict", reason_name(reason ? *reason : Reason::accepted)},
                               {"admitted", run.created},
                               {"ended", run.updated}});
    if (facts.resumed)
        out.set("resumed", Value::object({{"attempt", (*facts.resumed)[0]},
                                          {"checkpoint", (*facts.resumed)[1]},
                                          {"step", (*facts.resumed)[2]}}));
    if (facts.terms.job_id != 0) {  // it passed verification at launch
        out.set("terms", terms_of(facts.terms));
        out.set("parties", json::list_of(facts.terms.all_parties));
        out.set("grants", facts.grants);
    }
    if (facts.report) out.set("sandbox", to_value(*facts.report));
    return out;
}

}  // namespace

void RunFacts::note(EngineReport said) {
    disclosures = std::move(said.opened);
    rules = std::move(said.rules);
    for (const auto& sizes : said.alignments) alignments.push_back({{sizes.rows[0], sizes.rows[1]}, sizes.common});
}

Result<Value> grants_now(const Chain& chain, const JobTerms& terms) {
    Value list = Value::array();
    for (const auto& grant : terms.grants) {
        Value entry = to_value(grant);
        const auto state = chain.grant_state(grant.dt, grant.grantee);
        if (state) {
            entry.set("expiry", state->limits.expiry);
            entry.set("uses", state->limits.uses);
            entry.set("used", state->used);
        } else if (state.status() != Status::UNSUPPORTED) {
            return state.error();
        }
        list.push_back(std::move(entry));
    }
    return list;
}

Result<StoredReceipt> build_receipt(const JobRun& run, const RunFacts& facts, const std::vector<TokenId>& data,
                                    const NetworkInfo& network, const ProviderOptions& options,
                                    std::chrono::seconds attempt_wait) {
    if (!run.end) return fail(Status::INTERNAL, "job {} party {} has not ended", run.job_id, run.party);
    job::ReceiptDraft draft;
    draft.job_id = run.job_id;
    draft.party = run.party;
    draft.algo_dt = run.algo_dt;
    draft.solver = run.solver;
    draft.owner = options.organisation;
    draft.data = data;
    draft.outcome = run.end->outcome();
    draft.inputs = facts.inputs;
    if (facts.report) {
        draft.code_sha256 = facts.report->code_sha256;
        for (const auto& file : facts.report->outputs) draft.outputs.push_back({file.name, file.bytes, file.sha256});
    }
    draft.details.artifacts = facts.artifacts;
    draft.details.attempts = run.starts;
    draft.details.disclosures = run.disclosed;
    draft.details.runtime = facts.runtime;
    draft.details.input_digests = facts.input_digests;
    draft.details.alignments = facts.alignments;
    draft.details.rules = facts.rules;
    draft.run = run_details(run, facts);
    C2D_TRY(auto sealed, job::seal_receipt(draft, network, *options.signer, *options.random));
    const auto due = run.may_be_tried_again() ? run.updated + std::uint64_t(attempt_wait.count()) : 0;
    return StoredReceipt{run.job_id,       run.party, draft.outcome, sealed.digest, std::move(sealed.document),
                         Posting::pending, due};
}

// What stands already ------------------------------------------------------------------------------

Result<std::optional<StoredReceipt>> posted_receipt(const Chain& chain, const std::vector<Admission>& admissions,
                                                    const Address& self) {
    if (!chain.has_receipts()) return std::optional<StoredReceipt>();
    for (const auto& admission : admissions) {
        const auto same = is_on_ledger(chain, admission);
        if (!same && same.status() != Status::NOT_FOUND) return same.error();
        if (!same || !*same) continue;
        const auto there = chain.job_receipt(admission.job_id, admission.dt);
        if (!there && there.status() == Status::NOT_FOUND) continue;
        if (!there) return there.error();
        if (there->owner != self) continue;
        return std::optional(
            StoredReceipt{admission.job_id, admission.party, there->outcome, there->digest, "", Posting::posted});
    }
    return std::optional<StoredReceipt>();
}

std::optional<StoredReceipt> sealed_receipt(const JobRun& run, const NetworkInfo& network, const Address& self) {
    if (run.folder.empty()) return {};
    const auto text = read_file(std::filesystem::path(run.folder) / "receipt.json", kReceiptBytesMax);
    const auto receipt = text ? read_receipt(*text) : Result<JobReceipt>(text.error());
    if (!receipt || receipt->owner != self || receipt->chain_id != network.chain_id || receipt->job_id != run.job_id ||
        receipt->party != run.party)
        return {};
    return StoredReceipt{run.job_id, run.party, receipt->outcome, receipt->digest, *text, Posting::pending};
}

JobRun as_recorded(JobRun run, const StoredReceipt& receipt) {
    run.end = RunEnd::recorded(receipt.outcome);
    run.state = final_state(*run.end);
    run.detail = "a signed receipt of this run stood already: it decides";
    return run;
}

namespace {

/// The end that our signed document tells, should another attempt at the job be possible after it.
std::optional<RunEnd> end_before_another_attempt(const JobRun& run, const std::string& document) {
    const auto parsed = json::parse(document);
    const std::string text = parsed ? parsed->text_at({"run", "outcome"}) : std::string();
    const auto space = std::min(text.find(' '), text.size());
    const auto end = RunEnd::parse(text.substr(0, space), space < text.size() ? text.substr(space + 1) : "");
    if (!end || !end->may_be_tried_again() || run.attempt >= run.attempts_max) return {};
    return *end;
}

/// A signed receipt waits as it would have, had its run been stored: where the job may be tried again, nobody has it.
Result<Unit> finish_as_signed(JobStore& store, const ProviderOptions& options, const JobRun& run,
                              StoredReceipt sealed) {
    auto as_signed = as_recorded(run, sealed);
    as_signed.updated = options.clock->now_seconds();
    if (const auto end = end_before_another_attempt(run, sealed.document)) {
        as_signed.end = end;
        as_signed.detail = "the provider stopped before this end was stored";
        sealed.due = as_signed.updated + std::uint64_t(options.attempt_wait.count());
    }
    C2D_CHECK(store.finish(as_signed, &sealed));
    options.logger->log(LogLevel::warn, fmt::format("job {} party {} had ended as {} before the last process did",
                                                    run.job_id, run.party, receipt_outcome_name(sealed.outcome)));
    return Unit{};
}

}  // namespace

Result<Unit> recover_interrupted(JobStore& store, const ProviderOptions& options, const NetworkInfo& network) {
    C2D_TRY(const auto runs, store.runs_under_way());
    for (const auto& run : runs) {
        auto sealed = sealed_receipt(run, network, options.organisation);
        if (sealed) {
            C2D_CHECK(finish_as_signed(store, options, run, *std::move(sealed)));
        } else {
            // Nothing of it is released, and what was to be kept must not lie there unsealed.
            remove_outputs(run);
        }
    }
    C2D_TRY(const auto interrupted, store.fail_interrupted(options.clock->now_seconds()));
    if (interrupted > 0)
        options.logger->log(LogLevel::warn, fmt::format("{} interrupted runs were failed", interrupted));
    return Unit{};
}

// Posting -----------------------------------------------------------------------------------------

ReceiptPoster::ReceiptPoster(const JobVerifier& verifier, const ProviderOptions& options, const Tuning& tuning,
                             std::shared_ptr<JobStore> store)
    : verifier_(verifier), options_(options), tuning_(tuning), store_(std::move(store)) {}

ReceiptPoster::~ReceiptPoster() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
        ending_.cancel();
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void ReceiptPoster::start() {
    thread_ = std::thread([this] { work(); });
}

void ReceiptPoster::wake() {
    const std::lock_guard lock(mutex_);
    asked_ = true;
    idle_ = false;
    changed_.notify_all();
}

void ReceiptPoster::drain() {
    std::unique_lock lock(mutex_);
    (void)wait_within_scope(lock, changed_, [this] { return idle_ || stopping_; });
}

void ReceiptPoster::work() {
    const CallScope scope(CallScope::kNever, &ending_);
    auto pause = kPauseFirst;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        asked_ = false;
        lock.unlock();
        auto done = build_missing();
        if (done) done = recheck_posted_receipts(verifier_.registry().chain(), *store_, *options_.logger);
        if (done) done = post_pending();
        lock.lock();
        if (asked_) continue;
        idle_ = true;
        changed_.notify_all();
        const auto woken = [this] { return stopping_ || asked_; };
        if (done) {
            pause = kPauseFirst;
            changed_.wait_for(lock, kRecheckPeriod, woken);
        } else {
            options_.logger->log(LogLevel::warn, fmt::format("receipts wait for the ledger, next attempt in {} s: {}",
                                                             pause.count(), done.error().message));
            changed_.wait_for(lock, pause, woken);
            pause = std::min(pause * 2, kPauseMax);
        }
    }
}

Result<Unit> ReceiptPoster::build_missing() {
    for (;;) {
        C2D_TRY(const auto runs, store_->runs_without_receipt(kReceiptBatch));
        for (const auto& run : runs) {
            C2D_TRY(const auto admissions, store_->admissions(run.job_id, run.party));
            C2D_TRY(const auto posted, posted_receipt(verifier_.registry().chain(), admissions, self()));
            if (posted) {
                C2D_CHECK(store_->finish(as_recorded(run, *posted), &*posted));
                continue;
            }
            std::vector<TokenId> data;
            data.reserve(admissions.size());
            for (const auto& admission : admissions) data.push_back(admission.dt);
            C2D_TRY(const auto receipt, build_receipt(run, {}, data, verifier_.registry().chain().network(), options_,
                                                      tuning_.now().attempt_wait));
            C2D_CHECK(store_->add_receipt(receipt, run.attempt));
        }
        if (runs.size() < kReceiptBatch) return Unit{};
    }
}

namespace {

/// Refused by whoever takes transactions, not by the rules: nothing was sent, and it is let in once a keeper or an
/// administrator has changed their mind.
bool may_be_taken_later(const Error& error) {
    const bool sent = std::ranges::any_of(error.transaction, [](auto byte) { return byte != 0; });
    return !sent && (error.name == kSenderNotAllowed || error.name == "no_permission");
}

}  // namespace

/// Stops where the ledger does not answer, or takes nothing of ours. What fails otherwise holds nothing up: it is tried
/// again after the others of its batch.
Result<Unit> ReceiptPoster::post_pending() {
    for (;;) {
        C2D_TRY(const auto receipts, store_->pending_receipts(kReceiptBatch));
        Result<Unit> all = Unit{};
        for (const auto& receipt : receipts) {
            auto done = post(receipt);
            if (!done && (is_outage(done.error()) || may_be_taken_later(done.error()))) return done;
            if (!done && all) all = std::move(done);
        }
        if (!all || receipts.size() < kReceiptBatch) return all;
    }
}

/// A receipt by a key that acts for us no longer would be confirmed to nobody, once it is posted by the one of now.
Result<bool> ReceiptPoster::needs_our_signature(const StoredReceipt& drawn, const std::vector<Admission>& admissions) {
    const Chain& chain = verifier_.registry().chain();
    const auto read = read_receipt(drawn.document);
    const auto key = options_.signer->address();
    if (!read || read->version < 2 || read->signer == key || !is_of_this_ledger(chain, drawn)) return false;
    C2D_TRY(const bool good, chain.acts_for(read->signer, self(), KeyUse::work));
    C2D_TRY(const bool ours, chain.acts_for(key, self(), KeyUse::work));
    if (good || !ours) return false;
    for (const auto& admission : admissions) {
        const auto there = chain.job_receipt(drawn.job_id, admission.dt);
        if (there) return false;
        if (there.status() != Status::NOT_FOUND) return there.error();
    }
    return true;
}

Result<StoredReceipt> ReceiptPoster::by_a_key_that_acts(StoredReceipt drawn, const std::vector<Admission>& admissions) {
    C2D_TRY(const bool anew, needs_our_signature(drawn, admissions));
    if (!anew) return drawn;
    const auto& network = verifier_.registry().chain().network();
    C2D_TRY(auto sealed, job::sign_anew(drawn.document, network, *options_.signer, *options_.random));
    drawn.digest = sealed.digest;
    drawn.document = std::move(sealed.document);
    C2D_TRY(const auto run, store_->run(drawn.job_id, drawn.party));
    // The file first: should the process end in between, it is signed once more.
    if (run && !run->folder.empty())
        C2D_CHECK(write_file_atomic(std::filesystem::path(run->folder) / "receipt.json", drawn.document, 0600));
    C2D_CHECK(store_->replace_receipt(drawn));
    options_.logger->log(LogLevel::warn, fmt::format("the receipt of job {} party {} was signed by a key that acts for "
                                                     "{} no longer: {} signed it anew",
                                                     drawn.job_id, drawn.party, address_text(self()),
                                                     address_text(options_.signer->address())));
    return drawn;
}

Result<Unit> ReceiptPoster::post(const StoredReceipt& drawn) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return fail(Status::CANCELLED, "the provider stops");
    }
    if (!verifier_.registry().chain().has_receipts()) return store_->set_posting(drawn, Posting::unsupported);
    C2D_TRY(const auto admissions, store_->admissions(drawn.job_id, drawn.party));
    C2D_TRY(const auto receipt, by_a_key_that_acts(drawn, admissions));
    LedgerMark mark;
    for (const auto& admission : admissions) {
        const auto posted = post_for(receipt, admission);
        if (posted) mark = *posted;
        if (posted) continue;
        if (posted.status() != Status::REFUSED || may_be_taken_later(posted.error())) return posted.error();
        options_.logger->log(LogLevel::error, fmt::format("the receipt of job {} party {}: {}", receipt.job_id,
                                                          receipt.party, posted.error().message));
        return store_->set_posting(receipt, Posting::refused);
    }
    fail_point("receipt_posted");
    return store_->set_posted(receipt, mark);
}

namespace {

/// What the ledger adds up: the counts of the document, where the network's edition takes them.
Result<std::vector<Disclosure>> disclosures_of(const Chain& chain, const StoredReceipt& receipt) {
    std::vector<Disclosure> out;
    const auto read = read_receipt(receipt.document);
    if (!read || !read->details || read->details->disclosures.empty()) return out;
    C2D_TRY(const auto edition, chain.edition());
    if (edition < kDisclosuresEdition) return out;
    for (const auto& [kind, count] : read->details->disclosures)
        out.push_back({disclosure_kind(kind), std::min(count, kDisclosuresMax)});
    return out;
}

}  // namespace

/// Posted already by an attempt whose answer was lost: nothing is left to do. One that differs can never
/// be replaced, so no transaction is spent on that.
Result<LedgerMark> ReceiptPoster::post_for(const StoredReceipt& receipt, const Admission& admission) {
    Chain& chain = verifier_.registry().chain();
    const auto same = is_on_ledger(chain, admission);
    if (!same && same.status() != Status::NOT_FOUND) return same.error();
    if (same && !*same) return fail(Status::REFUSED, "the ledger now has another job under that number");
    const auto there = chain.job_receipt(receipt.job_id, admission.dt);
    if (there && there->digest == receipt.digest) {
        C2D_TRY(const auto info, chain.info());
        return LedgerMark{info.chain_id, info.head.number, info.head.hash};
    }
    if (there)
        return fail(Status::REFUSED, "the ledger holds another receipt already: {} ({})", hex_text(there->digest),
                    receipt_outcome_name(there->outcome));
    if (!there && there.status() != Status::NOT_FOUND) return there.error();
    // Runs are of jobs that stood on the ledger: this one was in blocks that it lost, and may be registered again.
    // No other receipt waits meanwhile, since they come by number and lost numbers are the highest.
    if (!same && is_of_this_ledger(chain, receipt))
        return fail(Status::NOT_FOUND,
                    "the ledger has no job {} any more; its receipt is posted once it is registered again",
                    receipt.job_id);
    // Refused by the contracts it would count as refused for good; the organisation's next key posts it.
    const auto key = options_.signer->address();
    C2D_TRY(const bool speaks, chain.acts_for(key, self(), KeyUse::work));
    if (!speaks)
        return fail(Status::CONFLICT, "the key {} does not act for {}: its receipts wait for one that does",
                    address_text(key), address_text(self()));
    C2D_TRY(const auto shown, disclosures_of(chain, receipt));
    C2D_TRY(const auto posted,
            chain.post_receipt(*options_.signer, receipt.job_id, admission.dt, receipt.outcome, receipt.digest, shown));
    return LedgerMark{chain.network().chain_id, posted.block_number, posted.block_hash};
}

}  // namespace c2d::provider
