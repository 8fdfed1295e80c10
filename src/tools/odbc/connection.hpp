/// A login over ODBC, and one query in a transaction that ends as if it had not been.
#pragma once

#include <c2d/result.hpp>

#include <sql.h>
#include <sqlext.h>

#include <string>
#include <string_view>
#include <vector>

namespace c2d::odbc {

/// An ODBC handle with its end.
template <SQLSMALLINT Type>
class Handle {
public:
    Handle() = default;
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() { reset(); }
    bool make(SQLHANDLE parent) {
        reset();
        return SQL_SUCCEEDED(SQLAllocHandle(Type, parent, &handle_));
    }
    SQLHANDLE get() const noexcept { return handle_; }
    void reset() {
        if (handle_ != SQL_NULL_HANDLE) SQLFreeHandle(Type, handle_);
        handle_ = SQL_NULL_HANDLE;
    }

private:
    SQLHANDLE handle_ = SQL_NULL_HANDLE;
};

/// What a driver said last, as an error of ours; `secret` is blotted out wherever a driver repeats it.
Error error_of(SQLSMALLINT type, SQLHANDLE handle, std::string_view doing, std::string_view secret);
/// Texts of the driver manager are UTF-16, with a zero behind them.
std::string utf8_of(const SQLWCHAR* text, std::size_t length);
std::vector<SQLWCHAR> utf16_of(std::string_view text);

class Connection {
public:
    Connection() = default;
    Connection(const Connection&) = delete;
    Connection& operator=(const Connection&) = delete;
    ~Connection();

    /// Logs in, and begins a transaction that may not write where the database has such.
    Result<Unit> open(const std::string& text, std::string_view password);
    SQLHANDLE get() const noexcept { return connection_.get(); }
    /// What happened to a statement of this connection.
    Error error(SQLHANDLE statement, std::string_view doing) const;
    bool is_dead() const;

private:
    Result<Unit> login(const std::string& text);
    void logout();
    std::string info(SQLUSMALLINT what) const;
    Result<Unit> begin_reading();
    Result<Unit> execute(const char* sql);

    Handle<SQL_HANDLE_ENV> environment_;
    Handle<SQL_HANDLE_DBC> connection_;
    bool logged_in_ = false;
    std::string_view secret_;
};

}  // namespace c2d::odbc
