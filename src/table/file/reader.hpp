/// Reads a table file group by group, and believes nothing of it.
#pragma once

#include "table/column_builder.hpp"
#include "table/csv/source.hpp"

namespace c2d::table {

/// Does the file begin as table files do? Leaves it at its start.
Result<bool> is_table_file(Source& source);

class TableFileReader {
public:
    /// Whatever is not as the writer writes it is `kUnusable`.
    static Result<TableFileReader> open(Source source);

    const Schema& schema() const noexcept { return schema_; }
    const Source& source() const noexcept { return source_; }
    /// Columns of the next rows; nothing at the end, which has been checked then.
    Result<std::optional<std::vector<Column>>> next();

private:
    explicit TableFileReader(Source source) : source_(std::move(source)) {}
    Result<Unit> read_head();
    Result<Unit> read_end();
    Result<Unit> check_group(std::size_t rows, const std::vector<Column>& columns);
    Result<Column> read_column(const Field& field, std::size_t rows, std::size_t& text_room);
    Result<Unit> read_texts(ColumnBuilder& column, std::size_t rows, std::size_t& text_room);
    Result<Unit> fill(void* out, std::size_t bytes);
    template <class Number>
    Result<Number> number();

    Source source_;
    /// What was read ahead, and how much of it was taken.
    std::string ahead_;
    std::size_t taken_ = 0;
    Schema schema_;
    std::uint64_t rows_ = 0;
    /// Only the last group may be short.
    bool short_group_ = false;
};

}  // namespace c2d::table
