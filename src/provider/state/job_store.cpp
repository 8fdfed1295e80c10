#include "provider/state/job_store.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"
#include "provider/state/run_columns.hpp"
#include "provider/state/state_schema.hpp"

#include <array>

namespace c2d::provider {

namespace {

constexpr std::array<const char*, 8> kStateNames = {"waiting", "queued",    "preparing", "connecting",
                                                    "running", "succeeded", "failed",    "cancelled"};

constexpr std::array<const char*, 4> kPostingNames = {"pending", "posted", "unsupported", "refused"};

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

std::string encode_outputs(const std::vector<std::string>& outputs) {
    json::Array list;
    for (const auto& name : outputs) list.push_back(name);
    return json::compact(list);
}

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
