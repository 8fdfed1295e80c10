#include "store/sqlite.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <thread>

namespace c2d::store {

namespace {

Error database_error(sqlite3* db, int code, const std::string& path) {
    const char* text = db ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
            return fail(Status::UNAVAILABLE, "{} is locked by another process ({}); try again when it is done", path,
                        text);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB:
            return fail(Status::CORRUPT, "{} is damaged or is no database of this kind: {}", path, text);
        case SQLITE_CANTOPEN: return fail(Status::NOT_FOUND, "cannot open {}: {}", path, text);
        case SQLITE_CONSTRAINT: return fail(Status::CONFLICT, "{}: {}", path, text);
        default: return fail(Status::IO, "{}: {}", path, text);
    }
}

/// Waits a little for another process's lock; 0: no longer. Within a CallScope as long as that lasts.
int wait_for_lock(void* busy_ms, int tries) {
    using std::chrono::milliseconds;
    static thread_local std::chrono::steady_clock::time_point since;
    const auto now = std::chrono::steady_clock::now();
    if (tries == 0) since = now;
    const auto left =
        milliseconds(reinterpret_cast<std::intptr_t>(busy_ms)) - std::chrono::duration_cast<milliseconds>(now - since);
    const auto pause = std::min({milliseconds(std::min(1 + tries, 50)), left, CallScope::time_left(left)});
    if (pause <= milliseconds(0)) return 0;
    std::this_thread::sleep_for(pause);
    return 1;
}

}  // namespace

Statement::Statement(Statement&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
Statement& Statement::operator=(Statement&& other) noexcept {
    std::swap(statement_, other.statement_);
    return *this;
}
Statement::~Statement() { sqlite3_finalize(statement_); }

Statement& Statement::bind(int index, std::int64_t value) {
    sqlite3_bind_int64(statement_, index, value);
    return *this;
}
Statement& Statement::bind(int index, BytesView value) {
    // An empty blob must not become NULL, hence the non-null pointer.
    const void* data = value.empty() ? static_cast<const void*>("") : value.data();
    sqlite3_bind_blob64(statement_, index, data, value.size(), SQLITE_TRANSIENT);
    return *this;
}
Statement& Statement::bind(int index, std::string_view value) {
    const char* data = value.empty() ? "" : value.data();
    sqlite3_bind_text64(statement_, index, data, value.size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    return *this;
}
Statement& Statement::bind_null(int index) {
    sqlite3_bind_null(statement_, index);
    return *this;
}

Result<bool> Statement::step() {
    const int code = sqlite3_step(statement_);
    if (code == SQLITE_ROW) return true;
    sqlite3* db = sqlite3_db_handle(statement_);
    if (code == SQLITE_DONE) {
        sqlite3_reset(statement_);
        return false;
    }
    const char* file = sqlite3_db_filename(db, "main");
    Error error = database_error(db, code, file && *file ? file : ":memory:");
    sqlite3_reset(statement_);
    return error;
}

Result<Unit> Statement::run() {
    auto row = step();
    if (!row) return row.error();
    if (*row) reset();
    return Unit{};
}

void Statement::reset() { sqlite3_reset(statement_); }
std::uint64_t Statement::number(int column) const { return std::uint64_t(sqlite3_column_int64(statement_, column)); }
bool Statement::is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
Bytes Statement::blob(int column) const {
    const auto* data = static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_, column));
    return data ? Bytes(data, data + sqlite3_column_bytes(statement_, column)) : Bytes{};
}
std::string Statement::text(int column) const {
    const auto* data = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
    return data ? std::string(data, std::size_t(sqlite3_column_bytes(statement_, column))) : std::string{};
}
Result<Bytes32> Statement::bytes32(int column) const {
    auto value = Bytes32::from(blob(column));
    if (!value) return fail(Status::CORRUPT, "a stored hash: {}", value.error().message);
    return value;
}
const char* Statement::type(int column) const {
    switch (sqlite3_column_type(statement_, column)) {
        case SQLITE_INTEGER: return "integer";
        case SQLITE_FLOAT: return "real";
        case SQLITE_TEXT: return "text";
        case SQLITE_BLOB: return "blob";
        default: return "null";
    }
}

Database::Database(Database&& other) noexcept
    : db_(std::exchange(other.db_, nullptr)),
      path_(std::move(other.path_)),
      listener_(std::move(other.listener_)),
      begin_write_(std::move(other.begin_write_)),
      begin_read_(std::move(other.begin_read_)),
      commit_(std::move(other.commit_)),
      rollback_(std::move(other.rollback_)) {}
Database& Database::operator=(Database&& other) noexcept {
    std::swap(db_, other.db_);
    std::swap(path_, other.path_);
    std::swap(listener_, other.listener_);
    std::swap(begin_write_, other.begin_write_);
    std::swap(begin_read_, other.begin_read_);
    std::swap(commit_, other.commit_);
    std::swap(rollback_, other.rollback_);
    return *this;
}
// The statements end after it, and the connection with the last of them.
Database::~Database() { sqlite3_close_v2(db_); }

Result<Database> Database::open(const std::string& path, Mode mode, int busy_ms) {
    Database out;
    out.path_ = path;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;
    if (mode == Mode::create) flags |= SQLITE_OPEN_CREATE;
    const int code = sqlite3_open_v2(path.c_str(), &out.db_, flags, nullptr);
    if (code != SQLITE_OK) return database_error(out.db_, code, path);
    sqlite3_busy_handler(out.db_, wait_for_lock, reinterpret_cast<void*>(std::intptr_t(busy_ms)));
    sqlite3_extended_result_codes(out.db_, 1);
    // A file from outside must not be able to run functions or write its own schema.
    sqlite3_db_config(out.db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(out.db_, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    C2D_CHECK(out.choose_journal(mode));
    C2D_CHECK(out.execute("PRAGMA synchronous = FULL"));
    C2D_CHECK(out.execute("PRAGMA foreign_keys = ON"));
    C2D_TRY(out.begin_write_, out.prepare("BEGIN IMMEDIATE"));
    C2D_TRY(out.begin_read_, out.prepare("BEGIN"));
    C2D_TRY(out.commit_, out.prepare("COMMIT"));
    C2D_TRY(out.rollback_, out.prepare("ROLLBACK"));
    return out;
}

/// The mode stays with the file, so only a new one is switched to WAL: what is there already may be
/// another program's.
Result<Unit> Database::choose_journal(Mode mode) {
    if (mode == Mode::existing) return Unit{};
    {
        C2D_TRY(auto entries, prepare("SELECT count(*) FROM sqlite_schema"));
        C2D_CHECK(entries.step());
        if (entries.number(0) != 0) return Unit{};
    }
    return execute("PRAGMA journal_mode = WAL");
}

Result<Unit> Database::execute(const char* sql) {
    const int code = sqlite3_exec(db_, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK) return database_error(db_, code, path_);
    return Unit{};
}

Result<Statement> Database::prepare(std::string_view sql) {
    Statement out;
    const int code = sqlite3_prepare_v2(db_, sql.data(), int(sql.size()), &out.statement_, nullptr);
    if (code != SQLITE_OK) return database_error(db_, code, path_);
    return out;
}

Result<Unit> Database::copy_from(Database& other) {
    sqlite3_backup* backup = sqlite3_backup_init(db_, "main", other.db_, "main");
    if (!backup) return database_error(db_, sqlite3_errcode(db_), path_);
    const int stepped = sqlite3_backup_step(backup, -1);
    const int code = sqlite3_backup_finish(backup);
    if (stepped == SQLITE_DONE && code == SQLITE_OK) return Unit{};
    return database_error(db_, code == SQLITE_OK ? stepped : code, path_);
}

void Database::on_change(std::function<void(std::string_view)> listener) {
    if (!listener) {
        sqlite3_update_hook(db_, nullptr, nullptr);
        return listener_.reset();
    }
    listener_ = std::make_unique<std::function<void(std::string_view)>>(std::move(listener));
    const auto call = [](void* told, int, const char*, const char* table, sqlite3_int64) {
        (*static_cast<std::function<void(std::string_view)>*>(told))(table);
    };
    sqlite3_update_hook(db_, call, listener_.get());
}

std::int64_t Database::changes() const { return sqlite3_changes64(db_); }

Result<WriteTransaction> WriteTransaction::begin(Database& db) {
    C2D_CHECK(db.begin_write());
    return WriteTransaction(db);
}
Result<Unit> WriteTransaction::commit() {
    C2D_CHECK(db_->commit());
    db_ = nullptr;
    return Unit{};
}

}  // namespace c2d::store
