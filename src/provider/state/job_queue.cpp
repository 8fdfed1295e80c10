/// How runs come into the queue of the job store, and which one is taken out of it next.
#include "base/fail.hpp"
#include "base/try.hpp"
#include "provider/state/job_store.hpp"
#include "provider/state/run_columns.hpp"
#include "store/undurable_write.hpp"

namespace c2d::provider {

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

/// Makes the run, or the one of an earlier attempt is as if it were new, and its receipt, which nobody has, is
/// forgotten.
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

}  // namespace c2d::provider
