/// The columns of an answer: which type each becomes, and the memory that a driver fills with some rows at a time.
#pragma once

#include "tools/odbc/connection.hpp"

#include <c2d/table.hpp>

#include <vector>

namespace c2d::table {
class TableFileWriter;
}

namespace c2d::odbc {

class AnswerColumn {
public:
    /// What a driver tells of column `number`, from 1, of a statement. Fails with `invalid_argument` for what no table
    /// holds.
    static Result<AnswerColumn> describe(const Connection& connection, SQLHANDLE statement, SQLUSMALLINT number);

    const table::Field& field() const noexcept { return field_; }
    /// Bytes of a row.
    std::size_t width() const noexcept { return width_ + sizeof(SQLLEN); }
    /// From now on fetching fills it.
    bool bind(SQLHANDLE statement, SQLUSMALLINT number, std::size_t rows);
    /// The cell of row `row` of what was fetched.
    Result<Unit> add_to(table::TableFileWriter& out, std::size_t column, std::size_t row) const;

private:
    enum class Kind { integer, number, decimal, boolean, date, datetime, text };
    static Result<Kind> kind_of(SQLSMALLINT type, SQLULEN size, SQLSMALLINT digits);
    template <class Value>
    Value value(std::size_t row) const;
    Result<Unit> add_text(table::TableFileWriter& out, std::size_t column, std::size_t row) const;

    table::Field field_;
    Kind kind_ = Kind::text;
    SQLSMALLINT c_type_ = SQL_C_WCHAR;
    std::size_t width_ = 0;
    std::vector<char> data_;
    std::vector<SQLLEN> lengths_;
};

}  // namespace c2d::odbc
