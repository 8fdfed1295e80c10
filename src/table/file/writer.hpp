/// Writes a table file row by row; holds one group of rows, whatever their number.
#pragma once

#include "table/column_builder.hpp"

namespace c2d::table {

class TableFileWriter {
public:
    /// From where `fd`, which must live as long, stands. Fails with `invalid_argument` for a schema without fields, or
    /// with two of one name.
    static Result<TableFileWriter> start(int fd, const Schema& schema);

    const Schema& schema() const noexcept { return schema_; }  ///< of the file
    std::uint64_t rows() const noexcept { return rows_; }      ///< that have ended
    std::uint64_t bytes() const noexcept { return bytes_; }    ///< that were written

    /// The cells of a row, one to each column of its type. Fails with `invalid_argument` for what no table holds: a
    /// number that is not finite, text that is not UTF-8 or too long, a day that there is not.
    Result<Unit> add_integer(std::size_t column, std::int64_t value);
    Result<Unit> add_number(std::size_t column, double value);
    Result<Unit> add_text(std::size_t column, std::string_view text);
    void add_missing(std::size_t column) { columns_[column].add_missing(); }
    /// One cell of another table.
    Result<Unit> add_cell(std::size_t column, const Column& from, std::size_t row);
    Result<Unit> end_row();
    /// The rest, and the end of the file.
    Result<Unit> finish();

private:
    TableFileWriter(int fd, Schema schema);
    Result<Unit> write_group();
    void put_column(const Column& column);
    void put(const void* data, std::size_t bytes);
    template <class Number>
    void put_number(Number number);
    Result<Unit> flush();

    int fd_;
    Schema schema_;
    std::vector<ColumnBuilder> columns_;
    std::size_t group_rows_ = 0, group_weight_ = 0, row_text_ = 0;
    std::uint64_t rows_ = 0, bytes_ = 0;
    std::string out_;
};

}  // namespace c2d::table
