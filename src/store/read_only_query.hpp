/// One query over somebody's SQLite file, from which nothing but reading can come.
#pragma once

#include <c2d/result.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3;
struct sqlite3_stmt;

namespace c2d::store {

/// Steps within a CallScope end with it. One thread at a time.
class ReadOnlyQuery {
public:
    struct Column {
        std::string name;
        /// The type that the table's definition gives, in capitals; empty for an expression.
        std::string declared;
    };
    enum class Kind { missing, integer, number, text, bytes };

    /// What it reads stays as it was at the first step. Fails with `not_found`, `corrupt`, `unavailable` (locked), or
    /// `invalid_argument` for a query that is not one SELECT.
    static Result<ReadOnlyQuery> open(const std::string& path, const std::string& sql);
    ReadOnlyQuery(ReadOnlyQuery&&) noexcept;
    ReadOnlyQuery& operator=(ReadOnlyQuery&&) noexcept;
    ~ReadOnlyQuery();

    const std::vector<Column>& columns() const noexcept { return columns_; }  ///< of the answer
    /// True: a row is there. Fails with `cancelled` or `timeout`, too.
    Result<bool> step();
    /// From the first row on once more, over the same state of the database.
    void again();

    Kind kind(int column) const;
    std::int64_t integer(int column) const;
    double number(int column) const;
    /// A view until the next step.
    std::string_view text(int column) const;

private:
    struct Close {
        void operator()(sqlite3* db) const;
    };
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const;
    };
    /// What was refused, in words; it stays in place when the query is moved.
    using Refused = std::unique_ptr<std::string>;
    ReadOnlyQuery() = default;
    Result<Unit> open_file(const std::string& path);
    Result<Unit> prepare(const std::string& sql);
    Error error(int code) const;

    std::string path_;
    Refused refused_;
    std::unique_ptr<sqlite3, Close> db_;
    std::unique_ptr<sqlite3_stmt, Finalize> statement_;
    std::vector<Column> columns_;
};

}  // namespace c2d::store
