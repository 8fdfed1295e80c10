#include "tools/odbc/connection.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"

#include <algorithm>

namespace c2d::odbc {

namespace {

constexpr SQLULEN kLoginSeconds = 15;
constexpr std::size_t kTextMax = 1000;

SQLPOINTER as_pointer(SQLULEN value) { return reinterpret_cast<SQLPOINTER>(value); }

void blot_out(std::string& text, std::string_view secret) {
    if (secret.empty()) return;
    for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + 3))
        text.replace(at, secret.size(), "***");
}

/// What SQLSTATE and text of an error mean to whoever has to do something about it.
struct Meaning {
    Status status;
    const char* is;
};
Meaning meaning_of(std::string_view state, std::string_view text) {
    const auto says = [text](std::string_view words) { return text.find(words) != text.npos; };
    if (state == "IM002" || state == "IM003" || state == "IM004" || says("Can't open lib"))
        return {Status::NOT_FOUND, "the ODBC driver or data source is not installed"};
    if (state.starts_with("28") || says("authentication failed") || says("no password supplied"))
        return {Status::REFUSED, "the database refused the login"};
    if (state == "25006" || says("read-only transaction") || says("DECLARE CURSOR must not contain") ||
        says("readonly database"))
        return {Status::INVALID_ARGUMENT, "the query writes, and a source is only read"};
    if (state.starts_with("HYT")) return {Status::TIMEOUT, "the database did not answer in time"};
    if (state.starts_with("08")) return {Status::UNAVAILABLE, "there is no connection to the database"};
    if (state.starts_with("42")) return {Status::INVALID_ARGUMENT, "the database does not take the query"};
    return {Status::IO, "the database said"};
}

/// For drivers a value in braces, where it holds what would end it.
std::string as_attribute(std::string_view value) {
    if (value.find_first_of(";{}[](),?*=!@ ") == value.npos) return std::string(value);
    std::string out = "{";
    for (const char c : value) out += c == '}' ? "}}" : std::string(1, c);
    return out + "}";
}

}  // namespace

std::string utf8_of(const SQLWCHAR* text, std::size_t length) {
    std::string out;
    for (std::size_t i = 0; i < length; ++i) {
        char32_t point = text[i];
        if (point >= 0xd800 && point < 0xdc00 && i + 1 < length && text[i + 1] >= 0xdc00 && text[i + 1] < 0xe000)
            point = 0x10000 + ((point - 0xd800) << 10) + (char32_t(text[++i]) - 0xdc00);
        if (point < 0x80) {
            out += char(point);
        } else if (point < 0x800) {
            out += char(0xc0 | (point >> 6));
            out += char(0x80 | (point & 0x3f));
        } else if (point < 0x10000) {
            out += char(0xe0 | (point >> 12));
            out += char(0x80 | ((point >> 6) & 0x3f));
            out += char(0x80 | (point & 0x3f));
        } else {
            out += char(0xf0 | (point >> 18));
            out += char(0x80 | ((point >> 12) & 0x3f));
            out += char(0x80 | ((point >> 6) & 0x3f));
            out += char(0x80 | (point & 0x3f));
        }
    }
    return out;
}

std::vector<SQLWCHAR> utf16_of(std::string_view text) {
    std::vector<SQLWCHAR> out;
    while (!text.empty()) {
        const CodePoint point = first_code_point(text);
        text.remove_prefix(point.length == 0 ? 1 : point.length);
        const char32_t value = point.length == 0 ? char32_t{0xfffd} : point.value;
        if (value < 0x10000) {
            out.push_back(SQLWCHAR(value));
        } else {
            out.push_back(SQLWCHAR(0xd800 + ((value - 0x10000) >> 10)));
            out.push_back(SQLWCHAR(0xdc00 + ((value - 0x10000) & 0x3ff)));
        }
    }
    out.push_back(0);
    return out;
}

Error error_of(SQLSMALLINT type, SQLHANDLE handle, std::string_view doing, std::string_view secret) {
    constexpr SQLSMALLINT kSaid = 2048;
    SQLWCHAR state[6] = {}, said[kSaid] = {};
    SQLINTEGER native = 0;
    SQLSMALLINT length = 0;
    if (!SQL_SUCCEEDED(SQLGetDiagRecW(type, handle, 1, state, &native, said, kSaid, &length)))
        return fail(Status::IO, "{}: the driver does not say why it failed", doing);
    const std::string code = utf8_of(state, 5);
    std::string text = utf8_of(said, std::size_t(std::clamp<SQLSMALLINT>(length, 0, kSaid - 1)));
    blot_out(text, secret);
    std::ranges::replace_if(
        text, [](char c) { return c == '\n' || c == '\r' || c == '\t'; }, ' ');
    const auto [status, is] = meaning_of(code, text);
    return fail(status, "{}: {}: {} (SQLSTATE {})", doing, is, display_text(text, kTextMax), display_text(code, 5));
}

Connection::~Connection() { logout(); }

void Connection::logout() {
    if (!logged_in_) return;
    SQLEndTran(SQL_HANDLE_DBC, connection_.get(), SQL_ROLLBACK);
    SQLDisconnect(connection_.get());
    logged_in_ = false;
}

Result<Unit> Connection::login(const std::string& text) {
    if (!connection_.make(environment_.get())) return fail(Status::IO, "no ODBC connection can be made");
    SQLSetConnectAttr(connection_.get(), SQL_ATTR_LOGIN_TIMEOUT, as_pointer(kLoginSeconds), SQL_IS_UINTEGER);
    SQLSetConnectAttr(connection_.get(), SQL_ATTR_ACCESS_MODE, as_pointer(SQL_MODE_READ_ONLY), SQL_IS_UINTEGER);
    auto written = utf16_of(text);
    const auto done = SQLDriverConnectW(connection_.get(), nullptr, written.data(), SQL_NTS, nullptr, 0, nullptr,
                                        SQL_DRIVER_NOPROMPT);
    clear_secret(written.data(), written.size() * sizeof written[0]);
    if (!SQL_SUCCEEDED(done)) return error_of(SQL_HANDLE_DBC, connection_.get(), "logging in", secret_);
    logged_in_ = true;
    return Unit{};
}

Result<Unit> Connection::open(const std::string& text, std::string_view password) {
    secret_ = password;
    if (!environment_.make(SQL_NULL_HANDLE) ||
        !SQL_SUCCEEDED(SQLSetEnvAttr(environment_.get(), SQL_ATTR_ODBC_VERSION, as_pointer(SQL_OV_ODBC3), 0)))
        return fail(Status::IO, "unixODBC cannot be used");
    std::string login_text = text;
    if (!password.empty()) login_text += ";PWD=" + as_attribute(password);
    auto done = login(login_text);
    // This driver holds the whole answer in memory unless it is told to use a cursor, and calls truth values
    // characters. Its own way of reading alone is a look at words, and takes no SET TRANSACTION.
    if (done && info(SQL_DRIVER_NAME).starts_with("psqlodbc")) {
        logout();
        login_text += ";UseDeclareFetch=1;Fetch=1000;BoolsAsChar=0;ReadOnly=0";
        done = login(login_text);
    }
    clear_secret(login_text.data(), login_text.size());
    C2D_CHECK(done);
    return begin_reading();
}

std::string Connection::info(SQLUSMALLINT what) const {
    SQLCHAR text[256] = {};
    SQLSMALLINT length = 0;
    if (!SQL_SUCCEEDED(SQLGetInfo(connection_.get(), what, text, sizeof text, &length))) return {};
    return reinterpret_cast<const char*>(text);
}

Result<Unit> Connection::execute(const char* sql) {
    Handle<SQL_HANDLE_STMT> statement;
    if (!statement.make(connection_.get())) return error_of(SQL_HANDLE_DBC, connection_.get(), sql, secret_);
    auto written = utf16_of(sql);
    const auto done = SQLExecDirectW(statement.get(), written.data(), SQL_NTS);
    if (SQL_SUCCEEDED(done) || done == SQL_NO_DATA) return Unit{};
    return error_of(SQL_HANDLE_STMT, statement.get(), sql, secret_);
}

Result<Unit> Connection::begin_reading() {
    const auto done =
        SQLSetConnectAttr(connection_.get(), SQL_ATTR_AUTOCOMMIT, as_pointer(SQL_AUTOCOMMIT_OFF), SQL_IS_UINTEGER);
    const std::string database = info(SQL_DBMS_NAME);
    if (database.starts_with("SQLite")) return execute("PRAGMA query_only = ON");
    if (!SQL_SUCCEEDED(done)) return error_of(SQL_HANDLE_DBC, connection_.get(), "beginning a transaction", secret_);
    const bool has_read_only = database.starts_with("PostgreSQL") || database.starts_with("Oracle") ||
                               database.starts_with("MySQL") || database.starts_with("MariaDB");
    if (has_read_only) C2D_CHECK(execute("SET TRANSACTION READ ONLY"));
    // What a moment is written as must not depend on where c2d runs.
    if (database.starts_with("PostgreSQL")) C2D_CHECK(execute("SET TIME ZONE 'UTC'"));
    return Unit{};
}

bool Connection::is_dead() const {
    SQLUINTEGER dead = SQL_CD_FALSE;
    return SQL_SUCCEEDED(
               SQLGetConnectAttr(connection_.get(), SQL_ATTR_CONNECTION_DEAD, &dead, SQL_IS_UINTEGER, nullptr)) &&
           dead == SQL_CD_TRUE;
}

Error Connection::error(SQLHANDLE statement, std::string_view doing) const {
    Error out = error_of(SQL_HANDLE_STMT, statement, doing, secret_);
    if (out.status != Status::UNAVAILABLE && is_dead())
        return fail(Status::UNAVAILABLE, "the connection to the database was lost: {}", out.message);
    return out;
}

}  // namespace c2d::odbc
