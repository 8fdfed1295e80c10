#include "table/file/reader.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"
#include "table/column_builder.hpp"
#include "table/csv/unusable.hpp"
#include "table/file/format.hpp"
#include "table/values.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace c2d::table {

namespace {

/// Damage has no line; what a writer of ours would not have written is not worth more words.
Error damaged(std::string_view what) {
    return unusable(0, "the table file is damaged: {}; make it anew from its source", what);
}

std::uint64_t bits_of(double value) noexcept { return std::bit_cast<std::uint64_t>(value); }

/// Which cells are missing: `missing` of them, and nothing behind the last row.
Result<std::vector<std::size_t>> missing_rows(const std::vector<std::uint8_t>& present, std::size_t rows,
                                              std::size_t missing) {
    std::vector<std::size_t> out;
    for (std::size_t bit = 0; bit < present.size() * 8; ++bit) {
        const bool set = ((present[bit / 8] >> (bit % 8)) & 1) != 0;
        if (bit >= rows && set) return damaged("bits behind the last row");
        if (bit < rows && !set) out.push_back(bit);
    }
    if (out.size() != missing) return damaged("another number of missing cells than it says");
    return out;
}

/// Every value is one that a table holds, and those of missing cells are zero.
Result<Column> finish_column(const Field& field, ColumnBuilder& column, const std::vector<std::size_t>& missing) {
    for (const std::size_t row : missing) {
        const bool zero = field.type == Type::string   ? column.text(row).empty()
                          : field.type == Type::number ? bits_of(column.number(row)) == 0
                                                       : column.integer(row) == 0;
        if (!zero) return damaged("a missing cell with a value");
        column.mark_missing(row);
    }
    for (std::size_t row = 0; row < column.rows(); ++row) {
        if (field.type == Type::string) {
            if (!is_valid_utf8(column.text(row))) return damaged("text that is not UTF-8");
        } else if (field.type == Type::number) {
            const double value = column.number(row);
            if (!std::isfinite(value) || (value == 0 && std::signbit(value)))
                return damaged("a number that no table holds");
        } else if (const char* const problem = value_problem(field.type, column.integer(row))) {
            return damaged(problem);
        }
    }
    return column.finish();
}

}  // namespace

Result<bool> is_table_file(Source& source) {
    char head[kTableFileMagic.size()];
    std::size_t count = 0;
    while (count < sizeof head) {
        C2D_TRY(const std::size_t got, source.read(head + count, sizeof head - count));
        if (got == 0) break;
        count += got;
    }
    C2D_CHECK(source.rewind());
    return std::string_view(head, count) == kTableFileMagic;
}

Result<TableFileReader> TableFileReader::open(Source source) {
    TableFileReader out(std::move(source));
    C2D_CHECK(out.read_head());
    return out;
}

Result<Unit> TableFileReader::fill(void* out, std::size_t bytes) {
    constexpr std::size_t kAhead = std::size_t{256} << 10;
    auto* at = static_cast<char*>(out);
    while (bytes != 0) {
        if (taken_ == ahead_.size()) {
            ahead_.resize(kAhead);
            taken_ = 0;
            C2D_TRY(const std::size_t got, source_.read(ahead_.data(), ahead_.size()));
            ahead_.resize(got);
            if (got == 0) return damaged("it ends too early");
        }
        const std::size_t part = std::min(bytes, ahead_.size() - taken_);
        std::copy_n(ahead_.data() + taken_, part, at);
        taken_ += part;
        at += part;
        bytes -= part;
    }
    return Unit{};
}

template <class Number>
Result<Number> TableFileReader::number() {
    Number out{};
    C2D_CHECK(fill(&out, sizeof out));
    return out;
}

Result<Unit> TableFileReader::read_head() {
    char magic[kTableFileMagic.size()];
    C2D_CHECK(fill(magic, sizeof magic));
    if (std::string_view(magic, sizeof magic) != kTableFileMagic) return damaged("it does not begin as one");
    C2D_TRY(const auto version, number<std::uint32_t>());
    if (version != kTableFileVersion)
        return unusable(0, "a table file of version {}, and this c2d reads version {}", version, kTableFileVersion);
    C2D_TRY(const auto bytes, number<std::uint32_t>());
    if (bytes > kTableFileSchemaMax || bytes > source_.size()) return damaged("its schema is too long");
    std::string text(bytes, '\0');
    C2D_CHECK(fill(text.data(), bytes));
    auto schema = parse_schema(text);
    if (!schema) return damaged(display_text(schema.error().message, 400));
    schema_ = *std::move(schema);
    const auto again = json::canonical(to_value(table_file_schema(schema_)));
    if (!again || *again != text) return damaged("its schema is not written as table files have it");
    return Unit{};
}

Result<std::optional<std::vector<Column>>> TableFileReader::next() {
    C2D_TRY(const std::size_t rows, number<std::uint32_t>());
    if (rows == 0) {
        C2D_CHECK(read_end());
        return std::optional<std::vector<Column>>();
    }
    const std::size_t row_weight = kCellWeight * schema_.fields.size();
    if (short_group_ || rows > kGroupRowsMax || is_group_full(rows - 1, (rows - 1) * row_weight))
        return damaged("its groups of rows do not end where they must");
    // A group ends with the row that fills it: beside what is allowed, one row.
    std::size_t text_room = kGroupWeightMax + kRecordBytesMax;
    std::vector<Column> columns;
    for (const Field& field : schema_.fields) {
        C2D_TRY(auto column, read_column(field, rows, text_room));
        columns.push_back(std::move(column));
    }
    C2D_CHECK(check_group(rows, columns));
    rows_ += rows;
    return std::optional(std::move(columns));
}

/// Where a group ends follows from its rows.
Result<Unit> TableFileReader::check_group(std::size_t rows, const std::vector<Column>& columns) {
    std::vector<std::size_t> text(rows);
    for (const Column& column : columns)
        for (std::size_t row = 0; column.type() == Type::string && row < rows; ++row)
            text[row] += column.text(row).size();
    std::size_t weight = 0;
    for (std::size_t row = 0; row < rows; ++row) {
        if (text[row] > kRecordBytesMax) return damaged("a row with too much text");
        if (is_group_full(row, weight)) return damaged("its groups of rows do not end where they must");
        weight += kCellWeight * columns.size() + text[row];
    }
    short_group_ = !is_group_full(rows, weight);
    return Unit{};
}

Result<Column> TableFileReader::read_column(const Field& field, std::size_t rows, std::size_t& text_room) {
    C2D_TRY(const std::size_t missing, number<std::uint32_t>());
    if (missing > rows) return damaged("more missing cells than rows");
    std::vector<std::uint8_t> present(missing == 0 ? 0 : (rows + 7) / 8);
    C2D_CHECK(fill(present.data(), present.size()));
    C2D_TRY(const auto missing_at,
            missing == 0 ? Result(std::vector<std::size_t>()) : missing_rows(present, rows, missing));
    ColumnBuilder column(field.type);
    if (field.type == Type::string) {
        C2D_CHECK(read_texts(column, rows, text_room));
    } else if (field.type == Type::boolean) {
        std::vector<std::uint8_t> values(rows);
        C2D_CHECK(fill(values.data(), rows));
        for (const std::uint8_t value : values) column.add_integer(value);
    } else if (field.type == Type::number) {
        C2D_CHECK(fill(column.extend_numbers(rows), rows * sizeof(double)));
    } else {
        C2D_CHECK(fill(column.extend_integers(rows), rows * sizeof(std::int64_t)));
    }
    return finish_column(field, column, missing_at);
}

Result<Unit> TableFileReader::read_texts(ColumnBuilder& column, std::size_t rows, std::size_t& text_room) {
    std::vector<std::uint32_t> lengths(rows);
    C2D_CHECK(fill(lengths.data(), rows * sizeof lengths[0]));
    std::string text;
    for (const std::size_t length : lengths) {
        if (length > text_room) return damaged("more text than a group holds");
        text_room -= length;
        text.resize(length);
        C2D_CHECK(fill(text.data(), length));
        column.add_text(text);
    }
    return Unit{};
}

Result<Unit> TableFileReader::read_end() {
    C2D_TRY(const auto rows, number<std::uint64_t>());
    if (rows != rows_) return damaged("it has another number of rows than it says");
    char more = 0;
    C2D_TRY(const std::size_t got, taken_ < ahead_.size() ? Result(std::size_t{1}) : source_.read(&more, 1));
    if (got != 0) return damaged("something stands behind its end");
    return source_.check_unchanged();
}

}  // namespace c2d::table
