/// CSV text as batches of records that all have the same number of cells.
#pragma once

#include "table/csv/encoding.hpp"
#include "table/csv/separators.hpp"
#include "table/problems.hpp"

namespace c2d::table {

/// Records of one piece of text; its views live until the next batch.
class Batch {
public:
    struct Record {
        std::uint32_t start, first_cell, end;
        std::uint64_t line;
    };

    std::size_t rows() const noexcept { return records.size(); }
    std::uint64_t line(std::size_t row) const noexcept { return records[row].line; }
    /// As it stands in the file, quotes and all.
    std::string_view cell(std::size_t row, std::size_t column) const noexcept {
        const Record& record = records[row];
        const std::uint32_t* const ends = cell_ends + record.first_cell;
        const std::uint32_t start = column == 0 ? record.start : ends[column - 1] + 1;
        const std::uint32_t end = column + 1 == columns ? record.end : ends[column];
        return {text + start, end - start};
    }

    const char* text = nullptr;
    const std::uint32_t* cell_ends = nullptr;
    std::size_t columns = 0;
    std::vector<Record> records;
};

/// A quoted cell's content: without the quotes, "" as one. `scratch` holds it where it is not a part of the text.
std::string_view unquoted(std::string_view cell, char quote, std::string& scratch);

/// Reads records of a stream, one after the other.
class Records {
public:
    /// `columns`: how many cells each has; 0: as the first. Others are problems and left out. Where `skip_first`, the
    /// first record is kept apart.
    Records(TextStream& text, Marks marks, std::size_t columns, bool skip_first, Problems& problems);

    /// The next batch, which may be empty before the end; false at the end. What cannot be read on is `kUnusable`.
    Result<bool> next(Batch& out);
    /// The cells of the first record where it was kept apart, without quotes.
    const std::vector<std::string>& first() const noexcept { return first_; }
    std::size_t columns() const noexcept { return columns_; }
    Marks marks() const noexcept { return marks_; }

private:
    Result<bool> fill();
    Result<Unit> check_text(std::size_t from) const;
    Result<Unit> check_utf8(std::size_t from) const;
    Result<Unit> check_quotes(std::size_t end) const;
    Result<Unit> check_record_size() const;
    Result<Unit> collect(Batch& out);
    Result<Unit> take_record(Batch& out, Batch::Record record, std::size_t cells);
    void keep_first(const Batch::Record& record, std::size_t cells);
    void drop_taken();
    std::uint64_t line_at(std::size_t place) const;

    TextStream* text_;
    Marks marks_;
    std::size_t columns_;
    bool skip_first_;
    Problems* problems_;
    Separators separators_;
    std::string buffer_;
    /// What of the buffer, of its cells and of its records was handed out.
    std::size_t taken_bytes_ = 0, taken_cells_ = 0, taken_records_ = 0;
    std::uint64_t line_ = 1, blank_line_ = 0;
    std::vector<std::string> first_;
    bool ended_ = false;
};

}  // namespace c2d::table
