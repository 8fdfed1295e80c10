#include "table/file/writer.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"
#include "table/file/format.hpp"
#include "table/values.hpp"

#include <bit>
#include <cmath>
#include <set>

namespace c2d::table {

static_assert(std::endian::native == std::endian::little, "numbers are written as they lie in memory");

namespace {

Error refused(const Field& field, std::string_view what) {
    return fail(Status::INVALID_ARGUMENT, "column {}: {}, which a table does not hold", display_text(field.name, 80),
                what);
}

Result<Unit> check_fields(const Schema& schema) {
    if (schema.fields.empty() || schema.fields.size() > kColumnsMax)
        return fail(Status::INVALID_ARGUMENT, "expected 1 to {} columns, found {}", kColumnsMax, schema.fields.size());
    std::set<std::string_view> names;
    for (const Field& field : schema.fields) {
        const std::string shown = display_text(field.name, 80);
        if (field.name.empty() || field.name.size() > kNameBytesMax || !is_valid_utf8(field.name))
            return fail(Status::INVALID_ARGUMENT, "a column's name has 1 to {} bytes of UTF-8, found \"{}\"",
                        kNameBytesMax, shown);
        if (!names.insert(field.name).second)
            return fail(Status::INVALID_ARGUMENT, "two columns are called \"{}\"", shown);
    }
    return Unit{};
}

}  // namespace

TableFileWriter::TableFileWriter(int fd, Schema schema) : fd_(fd), schema_(std::move(schema)) {
    for (const Field& field : schema_.fields) columns_.emplace_back(field.type);
}

Result<TableFileWriter> TableFileWriter::start(int fd, const Schema& schema) {
    C2D_CHECK(check_fields(schema));
    TableFileWriter out(fd, table_file_schema(schema));
    C2D_TRY(const auto text, json::canonical(to_value(out.schema_)));
    if (text.size() > kTableFileSchemaMax)
        return fail(Status::LIMIT, "a schema of at most {} bytes, found {}", kTableFileSchemaMax, text.size());
    out.out_ = kTableFileMagic;
    out.put_number(kTableFileVersion);
    out.put_number(std::uint32_t(text.size()));
    out.put(text.data(), text.size());
    C2D_CHECK(out.flush());
    return out;
}

Result<Unit> TableFileWriter::add_integer(std::size_t column, std::int64_t value) {
    const Field& field = schema_.fields[column];
    if (const char* const problem = value_problem(field.type, value)) return refused(field, problem);
    columns_[column].add_integer(value);
    return Unit{};
}

Result<Unit> TableFileWriter::add_number(std::size_t column, double value) {
    if (!std::isfinite(value)) return refused(schema_.fields[column], "a number that is not finite");
    columns_[column].add_number(value == 0 ? 0 : value);  // of two zeros one
    return Unit{};
}

Result<Unit> TableFileWriter::add_text(std::size_t column, std::string_view text) {
    row_text_ += text.size();
    if (row_text_ > kRecordBytesMax)
        return refused(schema_.fields[column], fmt::format("a row of more than {} bytes of text", kRecordBytesMax));
    if (!is_valid_utf8(text)) return refused(schema_.fields[column], "text that is not UTF-8");
    columns_[column].add_text(text);
    return Unit{};
}

Result<Unit> TableFileWriter::add_cell(std::size_t column, const Column& from, std::size_t row) {
    if (from.is_missing(row)) {
        add_missing(column);
        return Unit{};
    }
    switch (from.type()) {
        case Type::string: return add_text(column, from.text(row));
        case Type::number: return add_number(column, from.numbers()[row]);
        default: return add_integer(column, from.integers()[row]);
    }
}

Result<Unit> TableFileWriter::end_row() {
    ++group_rows_;
    ++rows_;
    group_weight_ += kCellWeight * columns_.size() + std::exchange(row_text_, 0);
    return is_group_full(group_rows_, group_weight_) ? write_group() : Result<Unit>(Unit{});
}

Result<Unit> TableFileWriter::write_group() {
    put_number(std::uint32_t(group_rows_));
    for (ColumnBuilder& builder : columns_) {
        const Column column = builder.finish();
        if (column.rows() != group_rows_)
            return fail(Status::INTERNAL, "a column of {} rows among those of {}", column.rows(), group_rows_);
        put_column(column);
    }
    group_rows_ = group_weight_ = 0;
    return flush();
}

void TableFileWriter::put_column(const Column& column) {
    const Column::Parts& parts = column.parts();
    put_number(std::uint32_t(parts.missing));
    if (parts.missing != 0) {
        std::string bits((parts.rows + 7) / 8, '\0');
        for (std::size_t row = 0; row < parts.rows; ++row)
            if (!column.is_missing(row)) bits[row / 8] = char(std::uint8_t(bits[row / 8]) | (1u << (row % 8)));
        put(bits.data(), bits.size());
    }
    switch (parts.type) {
        case Type::string:
            for (std::size_t row = 0; row < parts.rows; ++row) put_number(std::uint32_t(column.text(row).size()));
            return put(parts.bytes, std::size_t(parts.offsets[parts.rows]));
        case Type::boolean:
            for (const std::int64_t value : parts.integers) out_ += char(value);
            return;
        case Type::number: return put(parts.numbers.data(), parts.numbers.size_bytes());
        default: return put(parts.integers.data(), parts.integers.size_bytes());
    }
}

void TableFileWriter::put(const void* data, std::size_t bytes) {
    if (bytes != 0) out_.append(static_cast<const char*>(data), bytes);
}

template <class Number>
void TableFileWriter::put_number(Number number) {
    put(&number, sizeof number);
}

Result<Unit> TableFileWriter::flush() {
    C2D_CHECK(write_fd(fd_, as_bytes(out_)));
    bytes_ += out_.size();
    out_.clear();
    return Unit{};
}

Result<Unit> TableFileWriter::finish() {
    if (group_rows_ != 0) C2D_CHECK(write_group());
    put_number(std::uint32_t{0});
    put_number(rows_);
    return flush();
}

}  // namespace c2d::table
