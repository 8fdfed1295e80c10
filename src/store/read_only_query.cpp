#include "store/read_only_query.hpp"

#include "base/call_scope.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <limits>

namespace c2d::store {

namespace {

constexpr int kBusyMs = 30'000, kLookEvery = 10'000;
constexpr std::size_t kSqlBytesMax = std::size_t{1} << 20;

/// What a statement wants to do besides reading, for whoever wrote it.
std::string action_text(int action, const char* what) {
    const auto named = [what](const char* verb) {
        return verb + (what ? " " + display_text(what, 80) : std::string());
    };
    switch (action) {
        case SQLITE_INSERT: return named("INSERT into");
        case SQLITE_UPDATE: return named("UPDATE of");
        case SQLITE_DELETE: return named("DELETE from");
        case SQLITE_PRAGMA: return named("PRAGMA");
        case SQLITE_ATTACH: return named("ATTACH of");
        case SQLITE_FUNCTION: return named("the function");
        case SQLITE_TRANSACTION: return "a transaction";
        default: return "a change of the database";
    }
}

Error more_than_reading(std::string_view what) {
    return fail(Status::INVALID_ARGUMENT, "the query does more than read: {}; expected one SELECT", what);
}

/// Reading is allowed, and functions but those that reach beyond the database.
int authorise(void* refused, int action, const char* first, const char* second, const char*, const char*) {
    if (action == SQLITE_SELECT || action == SQLITE_READ || action == SQLITE_RECURSIVE) return SQLITE_OK;
    const bool harmful = second == nullptr || std::string_view(second) == "load_extension" ||
                         std::string_view(second) == "fts3_tokenizer";
    if (action == SQLITE_FUNCTION && !harmful) return SQLITE_OK;
    *static_cast<std::string*>(refused) = action_text(action, action == SQLITE_FUNCTION ? second : first);
    return SQLITE_DENY;
}

int give_up(void*) { return CallScope::over() ? 1 : 0; }

/// Within a CallScope as long as that lasts.
int wait_for_lock(void*, int tries) {
    if (tries >= kBusyMs / 50 || CallScope::over()) return 0;
    CallScope::pause(std::chrono::milliseconds(50));
    return 1;
}

std::string capitals(const char* text) {
    std::string out(text ? text : "");
    for (char& c : out) c = char(std::toupper(static_cast<unsigned char>(c)));
    return out;
}

}  // namespace

void ReadOnlyQuery::Close::operator()(sqlite3* db) const { sqlite3_close_v2(db); }
void ReadOnlyQuery::Finalize::operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
ReadOnlyQuery::ReadOnlyQuery(ReadOnlyQuery&&) noexcept = default;
ReadOnlyQuery& ReadOnlyQuery::operator=(ReadOnlyQuery&&) noexcept = default;
ReadOnlyQuery::~ReadOnlyQuery() = default;

Result<ReadOnlyQuery> ReadOnlyQuery::open(const std::string& path, const std::string& sql) {
    ReadOnlyQuery out;
    C2D_CHECK(out.open_file(path));
    C2D_CHECK(out.prepare(sql));
    return out;
}

Result<Unit> ReadOnlyQuery::open_file(const std::string& path) {
    path_ = path;
    refused_ = std::make_unique<std::string>();
    // SQLite would wait at a pipe for ever, and take "file:" and ":memory:" for more than names of files.
    std::error_code why;
    const auto kind = std::filesystem::status(path, why).type();
    if (kind == std::filesystem::file_type::not_found)
        return fail(Status::NOT_FOUND, "cannot open the database {}: there is no such file", display_text(path, 400));
    if (kind == std::filesystem::file_type::none)
        return fail(Status::IO, "cannot open the database {}: {}", display_text(path, 400), why.message());
    if (kind != std::filesystem::file_type::regular)
        return fail(Status::INVALID_ARGUMENT, "expected the file of an SQLite database, found {}, which is no file",
                    display_text(path, 400));
    const std::string absolute = std::filesystem::absolute(path).string();
    sqlite3* db = nullptr;
    const int code = sqlite3_open_v2(absolute.c_str(), &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nullptr);
    db_.reset(db);
    if (code != SQLITE_OK) return error(code);
    sqlite3_extended_result_codes(db, 1);
    // A file from outside must not be able to run functions.
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
    sqlite3_busy_handler(db, wait_for_lock, nullptr);
    sqlite3_progress_handler(db, kLookEvery, give_up, nullptr);
    for (const char* const sql : {"PRAGMA query_only = ON", "BEGIN"})
        if (const int done = sqlite3_exec(db, sql, nullptr, nullptr, nullptr); done != SQLITE_OK) return error(done);
    sqlite3_set_authorizer(db, authorise, refused_.get());
    return Unit{};
}

Result<Unit> ReadOnlyQuery::prepare(const std::string& sql) {
    if (sql.size() > kSqlBytesMax)
        return fail(Status::LIMIT, "expected a query of at most {} bytes, found {}", kSqlBytesMax, sql.size());
    sqlite3_stmt* statement = nullptr;
    const char* rest = nullptr;
    int code = sqlite3_prepare_v2(db_.get(), sql.data(), int(sql.size()), &statement, &rest);
    statement_.reset(statement);
    if (code != SQLITE_OK) return error(code);
    if (!statement) return fail(Status::INVALID_ARGUMENT, "the query is empty; expected one SELECT");
    sqlite3_stmt* second = nullptr;
    code = sqlite3_prepare_v2(db_.get(), rest, int(sql.data() + sql.size() - rest), &second, nullptr);
    const std::unique_ptr<sqlite3_stmt, Finalize> owned(second);
    if (code != SQLITE_OK || second)
        return fail(Status::INVALID_ARGUMENT, "the query holds more than one statement; expected one SELECT");
    if (!sqlite3_stmt_readonly(statement) || sqlite3_column_count(statement) == 0)
        return fail(Status::INVALID_ARGUMENT, "the query gives no rows; expected one SELECT");
    for (int i = 0; i < sqlite3_column_count(statement); ++i) {
        const char* const name = sqlite3_column_name(statement, i);
        columns_.push_back({name ? name : "", capitals(sqlite3_column_decltype(statement, i))});
    }
    return Unit{};
}

Error ReadOnlyQuery::error(int code) const {
    const char* const said = db_ ? sqlite3_errmsg(db_.get()) : sqlite3_errstr(code);
    const std::string file = display_text(path_, 400), text = display_text(said, 400);
    // What was not authorised ends with one of several codes.
    if (!refused_->empty()) return more_than_reading(*refused_);
    switch (code & 0xff) {
        case SQLITE_INTERRUPT: return CallScope::error("the query");
        case SQLITE_READONLY: return more_than_reading(text);
        case SQLITE_BUSY:
        case SQLITE_LOCKED: return fail(Status::UNAVAILABLE, "{} is locked by another program ({})", file, text);
        case SQLITE_CORRUPT:
        case SQLITE_NOTADB: return fail(Status::CORRUPT, "{} is damaged or is no SQLite database: {}", file, text);
        case SQLITE_CANTOPEN: return fail(Status::NOT_FOUND, "cannot open the database {}: {}", file, text);
        case SQLITE_ERROR: return fail(Status::INVALID_ARGUMENT, "the query cannot be run on {}: {}", file, text);
        default: return fail(Status::IO, "{}: {}", file, text);
    }
}

Result<bool> ReadOnlyQuery::step() {
    const int code = sqlite3_step(statement_.get());
    if (code == SQLITE_ROW) return true;
    if (code == SQLITE_DONE) return false;
    return error(code);
}

void ReadOnlyQuery::again() { sqlite3_reset(statement_.get()); }

ReadOnlyQuery::Kind ReadOnlyQuery::kind(int column) const {
    switch (sqlite3_column_type(statement_.get(), column)) {
        case SQLITE_INTEGER: return Kind::integer;
        case SQLITE_FLOAT: return Kind::number;
        case SQLITE_TEXT: return Kind::text;
        case SQLITE_BLOB: return Kind::bytes;
        default: return Kind::missing;
    }
}

std::int64_t ReadOnlyQuery::integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
double ReadOnlyQuery::number(int column) const { return sqlite3_column_double(statement_.get(), column); }
std::string_view ReadOnlyQuery::text(int column) const {
    const auto* const data = reinterpret_cast<const char*>(sqlite3_column_text(statement_.get(), column));
    return data ? std::string_view(data, std::size_t(sqlite3_column_bytes(statement_.get(), column)))
                : std::string_view();
}

}  // namespace c2d::store
