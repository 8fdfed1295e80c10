#include "provider/receipts.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "provider/posted_receipts.hpp"

#include <algorithm>

namespace c2d::provider {

using json::Value;

namespace {

/// Pauses between attempts while the ledger does not answer.
constexpr std::chrono::seconds kPauseFirst{1}, kPauseMax{60};
/// How often the ledger is asked whether it still holds what was posted.
constexpr std::chrono::seconds kRecheckPeriod{60};
/// Receipts dealt with in one go.
constexpr std::size_t kBatch = 64;

bool is_failure_of_the_operator(const std::string& outcome) {
    static constexpr Outcome kOutcomes[] = {Outcome::signaled,         Outcome::wall_timeout,
                                            Outcome::cpu_limit,        Outcome::memory_limit,
                                            Outcome::outputs_rejected, Outcome::file_size_limit,
                                            Outcome::process_limit};
    return outcome.starts_with("exited") ||
           std::ranges::any_of(kOutcomes, [&](Outcome o) { return outcome == outcome_name(o); });
}

Value party_list(const JobTerms& terms) {
    json::Array parties;
    for (const auto& party : terms.all_parties)
        parties.push_back(Value::object({{"party", party.number},
                                         {"owner", address_text(party.owner)},
                                         {"organisation", party.organisation},
                                         {"endpoint", party.endpoint}}));
    return parties;
}

Value terms_of(const JobTerms& terms) {
    json::Array documents;
    for (const auto& input : terms.inputs)
        documents.push_back(Value::object({{"dt", token_text(input.dt)},
                                           {"checksum", hex_text(input.document_checksum)}}));
    return Value::object({{"op_template", token_text(terms.op_template)},
                          {"template_checksum", hex_text(terms.template_checksum)},
                          {"algo_checksum", hex_text(terms.algo_checksum)},
                          {"documents", std::move(documents)},
                          {"args_hash", hex_text(terms.args_hash)},
                          {"collusion_overridden", terms.collusion_overridden}});
}

/// The part for people and auditors.
Value run_details(const Run& run, const RunFacts& facts) {
    const auto reason = parse_reason(run.outcome);
    Value out = Value::object({{"outcome", run.outcome},
                               {"verdict", reason_name(reason ? *reason : Reason::accepted)},
                               {"admitted", run.created},
                               {"ended", run.updated}});
    if (facts.terms.job_id != 0) {  // it passed verification at launch
        out.set("terms", terms_of(facts.terms));
        out.set("parties", party_list(facts.terms));
        out.set("grants", facts.grants);
    }
    if (facts.report) out.set("sandbox", json::parse(facts.report->to_json(), {kReceiptBytesMax, 32}).value_or(Value()));
    return out;
}

bool is_outage(const Error& error) {
    return error.status == Status::UNAVAILABLE || error.status == Status::TIMEOUT ||
           error.status == Status::CANCELLED;
}

}  // namespace

ReceiptOutcome receipt_outcome(const Run& run) {
    if (run.state == RunState::succeeded) return ReceiptOutcome::succeeded;
    if (run.state == RunState::cancelled) return ReceiptOutcome::cancelled;
    if (parse_reason(run.outcome)) return ReceiptOutcome::refused;
    return is_failure_of_the_operator(run.outcome) ? ReceiptOutcome::failed : ReceiptOutcome::aborted;
}

Result<Value> grants_now(const Chain& chain, const JobTerms& terms) {
    Value list = Value::array();
    for (const auto& grant : terms.grants) {
        Value entry = Value::object({{"dt", token_text(grant.dt)}, {"grantee", token_text(grant.grantee)}});
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

Result<StoredReceipt> draw_receipt(const Run& run, const RunFacts& facts, const std::vector<TokenId>& data,
                                   const NetworkInfo& network, const ProviderOptions& options) {
    job::ReceiptDraft draft;
    draft.job_id = run.job_id;
    draft.party = run.party;
    draft.algo_dt = run.algo_dt;
    draft.solver = run.solver;
    draft.data = data;
    draft.outcome = receipt_outcome(run);
    draft.inputs = facts.inputs;
    if (facts.report) {
        draft.code_sha256 = facts.report->code_sha256;
        for (const auto& file : facts.report->outputs)
            draft.outputs.push_back({file.name, file.bytes, file.sha256});
    }
    draft.run = run_details(run, facts);
    C2D_TRY(auto sealed, job::seal_receipt(draft, network, *options.signer, *options.random));
    return StoredReceipt{run.job_id,    run.party, draft.outcome, sealed.digest, std::move(sealed.document),
                         Posting::pending};
}

// Posting -----------------------------------------------------------------------------------------

ReceiptPoster::ReceiptPoster(const JobVerifier& verifier, const ProviderOptions& options,
                             std::shared_ptr<JobStore> store)
    : verifier_(verifier), options_(options), store_(std::move(store)) {}

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
    changed_.wait(lock, [this] { return idle_ || stopping_; });
}

void ReceiptPoster::work() {
    const CallScope scope(CallScope::kNever, &ending_);
    auto pause = kPauseFirst;
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        asked_ = false;
        lock.unlock();
        auto done = draw_missing();
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

Result<Unit> ReceiptPoster::draw_missing() {
    for (;;) {
        C2D_TRY(const auto runs, store_->runs_without_receipt(kBatch));
        for (const auto& run : runs) {
            C2D_TRY(const auto admissions, store_->admissions(run.job_id, run.party));
            std::vector<TokenId> data;
            for (const auto& admission : admissions) data.push_back(admission.dt);
            C2D_TRY(const auto receipt,
                    draw_receipt(run, {}, data, verifier_.registry().chain().network(), options_));
            C2D_CHECK(store_->add_receipt(receipt));
        }
        if (runs.size() < kBatch) return Unit{};
    }
}

/// Stops where the ledger does not answer. What fails otherwise holds nothing up: it is tried again
/// after the others of its batch.
Result<Unit> ReceiptPoster::post_pending() {
    for (;;) {
        C2D_TRY(const auto receipts, store_->pending_receipts(kBatch));
        Result<Unit> all = Unit{};
        for (const auto& receipt : receipts) {
            auto done = post(receipt);
            if (!done && is_outage(done.error())) return done;
            if (!done && all) all = std::move(done);
        }
        if (!all || receipts.size() < kBatch) return all;
    }
}

Result<Unit> ReceiptPoster::post(const StoredReceipt& receipt) {
    {
        const std::lock_guard lock(mutex_);
        if (stopping_) return fail(Status::CANCELLED, "the provider stops");
    }
    if (!verifier_.registry().chain().has_receipts())
        return store_->set_posting(receipt, Posting::unsupported);
    C2D_TRY(const auto admissions, store_->admissions(receipt.job_id, receipt.party));
    LedgerMark mark;
    for (const auto& admission : admissions) {
        const auto posted = post_for(receipt, admission.dt);
        if (posted) mark = *posted;
        if (posted) continue;
        if (posted.status() != Status::REFUSED) return posted.error();
        options_.logger->log(LogLevel::error, fmt::format("the receipt of job {} party {}: {}", receipt.job_id,
                                                          receipt.party, posted.error().message));
        return store_->set_posting(receipt, Posting::refused);
    }
    return store_->set_posted(receipt, mark);
}

/// Posted already by an attempt whose answer was lost: nothing is left to do.
Result<LedgerMark> ReceiptPoster::post_for(const StoredReceipt& receipt, const TokenId& dt) {
    Chain& chain = verifier_.registry().chain();
    const auto there = chain.job_receipt(receipt.job_id, dt);
    if (there && there->digest == receipt.digest) {
        C2D_TRY(const auto info, chain.info());
        return LedgerMark{info.chain_id, info.head.number, info.head.hash};
    }
    if (!there && there.status() != Status::NOT_FOUND) return there.error();
    C2D_TRY(const auto posted,
            chain.post_receipt(*options_.signer, receipt.job_id, dt, receipt.outcome, receipt.digest));
    return LedgerMark{chain.network().chain_id, posted.block_number, posted.block_hash};
}

}  // namespace c2d::provider
