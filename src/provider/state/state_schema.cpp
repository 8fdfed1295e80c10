#include "provider/state/state_schema.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"

#include <c2d/run_end.hpp>

#include <algorithm>
#include <charconv>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace c2d::provider {

namespace fs = std::filesystem;

namespace {

/// Columns of `runs` are named wherever they are written: a file that was brought up to date has its
/// newer ones at the end.
constexpr const char* kTables = R"(
CREATE TABLE IF NOT EXISTS admissions (
    job_id INTEGER NOT NULL, dt BLOB NOT NULL, algo_dt BLOB NOT NULL, solver BLOB NOT NULL,
    party INTEGER NOT NULL, attempt INTEGER NOT NULL DEFAULT 1, PRIMARY KEY (job_id, dt)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS runs (
    job_id INTEGER NOT NULL, party INTEGER NOT NULL, algo_dt BLOB NOT NULL, solver BLOB NOT NULL,
    state TEXT NOT NULL, end_kind TEXT NOT NULL, detail TEXT NOT NULL, folder TEXT NOT NULL,
    release_log TEXT NOT NULL, outputs TEXT NOT NULL, created INTEGER NOT NULL,
    updated INTEGER NOT NULL, end_named TEXT NOT NULL DEFAULT '', release_exit INTEGER NOT NULL DEFAULT 0,
    has_receipt INTEGER NOT NULL DEFAULT 0, joint INTEGER NOT NULL DEFAULT 0, attempt INTEGER NOT NULL DEFAULT 1,
    attempts_max INTEGER NOT NULL DEFAULT 1, starts INTEGER NOT NULL DEFAULT 0, disclosed TEXT NOT NULL DEFAULT '{}',
    PRIMARY KEY (job_id, party));
CREATE INDEX IF NOT EXISTS runs_by_state ON runs (state, created);
CREATE INDEX IF NOT EXISTS runs_by_solver ON runs (solver, job_id);
CREATE INDEX IF NOT EXISTS runs_without_receipt ON runs (updated) WHERE has_receipt = 0;
CREATE TABLE IF NOT EXISTS receipts (
    job_id INTEGER NOT NULL, party INTEGER NOT NULL, result INTEGER NOT NULL, digest BLOB NOT NULL,
    document TEXT NOT NULL, posting TEXT NOT NULL, due INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (job_id, party))
    WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS receipts_by_posting ON receipts (posting);
CREATE TABLE IF NOT EXISTS ledger_mark (
    one INTEGER PRIMARY KEY CHECK (one = 1), chain_id INTEGER NOT NULL, number INTEGER NOT NULL, hash BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS paths (dt BLOB PRIMARY KEY, path TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS waiting_grants (
    dt BLOB NOT NULL, cdt BLOB NOT NULL, composer BLOB NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (dt, cdt))
    WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS closed_tokens (dt BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS scored_models (
    dt BLOB NOT NULL, table_sha256 BLOB NOT NULL, binding BLOB NOT NULL, job_id INTEGER NOT NULL,
    PRIMARY KEY (dt, table_sha256, binding)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS scored_models_by_table ON scored_models (table_sha256);
CREATE TABLE IF NOT EXISTS label_counts (
    dt BLOB NOT NULL, table_sha256 BLOB NOT NULL, job_id INTEGER NOT NULL, party INTEGER NOT NULL,
    opened INTEGER NOT NULL, reserved INTEGER NOT NULL, PRIMARY KEY (dt, table_sha256, job_id, party)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS label_counts_by_table ON label_counts (table_sha256);
CREATE TABLE IF NOT EXISTS input_salts (dt BLOB PRIMARY KEY, salt BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS peer_inputs (
    dt BLOB NOT NULL, grantee BLOB NOT NULL, given INTEGER NOT NULL, peer_dt BLOB NOT NULL, job_id INTEGER NOT NULL,
    party INTEGER NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (dt, grantee, given, peer_dt, job_id, party)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS peer_inputs_by_job ON peer_inputs (job_id, party);
)";

constexpr const char* kFromFormat1 = R"(
ALTER TABLE runs RENAME COLUMN outcome TO end_kind;
ALTER TABLE runs ADD COLUMN end_named TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN release_exit INTEGER NOT NULL DEFAULT 0;
)";

constexpr const char* kFromFormat2 = "ALTER TABLE runs ADD COLUMN has_receipt INTEGER NOT NULL DEFAULT 0";
constexpr const char* kFromFormat4 = "ALTER TABLE runs ADD COLUMN joint INTEGER NOT NULL DEFAULT 0";
constexpr const char* kFromFormat6 = R"(
ALTER TABLE admissions ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE runs ADD COLUMN attempt INTEGER NOT NULL DEFAULT 1;
ALTER TABLE runs ADD COLUMN attempts_max INTEGER NOT NULL DEFAULT 1;
ALTER TABLE runs ADD COLUMN starts INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN disclosed TEXT NOT NULL DEFAULT '{}';
)";
constexpr const char* kReceiptsFromFormat6 = "ALTER TABLE receipts ADD COLUMN due INTEGER NOT NULL DEFAULT 0";
constexpr const char* kNoteReceipts =
    "UPDATE runs SET has_receipt = 1 WHERE (job_id, party) IN (SELECT job_id, party FROM receipts)";

Result<std::uint64_t> number_of(store::Database& db, const char* query) {
    C2D_TRY(auto statement, db.prepare(query));
    C2D_CHECK(statement.step());
    const auto number = statement.number(0);
    statement.reset();
    return number;
}

/// What format 1 called the end of a run. `not_found` and `internal` were names of statuses and of
/// reasons alike; a run never ended for those reasons.
RunEnd end_of_format1(const std::string& outcome) {
    constexpr std::string_view kExited = "exited ";
    if (outcome.starts_with(kExited)) {
        int status = 0;
        std::from_chars(outcome.data() + kExited.size(), outcome.data() + outcome.size(), status);
        return status == 0 ? RunEnd{RunEndKind::succeeded, {}} : RunEnd{RunEndKind::exited, status};
    }
    if (outcome == "abandoned") return {RunEndKind::incomplete, {}};
    const auto status = RunEnd::parse("not_prepared", outcome);
    const auto reason = parse_reason(outcome);
    if (reason && !status) return RunEnd::refused(*reason);
    if (auto end = RunEnd::parse(outcome, "")) return *std::move(end);
    return status ? *status : RunEnd::not_prepared(Status::INTERNAL);
}

Result<Unit> type_ends(store::Database& db) {
    C2D_TRY(auto query, db.prepare("SELECT DISTINCT end_kind FROM runs WHERE end_kind != ''"));
    std::vector<std::string> outcomes;
    for (;;) {
        C2D_TRY(const bool row, query.step());
        if (!row) break;
        outcomes.push_back(query.text(0));
    }
    C2D_TRY(auto update, db.prepare("UPDATE runs SET end_kind = ?, end_named = ? WHERE end_kind = ?"));
    // Marked while it is under way: an old outcome may have the name of a new kind.
    for (const auto& outcome : outcomes) {
        const auto end = end_of_format1(outcome);
        update.bind(1, "=" + std::string(run_end_kind_name(end.kind))).bind(2, std::string_view(end.named_text()));
        C2D_CHECK(update.bind(3, std::string_view(outcome)).run());
    }
    return db.execute("UPDATE runs SET end_kind = substr(end_kind, 2) WHERE end_kind LIKE '=%'");
}

/// A name beside `path` that nothing has yet.
Result<fs::path> free_name(const fs::path& path, std::uint64_t format) {
    constexpr int kTries = 100;
    for (int i = 0; i < kTries; ++i) {
        auto name = path;
        name += fmt::format(".format{}", format);
        if (i > 0) name += fmt::format(".{}", i);
        std::error_code error;
        if (!fs::exists(fs::symlink_status(name, error))) return name;
    }
    return fail(Status::CONFLICT, "{} has {} copies of its old format beside it; move some away", path.string(),
                kTries);
}

/// Whole and durable under its name, or not there.
Result<Unit> copy_beside(store::Database& db, const fs::path& path, std::uint64_t format) {
    C2D_TRY(const auto name, free_name(path, format));
    auto part = path;
    part += ".copying";
    std::error_code error;
    fs::remove(part, error);
    C2D_TRY(auto copy, db.prepare("VACUUM INTO ?"));
    C2D_CHECK(copy.bind(1, std::string_view(part.native())).run());
    const Fd file(::open(part.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file || ::fchmod(file.get(), 0600) != 0 || ::fsync(file.get()) != 0 ||
        ::rename(part.c_str(), name.c_str()) != 0)
        return fail(Status::IO, "cannot keep a copy of {} as {}: {}", path.string(), name.string(), errno_text(errno));
    return Unit{};
}

/// A file of before there were receipts has been given the table as it is now.
Result<Unit> note_when_due(store::Database& db) {
    C2D_TRY(const auto there, number_of(db, "SELECT count(*) FROM pragma_table_info('receipts') WHERE name = 'due'"));
    return there == 0 ? db.execute(kReceiptsFromFormat6) : Result<Unit>(Unit{});
}

/// Within the caller's transaction.
Result<Unit> change_from(store::Database& db, std::uint64_t format) {
    if (format < 2) {
        C2D_CHECK(db.execute(kFromFormat1));
        C2D_CHECK(type_ends(db));
    }
    if (format < 3) C2D_CHECK(db.execute(kFromFormat2));
    if (format < 5) C2D_CHECK(db.execute(kFromFormat4));
    if (format < 7) C2D_CHECK(db.execute(kFromFormat6));
    C2D_CHECK(db.execute(kTables));
    C2D_CHECK(note_when_due(db));
    return format < 3 ? db.execute(kNoteReceipts) : Result<Unit>(Unit{});
}

}  // namespace

Result<Unit> bring_up_to_date(store::Database& db, const fs::path& path) {
    C2D_TRY(const auto format, number_of(db, "PRAGMA user_version"));
    if (format > kStateFormat)
        return fail(Status::UNSUPPORTED,
                    "{} was written by a newer version (format {}, this one reads up to {}): start that version "
                    "again, or restore the copy of the older format that it left beside",
                    path.string(), format, kStateFormat);
    if (format == kStateFormat) return Unit{};
    C2D_TRY(const auto old, number_of(db, "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'runs'"));
    const auto old_format = std::max<std::uint64_t>(format, 1);
    if (old != 0) C2D_CHECK(copy_beside(db, path, old_format));
    C2D_TRY(auto write, store::WriteTransaction::begin(db));
    C2D_CHECK(old != 0 ? change_from(db, old_format) : db.execute(kTables));
    C2D_CHECK(db.execute(fmt::format("PRAGMA user_version = {}", kStateFormat).c_str()));
    return write.commit();
}

}  // namespace c2d::provider
