#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "table/column_builder.hpp"
#include "table/value_text.hpp"

namespace c2d::table {

namespace {

/// Chosen rows of one column.
Column take_rows(const Column& column, std::span<const std::uint64_t> rows) {
    ColumnBuilder out(column.type());
    out.reserve(rows.size());
    for (const auto row : rows) {
        if (column.is_missing(row))
            out.add_missing();
        else if (column.type() == Type::string)
            out.add_text(column.text(row));
        else if (column.type() == Type::number)
            out.add_number(column.numbers()[row]);
        else
            out.add_integer(column.integers()[row]);
    }
    return out.finish();
}

/// Whole numbers as numbers.
Column widened(const Column& column) {
    ColumnBuilder out(Type::number);
    out.reserve(column.rows());
    for (std::size_t row = 0; row < column.rows(); ++row)
        if (column.is_missing(row))
            out.add_missing();
        else
            out.add_number(double(column.integers()[row]));
    return out.finish();
}

}  // namespace

Result<Table> Table::make(Schema schema, std::vector<Column> columns) {
    if (schema.fields.size() != columns.size())
        return fail(Status::INVALID_ARGUMENT, "{} fields, but {} columns", schema.fields.size(), columns.size());
    Table out;
    out.rows_ = columns.empty() ? 0 : columns[0].rows();
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const Field& field = schema.fields[i];
        if (columns[i].type() != field.type)
            return fail(Status::INVALID_ARGUMENT, "column {}: expected {}, found {}", display_text(field.name, 80),
                        type_name(field.type), type_name(columns[i].type()));
        if (columns[i].rows() != out.rows_)
            return fail(Status::INVALID_ARGUMENT, "column {}: {} rows, where the first column has {}",
                        display_text(field.name, 80), columns[i].rows(), out.rows_);
    }
    out.schema_ = std::make_shared<Schema>(std::move(schema));
    out.columns_ = std::make_shared<std::vector<Column>>(std::move(columns));
    return out;
}

Result<std::size_t> Table::index_of(std::string_view name) const {
    std::string names;
    for (std::size_t i = 0; i < cols(); ++i) {
        if (field(i).name == name) return i;
        if (names.size() < 400) names += (names.empty() ? "" : ", ") + display_text(field(i).name, 80);
    }
    return fail(Status::NOT_FOUND, "there is no column {}; there are {}", display_text(name, 80), names);
}

Result<Table> Table::select(const std::vector<std::string>& names) const {
    Schema schema = *schema_;
    schema.fields.clear();
    std::vector<Column> columns;
    for (const auto& name : names) {
        C2D_TRY(const std::size_t index, index_of(name));
        schema.fields.push_back(field(index));
        columns.push_back(column(index));
    }
    return make(std::move(schema), std::move(columns));
}

Result<Table> Table::take(std::span<const std::uint64_t> rows) const {
    for (const auto row : rows)
        if (row >= rows_) return fail(Status::INVALID_ARGUMENT, "row {} of a table of {} rows", row, rows_);
    std::vector<Column> columns;
    for (const auto& column : *columns_) columns.push_back(take_rows(column, rows));
    return make(*schema_, std::move(columns));
}

Result<Table> Table::conform(const Schema& schema) const {
    Schema kept = schema;
    kept.fields.clear();
    std::vector<Column> columns;
    std::string wrong;
    for (const auto& field : schema.fields) {
        if (field.role == Role::ignore) continue;
        const auto index = index_of(field.name);
        const std::string name = (wrong.empty() ? "column " : "; column ") + display_text(field.name, 80);
        if (!index) {
            if (wrong.size() < 1000) wrong += name + " is not there";
            continue;
        }
        const Column& column = this->column(*index);
        const bool widen = field.type == Type::number && column.type() == Type::integer;
        if (column.type() != field.type && !widen && wrong.size() < 1000)
            wrong += fmt::format("{} is {}, not {}", name, type_name(column.type()), type_name(field.type));
        columns.push_back(widen ? widened(column) : column);
        kept.fields.push_back(field);
    }
    if (!wrong.empty()) return fail(Status::INVALID_ARGUMENT, "the table is not of the schema: {}", wrong);
    return make(std::move(kept), std::move(columns));
}

Result<std::optional<std::string>> cell_text_of(const Table& table, std::size_t row, std::size_t column) {
    if (row >= table.rows() || column >= table.cols())
        return fail(Status::INVALID_ARGUMENT, "row {}, column {} of a table of {} rows and {} columns", row, column,
                    table.rows(), table.cols());
    if (table.column(column).is_missing(row)) return std::optional<std::string>();
    return std::optional(cell_text(table.column(column), row));
}

}  // namespace c2d::table
