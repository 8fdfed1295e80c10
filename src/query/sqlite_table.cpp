#include "query/sqlite_table.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "query/column_kinds.hpp"
#include "query/too_large.hpp"
#include "table/date.hpp"
#include "table/file/writer.hpp"

namespace c2d::query {

using store::ReadOnlyQuery;
using table::Schema;
using table::TableFileWriter;
using table::TableSource;
using table::Type;

namespace {

Error in_column(const std::string& name, std::uint64_t row, std::string_view what) {
    return fail(Status::INVALID_ARGUMENT, "column {}, row {}: {}", display_text(name, 80), row, what);
}

/// All rows once, to see what they hold.
Result<Schema> find_schema(ReadOnlyQuery& query, const TableSource& source) {
    std::vector<ColumnKinds> kinds;
    for (const auto& column : query.columns()) kinds.emplace_back(column.declared);
    for (std::uint64_t row = 1;; ++row) {
        C2D_TRY(const bool more, query.step());
        if (!more) break;
        C2D_CHECK(check_rows(source, row));
        for (std::size_t i = 0; i < kinds.size(); ++i) kinds[i].see(query.kind(int(i)), row);
    }
    Schema out;
    std::string wrong;
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        const std::string& name = query.columns()[i].name;
        const auto type = kinds[i].type();
        if (type)
            out.fields.push_back({name, *type});
        else if (wrong.size() < 1500)
            wrong += (wrong.empty() ? "column " : "; column ") + display_text(name, 80) + ": " + type.error().message;
    }
    if (!wrong.empty()) return fail(Status::INVALID_ARGUMENT, "{}", wrong);
    return out;
}

Result<Unit> add_text(TableFileWriter& out, std::size_t column, std::string_view text) {
    const table::Field& field = out.schema().fields[column];
    if (field.type == Type::string) return out.add_text(column, text);
    const auto value = field.type == Type::date ? table::parse_date(text) : table::parse_datetime(text);
    if (value) return out.add_integer(column, *value);
    return in_column(
        field.name, out.rows() + 1,
        fmt::format("declared as {}, expected one like {}, found \"{}\"", table::type_name(field.type),
                    field.type == Type::date ? "2024-01-31" : "2024-01-31T08:30:00", display_text(text, 80)));
}

Result<Unit> add_cell(TableFileWriter& out, std::size_t column, const ReadOnlyQuery& query) {
    const table::Field& field = out.schema().fields[column];
    const bool numeric = field.type == Type::number;
    switch (query.kind(int(column))) {
        case ReadOnlyQuery::Kind::missing: out.add_missing(column); return Unit{};
        case ReadOnlyQuery::Kind::integer:
            if (numeric) return out.add_number(column, double(query.integer(int(column))));
            if (field.type != Type::string) return out.add_integer(column, query.integer(int(column)));
            break;
        case ReadOnlyQuery::Kind::number:
            if (numeric) return out.add_number(column, query.number(int(column)));
            break;
        case ReadOnlyQuery::Kind::text:
            if (!numeric && field.type != Type::integer && field.type != Type::boolean)
                return add_text(out, column, query.text(int(column)));
            break;
        case ReadOnlyQuery::Kind::bytes: break;
    }
    return in_column(field.name, out.rows() + 1,
                     "of another type than when the query ran first; it must give the same rows twice");
}

}  // namespace

Result<Unit> check_sqlite(const TableSource& source) {
    C2D_CHECK(ReadOnlyQuery::open(source.database, source.query));
    return Unit{};
}

Result<std::uint64_t> write_sqlite(const TableSource& source, int fd) {
    C2D_TRY(auto query, ReadOnlyQuery::open(source.database, source.query));
    C2D_TRY(const Schema schema, find_schema(query, source));
    C2D_TRY(auto out, TableFileWriter::start(fd, schema));
    query.again();
    for (;;) {
        C2D_TRY(const bool more, query.step());
        if (!more) break;
        for (std::size_t i = 0; i < schema.fields.size(); ++i) C2D_CHECK(add_cell(out, i, query));
        C2D_CHECK(out.end_row());
        C2D_CHECK(check_size(source, out));
    }
    C2D_CHECK(out.finish());
    C2D_CHECK(check_size(source, out));
    return out.rows();
}

}  // namespace c2d::query
