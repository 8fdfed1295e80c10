#include "tools/odbc/columns.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "table/cell.hpp"
#include "table/date.hpp"
#include "table/file/writer.hpp"

#include <cstring>

namespace c2d::odbc {

using table::TableFileWriter;
using table::Type;

namespace {

/// Characters of a text where a driver does not know how long it is, and the most that are read of one.
constexpr std::size_t kTextUsual = 8190, kTextMax = 32768;
constexpr std::size_t kDecimalBytes = 128;

Error in_cell(const table::Field& field, const TableFileWriter& out, std::string_view what) {
    return fail(Status::INVALID_ARGUMENT, "column {}, row {}: {}", display_text(field.name, 80), out.rows() + 1, what);
}

}  // namespace

Result<AnswerColumn::Kind> AnswerColumn::kind_of(SQLSMALLINT type, SQLULEN size, SQLSMALLINT digits) {
    constexpr SQLULEN kIntegerDigits = 18;
    switch (type) {
        case SQL_BIT: return Kind::boolean;
        case SQL_TINYINT:
        case SQL_SMALLINT:
        case SQL_INTEGER:
        case SQL_BIGINT: return Kind::integer;
        case SQL_DECIMAL:
        case SQL_NUMERIC: return digits == 0 && size > 0 && size <= kIntegerDigits ? Kind::integer : Kind::decimal;
        case SQL_REAL:
        case SQL_FLOAT:
        case SQL_DOUBLE: return Kind::number;
        case SQL_TYPE_DATE: return Kind::date;
        case SQL_TYPE_TIMESTAMP: return Kind::datetime;
        case SQL_CHAR:
        case SQL_VARCHAR:
        case SQL_LONGVARCHAR:
        case SQL_WCHAR:
        case SQL_WVARCHAR:
        case SQL_WLONGVARCHAR:
        case SQL_GUID: return Kind::text;
        default:
            return fail(Status::INVALID_ARGUMENT, "a type that no table has (ODBC's number {}); CAST it in the query",
                        type);
    }
}

Result<AnswerColumn> AnswerColumn::describe(const Connection& connection, SQLHANDLE statement, SQLUSMALLINT number) {
    SQLWCHAR name[512] = {};
    SQLSMALLINT length = 0, type = 0, digits = 0, nullable = 0;
    SQLULEN size = 0;
    const auto told =
        SQLDescribeColW(statement, number, name, sizeof name / sizeof *name, &length, &type, &size, &digits, &nullable);
    if (!SQL_SUCCEEDED(told)) return connection.error(statement, "looking at the columns");
    AnswerColumn out;
    out.field_.name = utf8_of(name, std::size_t(length));
    const auto kind = kind_of(type, size, digits);
    if (!kind) return fail(kind.status(), "column {}: {}", display_text(out.field_.name, 80), kind.error().message);
    out.kind_ = *kind;
    const auto as = [&out](Type is, SQLSMALLINT c_type, std::size_t width) {
        out.field_.type = is;
        out.c_type_ = c_type;
        out.width_ = width;
    };
    switch (out.kind_) {
        case Kind::integer: as(Type::integer, SQL_C_SBIGINT, sizeof(SQLBIGINT)); break;
        case Kind::number: as(Type::number, SQL_C_DOUBLE, sizeof(SQLDOUBLE)); break;
        case Kind::decimal: as(Type::number, SQL_C_CHAR, kDecimalBytes); break;
        case Kind::boolean: as(Type::boolean, SQL_C_BIT, 1); break;
        case Kind::date: as(Type::date, SQL_C_TYPE_DATE, sizeof(SQL_DATE_STRUCT)); break;
        case Kind::datetime: as(Type::datetime, SQL_C_TYPE_TIMESTAMP, sizeof(SQL_TIMESTAMP_STRUCT)); break;
        case Kind::text: {
            const std::size_t characters = size == 0 || size > kTextMax ? kTextUsual : std::size_t(size);
            as(Type::string, SQL_C_WCHAR, (2 * characters + 1) * sizeof(SQLWCHAR));
        }
    }
    return out;
}

bool AnswerColumn::bind(SQLHANDLE statement, SQLUSMALLINT number, std::size_t rows) {
    data_.resize(width_ * rows);
    lengths_.resize(rows);
    return SQL_SUCCEEDED(SQLBindCol(statement, number, c_type_, data_.data(), SQLLEN(width_), lengths_.data()));
}

template <class Value>
Value AnswerColumn::value(std::size_t row) const {
    Value out;
    std::memcpy(&out, data_.data() + row * width_, sizeof out);
    return out;
}

Result<Unit> AnswerColumn::add_text(TableFileWriter& out, std::size_t column, std::size_t row) const {
    const auto bytes = lengths_[row];
    const std::size_t room = width_ - sizeof(SQLWCHAR);
    if (bytes < 0 || std::size_t(bytes) > room)
        return in_cell(
            field_, out,
            fmt::format("a text of more than {} characters; shorten it in the query", room / sizeof(SQLWCHAR)));
    const auto count = std::size_t(bytes) / sizeof(SQLWCHAR);
    std::vector<SQLWCHAR> text(count);
    std::memcpy(text.data(), data_.data() + row * width_, count * sizeof(SQLWCHAR));
    return out.add_text(column, utf8_of(text.data(), count));
}

Result<Unit> AnswerColumn::add_to(TableFileWriter& out, std::size_t column, std::size_t row) const {
    if (lengths_[row] == SQL_NULL_DATA) {
        out.add_missing(column);
        return Unit{};
    }
    switch (kind_) {
        case Kind::integer: return out.add_integer(column, value<SQLBIGINT>(row));
        case Kind::number: return out.add_number(column, value<SQLDOUBLE>(row));
        case Kind::boolean: return out.add_integer(column, value<unsigned char>(row));
        case Kind::text: return add_text(out, column, row);
        case Kind::decimal: {
            const char* const at = data_.data() + row * width_;
            const std::string_view text(at, ::strnlen(at, width_));
            double number = 0;
            if (!table::parse_decimal(text, '.', 0, number))
                return in_cell(field_, out, "expected a number, found \"" + display_text(text, 80) + "\"");
            return out.add_number(column, number);
        }
        case Kind::date: {
            const auto day = value<SQL_DATE_STRUCT>(row);
            const auto days = table::days_of(day.year, day.month, day.day);
            return days ? out.add_integer(column, *days) : in_cell(field_, out, "a date that there is not");
        }
        case Kind::datetime: {
            const auto at = value<SQL_TIMESTAMP_STRUCT>(row);
            const auto days = table::days_of(at.year, at.month, at.day);
            if (!days) return in_cell(field_, out, "a date that there is not");
            const std::int64_t seconds = ((*days * 24 + at.hour) * 60 + at.minute) * 60 + at.second;
            return out.add_integer(column, seconds * 1'000'000 + std::int64_t(at.fraction / 1000));
        }
    }
    return Unit{};
}

}  // namespace c2d::odbc
