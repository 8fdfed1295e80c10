#include "provider/state/job_store.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"
#include "provider/state/state_schema.hpp"
#include "store/undurable_write.hpp"

#include <array>

namespace c2d::provider {

namespace {

constexpr std::array<const char*, 8> kStateNames = {"waiting", "queued",    "preparing", "connecting",
                                                    "running", "succeeded", "failed",    "cancelled"};

/// Reads runs; a WHERE follows.
constexpr const char* kSelectRuns =
    "SELECT job_id, party, algo_dt, solver, state, end_kind, detail, folder, release_log, outputs, created, "
    "updated, posting, digest, end_named, release_exit, joint, attempt, attempts_max, starts, disclosed, due FROM runs "
    "LEFT JOIN receipts USING (job_id, party) ";
constexpr std::array<const char*, 4> kPostingNames = {"pending", "posted", "unsupported", "refused"};

std::string encode_outputs(const std::vector<std::string>& outputs) {
    json::Array list;
    for (const auto& name : outputs) list.push_back(name);
    return json::compact(list);
}

std::string encode_counts(const std::map<std::string, std::uint64_t>& counts) {
    json::Value out = json::Object();
    for (const auto& [kind, count] : counts) out.set(kind, count);
    return json::compact(out);
}

Result<std::map<std::string, std::uint64_t>> decode_counts(const std::string& text) {
    C2D_TRY(const auto counts, json::parse(text));
    std::map<std::string, std::uint64_t> out;
    for (const auto& [kind, count] : counts.members()) out[kind] = count.as_uint().value_or(0);
    return out;
}

}  // namespace

const char* run_state_name(RunState state) noexcept { return kStateNames[std::size_t(state)]; }
bool is_final(RunState state) noexcept { return state >= RunState::succeeded; }
RunState final_state(const RunEnd& end) noexcept {
    switch (end.outcome()) {
        case ReceiptOutcome::succeeded: return RunState::succeeded;
        case ReceiptOutcome::cancelled: return RunState::cancelled;
        case ReceiptOutcome::failed:
        case ReceiptOutcome::refused:
        case ReceiptOutcome::aborted: break;
    }
    return RunState::failed;
}
const char* posting_name(Posting posting) noexcept { return kPostingNames[std::size_t(posting)]; }

Result<std::shared_ptr<JobStore>> JobStore::open(const std::filesystem::path& path) {
    std::shared_ptr<JobStore> out(new JobStore);
    C2D_TRY(out->db_, store::Database::open(path.string(), store::Database::Mode::create));
    std::error_code ignored;
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write,
                                 ignored);
    C2D_CHECK(bring_up_to_date(out->db_, path));
    C2D_TRY(out->nonces_, NonceTable::open(out->db_));
    return out;
}

void JobStore::on_run_change(std::function<void()> listener) {
    const std::lock_guard lock(mutex_);
    if (!listener) return db_.on_change({});
    db_.on_change([listener = std::move(listener)](std::string_view table) {
        if (table == "runs") listener();
    });
}

Result<bool> JobStore::seen(const Address& signer, const Bytes32& nonce) {
    const std::lock_guard lock(mutex_);
    return nonces_.seen(signer, nonce);
}

Result<bool> JobStore::remember(const Address& signer, const Bytes32& nonce, std::uint64_t expiry, std::uint64_t now) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_TRY(const bool fresh, nonces_.remember(signer, nonce, expiry, now));
    C2D_CHECK(write.commit());
    return fresh;
}

Result<JobRun> JobStore::read_run(store::Statement& row) {
    JobRun run;
    run.job_id = row.number(0);
    run.party = unsigned(row.number(1));
    C2D_TRY(run.algo_dt, row.bytes32(2));
    C2D_TRY(run.solver, Address::from(row.blob(3)));
    const auto state = row.text(4);
    for (std::size_t i = 0; i < kStateNames.size(); ++i)
        if (state == kStateNames[i]) run.state = RunState(i);
    if (const auto kind = row.text(5); !kind.empty()) {
        C2D_TRY(run.end, RunEnd::parse(kind, row.text(14)));
    }
    run.detail = row.text(6);
    run.folder = row.text(7);
    run.release_log = row.text(8);
    C2D_TRY(const auto outputs, json::parse(row.text(9)));
    for (const auto& name : outputs.items()) run.outputs.push_back(name.text());
    run.created = row.number(10);
    run.updated = row.number(11);
    run.release_exit = row.number(15) != 0;
    run.joint = row.number(16) != 0;
    run.attempt = std::uint32_t(row.number(17));
    run.attempts_max = std::uint32_t(row.number(18));
    run.starts = row.number(19);
    C2D_TRY(run.disclosed, decode_counts(row.text(20)));
    if (row.is_null(12)) return run;
    run.again_until = row.number(21);
    const auto posting = row.text(12);
    for (std::size_t i = 0; i < kPostingNames.size(); ++i)
        if (posting == kPostingNames[i]) run.receipt = Posting(i);
    C2D_TRY(run.receipt_digest, row.bytes32(13));
    return run;
}

Result<std::vector<JobRun>> JobStore::read_runs(store::Statement& query) {
    std::vector<JobRun> out;
    for (;;) {
        C2D_TRY(const bool row, query.step());
        if (!row) return out;
        C2D_TRY(auto run, read_run(query));
        out.push_back(std::move(run));
    }
}

Result<JobStore::Admitted> JobStore::admit(const Envelope& envelope, const JobTerms& terms, std::uint64_t now,
                                           QueueLimits limits) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    const Request& request = envelope.request;
    if (!envelope.legacy) {
        C2D_TRY(const bool fresh, nonces_.remember(envelope.signer, request.nonce, request.expiry, now));
        if (!fresh) return Admitted::replayed;
    }
    C2D_TRY(const auto place, place_for(request.dt, terms, now, limits));
    if (place == Admitted::queue_full || place == Admitted::share_full) return place;
    if (place == Admitted::added) C2D_CHECK(add_admission(request.dt, terms, now));
    C2D_CHECK(write.commit());
    return place;
}

/// Runs under this number that are of another job, and for which `condition` holds.
Result<std::size_t> JobStore::count_others(const JobTerms& terms, std::string_view condition) {
    C2D_TRY(auto query, db_.prepare(fmt::format("SELECT count(*) FROM runs WHERE job_id = ? AND "
                                                "(algo_dt != ? OR solver != ?) AND {}",
                                                condition)));
    query.bind(1, terms.job_id).bind(2, terms.algo_dt.view()).bind(3, terms.solver.view());
    C2D_CHECK(query.step());
    return std::size_t(query.number(0));
}

Result<std::size_t> JobStore::forget_other_job(const JobTerms& terms) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_TRY(const auto under_way, count_others(terms, "state IN ('preparing', 'connecting', 'running')"));
    C2D_TRY(const auto others, count_others(terms, "TRUE"));
    if (under_way > 0 || others == 0) return std::size_t(0);
    for (const char* table : {"receipts", "admissions", "runs"}) {
        C2D_TRY(auto remove, db_.prepare(fmt::format("DELETE FROM {} WHERE job_id = ?", table)));
        C2D_CHECK(remove.bind(1, terms.job_id).run());
    }
    C2D_CHECK(write.commit());
    return others;
}

/// Whether the data set may be admitted (`added`), was before, or comes too late or too many.
Result<JobStore::Admitted> JobStore::place_for(const TokenId& dt, const JobTerms& terms, std::uint64_t now,
                                               QueueLimits limits) {
    C2D_TRY(const auto others, count_others(terms, "TRUE"));
    if (others > 0) return Admitted::ended;
    C2D_TRY(const auto run, read_one(terms.job_id, terms.party));
    if (!run) return place_in_queue(terms.solver, limits);
    if (run->attempt == terms.attempt) {
        C2D_TRY(auto known, db_.prepare("SELECT 1 FROM admissions WHERE job_id = ? AND dt = ? AND attempt = ?"));
        known.bind(1, terms.job_id).bind(2, dt.view()).bind(3, std::uint64_t(terms.attempt));
        C2D_TRY(const bool admitted, known.step());
        if (admitted) return Admitted::known;
        // The missing half of a run that was admitted is always admitted.
        return run->state == RunState::waiting ? Admitted::added : Admitted::ended;
    }
    // A receipt that is due may be on its way to the ledger: then there is no other attempt.
    const bool is_due = run->receipt && run->again_until <= now;
    const bool again = terms.attempt > run->attempt && run->waits_for_attempt() && !is_due;
    return again ? place_in_queue(terms.solver, limits) : Result<Admitted>(Admitted::ended);
}

Result<JobStore::Admitted> JobStore::would_admit(const TokenId& dt, const JobTerms& terms, std::uint64_t now,
                                                 QueueLimits limits) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(const auto others, count_others(terms, "TRUE"));
    return others > 0 ? Result<Admitted>(Admitted::added) : place_for(dt, terms, now, limits);
}

Result<JobStore::Admitted> JobStore::place_in_queue(const Address& solver, QueueLimits limits) {
    C2D_TRY(auto waiting, db_.prepare("SELECT count(*), count(*) FILTER (WHERE solver = ?) FROM runs "
                                      "WHERE state IN ('waiting', 'queued')"));
    waiting.bind(1, solver.view());
    C2D_CHECK(waiting.step());
    if (waiting.number(0) >= limits.all) return Admitted::queue_full;
    return waiting.number(1) >= limits.of_one ? Admitted::share_full : Admitted::added;
}

/// Makes the run, or the one of an earlier attempt is as if it were new, and its receipt, which nobody has, is forgotten.
Result<Unit> JobStore::begin_attempt(const JobTerms& terms, std::uint64_t now) {
    C2D_TRY(
        auto make,
        db_.prepare("INSERT INTO runs (job_id, party, algo_dt, solver, state, end_kind, detail, folder, release_log, "
                    "outputs, created, updated, release_exit, joint, attempt, attempts_max) "
                    "VALUES (?1, ?2, ?3, ?4, 'waiting', '', '', '', ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11) "
                    "ON CONFLICT (job_id, party) DO UPDATE SET state = 'waiting', end_kind = '', end_named = '', "
                    "detail = '', folder = '', created = ?7, updated = ?7, has_receipt = 0, attempt = ?10, "
                    "attempts_max = ?11 WHERE attempt < ?10"));
    make.bind(1, terms.job_id).bind(2, std::uint64_t(terms.party)).bind(3, terms.algo_dt.view());
    make.bind(4, terms.solver.view()).bind(5, terms.release_log);
    make.bind(6, encode_outputs(terms.output_names)).bind(7, now).bind(8, int(terms.release_exit));
    make.bind(9, int(terms.parties > 1)).bind(10, std::uint64_t(terms.attempt));
    C2D_CHECK(make.bind(11, std::uint64_t(terms.attempts_max)).run());
    if (db_.changes() == 0) return Unit{};
    C2D_TRY(auto forget, db_.prepare("DELETE FROM receipts WHERE job_id = ? AND party = ?"));
    return forget.bind(1, terms.job_id).bind(2, std::uint64_t(terms.party)).run();
}

Result<Unit> JobStore::add_admission(const TokenId& dt, const JobTerms& terms, std::uint64_t now) {
    C2D_TRY(auto add, db_.prepare("INSERT OR REPLACE INTO admissions (job_id, dt, algo_dt, solver, party, attempt) "
                                  "VALUES (?, ?, ?, ?, ?, ?)"));
    add.bind(1, terms.job_id).bind(2, dt.view()).bind(3, terms.algo_dt.view()).bind(4, terms.solver.view());
    C2D_CHECK(add.bind(5, std::uint64_t(terms.party)).bind(6, std::uint64_t(terms.attempt)).run());
    C2D_CHECK(begin_attempt(terms, now));
    C2D_TRY(auto count, db_.prepare("SELECT count(*) FROM admissions WHERE job_id = ? AND party = ? AND attempt = ?"));
    count.bind(1, terms.job_id).bind(2, std::uint64_t(terms.party)).bind(3, std::uint64_t(terms.attempt));
    C2D_CHECK(count.step());
    const bool complete = count.number(0) >= terms.inputs.size();
    count.reset();
    if (!complete) return Unit{};
    C2D_TRY(auto queue, db_.prepare("UPDATE runs SET state = 'queued', updated = ? WHERE job_id = ? "
                                    "AND party = ? AND state = 'waiting'"));
    return queue.bind(1, now).bind(2, terms.job_id).bind(3, std::uint64_t(terms.party)).run();
}

Result<std::optional<JobRun>> JobStore::read_one(std::uint64_t job_id, unsigned party) {
    C2D_TRY(auto query, db_.prepare(fmt::format("{} WHERE job_id = ? AND party = ?", kSelectRuns)));
    query.bind(1, job_id).bind(2, std::uint64_t(party));
    C2D_TRY(const bool found, query.step());
    if (!found) return std::optional<JobRun>();
    C2D_TRY(auto run, read_run(query));
    return std::optional<JobRun>(std::move(run));
}

Result<std::optional<JobRun>> JobStore::run(std::uint64_t job_id, unsigned party) {
    const std::lock_guard lock(mutex_);
    return read_one(job_id, party);
}

Result<std::optional<JobRun>> JobStore::run_of(std::uint64_t job_id, const TokenId& dt) {
    std::optional<unsigned> party;
    {
        const std::lock_guard lock(mutex_);
        C2D_TRY(auto query, db_.prepare("SELECT party FROM admissions WHERE job_id = ? AND dt = ?"));
        query.bind(1, job_id).bind(2, dt.view());
        C2D_TRY(const bool found, query.step());
        if (found) party = unsigned(query.number(0));
    }
    if (!party) return std::optional<JobRun>();
    return run(job_id, *party);
}

Result<std::vector<JobRun>> JobStore::runs_of(const std::optional<Address>& solver, std::size_t count_max) {
    const std::lock_guard lock(mutex_);
    // Anybody may ask for their own: found by an index, and not among everybody's while others wait.
    C2D_TRY(auto query, db_.prepare(fmt::format("{} {} ORDER BY job_id DESC, party LIMIT ?2", kSelectRuns,
                                                solver ? "WHERE solver = ?1" : "")));
    if (solver) query.bind(1, solver->view());
    query.bind(2, std::uint64_t(count_max));
    return read_runs(query);
}

Result<std::vector<JobRun>> JobStore::runs_not_ended(std::size_t count_max) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare(fmt::format("{} WHERE state IN ('waiting', 'queued', 'preparing', 'connecting', "
                                                "'running') ORDER BY created, job_id, party LIMIT ?",
                                                kSelectRuns)));
    query.bind(1, std::uint64_t(count_max));
    return read_runs(query);
}

Result<std::vector<JobRun>> JobStore::runs_of_job(std::uint64_t job_id) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare(fmt::format("{} WHERE job_id = ? ORDER BY party", kSelectRuns)));
    query.bind(1, job_id);
    return read_runs(query);
}

Result<std::vector<Admission>> JobStore::admissions(std::uint64_t job_id, unsigned party) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT dt, algo_dt, solver, attempt FROM admissions WHERE job_id = ? AND "
                                    "party = ? ORDER BY dt"));
    query.bind(1, job_id).bind(2, std::uint64_t(party));
    std::vector<Admission> out;
    for (;;) {
        C2D_TRY(const bool row, query.step());
        if (!row) return out;
        Admission admission;
        admission.job_id = job_id;
        admission.party = party;
        C2D_TRY(admission.dt, query.bytes32(0));
        C2D_TRY(admission.algo_dt, query.bytes32(1));
        C2D_TRY(admission.solver, Address::from(query.blob(2)));
        admission.attempt = std::uint32_t(query.number(3));
        out.push_back(admission);
    }
}

void JobStore::set_weights(std::map<Address, unsigned> weights) {
    const std::lock_guard lock(mutex_);
    turns_ = SolverTurns(std::move(weights));
}

/// Of those who have runs for which `condition` holds.
Result<std::optional<Address>> JobStore::next_solver(std::string_view condition) {
    C2D_TRY(auto query, db_.prepare(fmt::format("SELECT solver FROM runs WHERE {} GROUP BY solver "
                                                "ORDER BY min(created), min(job_id)",
                                                condition)));
    std::vector<Address> waiting;
    for (;;) {
        C2D_TRY(const bool row, query.step());
        if (!row) break;
        C2D_TRY(waiting.emplace_back(), Address::from(query.blob(0)));
    }
    return waiting.empty() ? std::nullopt : std::optional(turns_.take(waiting));
}

namespace {

std::string condition_of(const TakeableRuns& takeable) {
    std::string out = "state = 'queued'";
    if (!takeable.alone) out += " AND joint";
    if (!takeable.joint) out += " AND NOT joint";
    std::string names;
    for (const auto& solver : takeable.not_joint_of)
        names += fmt::format("{}x'{}'", names.empty() ? "" : ", ", hex_text(solver).substr(2));
    return names.empty() ? out : out + " AND NOT (joint AND solver IN (" + names + "))";
}

}  // namespace

Result<std::optional<JobRun>> JobStore::take_next(std::uint64_t now, const TakeableRuns& takeable) {
    const std::lock_guard lock(mutex_);
    const auto condition = condition_of(takeable);
    C2D_TRY(const auto solver, next_solver(condition));
    if (!solver) return std::optional<JobRun>();
    // What a power cut puts back into the queue was not started: that is noted durably.
    store::UndurableWrite write(db_);
    C2D_CHECK(write.begin());
    C2D_TRY(auto query, db_.prepare(fmt::format("{} WHERE {} AND solver = ? ORDER BY created, job_id, party LIMIT 1",
                                                kSelectRuns, condition)));
    query.bind(1, solver->view());
    C2D_CHECK(query.step());
    C2D_TRY(auto run, read_run(query));
    query.reset();
    run.state = RunState::preparing;
    C2D_TRY(auto update, db_.prepare("UPDATE runs SET state = 'preparing', updated = ? WHERE job_id = ? "
                                     "AND party = ?"));
    C2D_CHECK(update.bind(1, now).bind(2, run.job_id).bind(3, std::uint64_t(run.party)).run());
    C2D_CHECK(write.commit());
    return std::optional<JobRun>(std::move(run));
}

Result<Unit> JobStore::set_state(const JobRun& run, RunState state, std::uint64_t now) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto update, db_.prepare("UPDATE runs SET state = ?, updated = ? WHERE job_id = ? AND party = ?"));
    update.bind(1, std::string_view(run_state_name(state))).bind(2, now);
    return update.bind(3, run.job_id).bind(4, std::uint64_t(run.party)).run();
}

Result<Unit> JobStore::update(const JobRun& run) {
    const std::lock_guard lock(mutex_);
    return write_run(run);
}

Result<Unit> JobStore::finish(const JobRun& run, const StoredReceipt* receipt) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_CHECK(write_run(run));
    if (receipt) C2D_CHECK(write_receipt(*receipt, run.attempt));
    return write.commit();
}

Result<std::vector<JobRun>> JobStore::runs_without_receipt(std::size_t count_max) {
    const std::lock_guard lock(mutex_);
    // By an index, since the queue asks after every run, and most of them have one.
    C2D_TRY(auto query, db_.prepare(fmt::format("{} WHERE has_receipt = 0 AND state IN ('succeeded', 'failed', "
                                                "'cancelled') ORDER BY updated LIMIT ?",
                                                kSelectRuns)));
    query.bind(1, std::uint64_t(count_max));
    return read_runs(query);
}

Result<Unit> JobStore::add_receipt(const StoredReceipt& receipt, std::uint32_t attempt) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto write, store::WriteTransaction::begin(db_));
    C2D_CHECK(write_receipt(receipt, attempt));
    return write.commit();
}

/// Within a transaction. The first one counts: it may be on the ledger.
Result<Unit> JobStore::write_receipt(const StoredReceipt& receipt, std::uint32_t attempt) {
    C2D_TRY(auto add, db_.prepare("INSERT OR IGNORE INTO receipts SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS "
                                  "(SELECT 1 FROM runs WHERE job_id = ?1 AND party = ?2 AND attempt = ?8)"));
    add.bind(1, receipt.job_id).bind(2, std::uint64_t(receipt.party)).bind(3, std::uint64_t(receipt.outcome));
    add.bind(4, receipt.digest.view()).bind(5, receipt.document);
    C2D_CHECK(add.bind(6, std::string_view(posting_name(receipt.posting)))
                  .bind(7, receipt.due)
                  .bind(8, std::uint64_t(attempt))
                  .run());
    if (db_.changes() == 0) return Unit{};
    C2D_TRY(auto note, db_.prepare("UPDATE runs SET has_receipt = 1 WHERE job_id = ? AND party = ?"));
    return note.bind(1, receipt.job_id).bind(2, std::uint64_t(receipt.party)).run();
}

Result<std::string> JobStore::receipt_document(std::uint64_t job_id, unsigned party) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT document FROM receipts WHERE job_id = ? AND party = ?"));
    C2D_TRY(const bool row, query.bind(1, job_id).bind(2, std::uint64_t(party)).step());
    return row ? query.text(0) : std::string();
}

Result<std::vector<StoredReceipt>> JobStore::pending_receipts(std::size_t count_max) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT job_id, party, result, digest, document FROM receipts WHERE posting = "
                                    "'pending' AND due = 0 ORDER BY job_id, party LIMIT ?"));
    query.bind(1, std::uint64_t(count_max));
    return read_receipts(query);
}

Result<std::size_t> JobStore::end_waits_for_attempts(std::uint64_t now) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto waits, db_.prepare("SELECT 1 FROM receipts WHERE posting = 'pending' AND due != 0 AND due <= ?"));
    C2D_TRY(const bool any, waits.bind(1, now).step());
    waits.reset();
    if (!any) return std::size_t(0);
    C2D_TRY(auto update,
            db_.prepare("UPDATE receipts SET due = 0 WHERE posting = 'pending' AND due != 0 AND due <= ?"));
    C2D_CHECK(update.bind(1, now).run());
    return std::size_t(db_.changes());
}

Result<bool> JobStore::give_up(std::uint64_t job_id, unsigned party) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto update, db_.prepare("UPDATE receipts SET due = 0 WHERE job_id = ? AND party = ? AND due != 0"));
    C2D_CHECK(update.bind(1, job_id).bind(2, std::uint64_t(party)).run());
    return db_.changes() > 0;
}

Result<std::vector<StoredReceipt>> JobStore::posted_receipts(const StoredReceipt* last, std::size_t count_max) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT job_id, party, result, digest, document FROM receipts WHERE posting = "
                                    "'posted' AND (job_id, party) > (?, ?) ORDER BY job_id, party LIMIT ?"));
    query.bind(1, last ? std::int64_t(last->job_id) : -1).bind(2, last ? std::int64_t(last->party) : -1);
    query.bind(3, std::uint64_t(count_max));
    return read_receipts(query);
}

Result<std::vector<StoredReceipt>> JobStore::read_receipts(store::Statement& query) {
    std::vector<StoredReceipt> out;
    for (;;) {
        C2D_TRY(const bool row, query.step());
        if (!row) return out;
        auto& receipt = out.emplace_back();
        receipt.job_id = query.number(0);
        receipt.party = unsigned(query.number(1));
        receipt.outcome = ReceiptOutcome(query.number(2));
        C2D_TRY(receipt.digest, query.bytes32(3));
        receipt.document = query.text(4);
    }
}

Result<Unit> JobStore::set_posting(const StoredReceipt& receipt, Posting posting) {
    const std::lock_guard lock(mutex_);
    return write_posting(receipt, posting);
}

Result<Unit> JobStore::set_posted(const StoredReceipt& receipt, const LedgerMark& mark) {
    const std::lock_guard lock(mutex_);
    // Lost in a power cut, it is found on the ledger again.
    store::UndurableWrite write(db_);
    C2D_CHECK(write.begin());
    C2D_CHECK(write_posting(receipt, Posting::posted));
    C2D_CHECK(write_mark(mark));
    return write.commit();
}

Result<std::optional<LedgerMark>> JobStore::ledger_mark() {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT chain_id, number, hash FROM ledger_mark"));
    C2D_TRY(const bool found, query.step());
    if (!found) return std::optional<LedgerMark>();
    LedgerMark mark{query.number(0), query.number(1), {}};
    C2D_TRY(mark.hash, query.bytes32(2));
    return std::optional<LedgerMark>(mark);
}

Result<Unit> JobStore::set_ledger_mark(const LedgerMark& mark) {
    const std::lock_guard lock(mutex_);
    return write_mark(mark);
}

Result<Unit> JobStore::write_mark(const LedgerMark& mark) {
    C2D_TRY(auto put, db_.prepare("INSERT OR REPLACE INTO ledger_mark VALUES (1, ?, ?, ?)"));
    return put.bind(1, mark.chain_id).bind(2, mark.number).bind(3, mark.hash.view()).run();
}

Result<Unit> JobStore::write_posting(const StoredReceipt& receipt, Posting posting) {
    C2D_TRY(auto update, db_.prepare("UPDATE receipts SET posting = ? WHERE job_id = ? AND party = ?"));
    update.bind(1, std::string_view(posting_name(posting))).bind(2, receipt.job_id);
    return update.bind(3, std::uint64_t(receipt.party)).run();
}

Result<Unit> JobStore::write_run(const JobRun& run) {
    C2D_TRY(auto update, db_.prepare("UPDATE runs SET state = ?, end_kind = ?, end_named = ?, detail = ?, folder = ?, "
                                     "release_log = ?, release_exit = ?, outputs = ?, updated = ?, starts = ?, "
                                     "disclosed = ? WHERE job_id = ? AND party = ?"));
    update.bind(1, std::string_view(run_state_name(run.state)));
    update.bind(2, std::string_view(run.end ? run_end_kind_name(run.end->kind) : ""));
    update.bind(3, std::string_view(run.end ? run.end->named_text() : std::string()));
    update.bind(4, std::string_view(run.detail)).bind(5, std::string_view(run.folder));
    update.bind(6, std::string_view(run.release_log)).bind(7, int(run.release_exit));
    update.bind(8, std::string_view(encode_outputs(run.outputs))).bind(9, run.updated);
    update.bind(10, run.starts).bind(11, std::string_view(encode_counts(run.disclosed)));
    return update.bind(12, run.job_id).bind(13, std::uint64_t(run.party)).run();
}

/// Ends every run that `condition` picks in the same way; how many. Parameters of it begin at 5.
Result<store::Statement> JobStore::ending(RunEndKind kind, std::string_view detail, std::uint64_t now,
                                          std::string_view condition) {
    const RunEnd end{kind, {}};
    C2D_TRY(auto update, db_.prepare(fmt::format("UPDATE runs SET state = ?1, end_kind = ?2, end_named = '', "
                                                 "detail = ?3, updated = ?4 WHERE {}",
                                                 condition)));
    update.bind(1, std::string_view(run_state_name(final_state(end))));
    update.bind(2, std::string_view(run_end_kind_name(kind))).bind(3, detail).bind(4, now);
    return update;
}

Result<bool> JobStore::cancel_waiting(std::uint64_t job_id, unsigned party, std::uint64_t now) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto update,
            ending(RunEndKind::cancelled, "", now, "job_id = ?5 AND party = ?6 AND state IN ('waiting', 'queued')"));
    C2D_CHECK(update.bind(5, job_id).bind(6, std::uint64_t(party)).run());
    return db_.changes() > 0;
}

Result<std::size_t> JobStore::end_incomplete(std::uint64_t since, std::uint64_t now) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto late, db_.prepare("SELECT 1 FROM runs WHERE state = 'waiting' AND created < ?"));
    C2D_TRY(const bool any, late.bind(1, since).step());
    late.reset();
    if (!any) return std::size_t(0);
    C2D_TRY(auto update, ending(RunEndKind::incomplete, "the other data sets of this run were not asked for in time",
                                now, "state = 'waiting' AND created < ?5"));
    C2D_CHECK(update.bind(5, since).run());
    return std::size_t(db_.changes());
}

Result<std::vector<JobRun>> JobStore::runs_under_way() {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query,
            db_.prepare(fmt::format("{} WHERE state IN ('preparing', 'connecting', 'running')", kSelectRuns)));
    return read_runs(query);
}

Result<std::size_t> JobStore::fail_interrupted(std::uint64_t now) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto update, ending(RunEndKind::interrupted, "the provider stopped while this ran", now,
                                "state IN ('preparing', 'connecting', 'running')"));
    C2D_CHECK(update.run());
    return std::size_t(db_.changes());
}

Result<std::size_t> JobStore::active_count() {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT count(*) FROM runs WHERE state IN ('queued', 'preparing', "
                                    "'connecting', 'running')"));
    C2D_CHECK(query.step());
    return std::size_t(query.number(0));
}

Result<Unit> JobStore::set_path(const TokenId& dt, const std::string& path) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto put, db_.prepare("INSERT OR REPLACE INTO paths VALUES (?, ?)"));
    return put.bind(1, dt.view()).bind(2, path).run();
}

Result<std::optional<std::string>> JobStore::path_of(const TokenId& dt) {
    const std::lock_guard lock(mutex_);
    C2D_TRY(auto query, db_.prepare("SELECT path FROM paths WHERE dt = ?"));
    query.bind(1, dt.view());
    C2D_TRY(const bool found, query.step());
    if (!found) return std::optional<std::string>();
    return std::optional<std::string>(query.text(0));
}

}  // namespace c2d::provider
