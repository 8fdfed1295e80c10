/// A CSV file that is open, and of which it is known how it is written.
#pragma once

#include "table/csv/dialect.hpp"
#include "table/csv/records.hpp"
#include "table/csv/tally.hpp"
#include "table/csv/typed_column.hpp"

#include <memory>

namespace c2d::table {

/// Different values, of all ids together, among which equal ones are noticed while a file streams past.
inline constexpr std::size_t kUniqueRowsMax = std::size_t{1} << 20;

class CsvFile {
public:
    /// Finds out what `options` leave open. What is wrong with the file as a whole is `kUnusable`.
    static Result<std::unique_ptr<CsvFile>> open(Source source, const ReadOptions& options);

    /// The options' schema with the order of this file's columns, or one that the whole file, or only its start, gives.
    Result<Unit> find_schema(bool start_only, Problems& problems);

    /// Of the columns that are kept, and of all.
    const Schema& schema() const noexcept { return schema_; }
    const Schema& whole_schema() const noexcept { return whole_schema_; }
    /// The columns that are kept, by their place in the file; roles of `ignore` are left out.
    const std::vector<std::size_t>& kept() const noexcept { return kept_; }
    const std::vector<std::string>& decided() const noexcept { return decided_; }
    Source& source() noexcept { return source_; }
    Marks marks() const noexcept { return marks_; }
    /// The records below the header, from the start.
    Result<Records> records(Problems& problems);
    /// Reports how far it is; fails with `cancelled`.
    Result<Unit> report(const char* doing) const;
    const ReadOptions& options() const noexcept { return options_; }

private:
    CsvFile(Source source, const ReadOptions& options) : source_(std::move(source)), options_(options) {}
    Result<Unit> open_text();
    Result<Unit> find_layout();
    Result<Unit> find_header();
    Result<Unit> bind(const Schema& schema, Problems& problems);
    Result<std::vector<Tally>> tally(bool start_only, Problems& problems);
    static void note_unsure(const Schema& found, const std::vector<Tally>& tallies, Problems& problems);
    Dialect dialect() const;

    Source source_;
    ReadOptions options_;
    std::optional<TextStream> text_;
    Marks marks_;
    bool header_ = true;
    /// As in the file; empty without a header.
    std::vector<std::string> header_names_;
    std::size_t columns_ = 0;
    Schema schema_, whole_schema_;
    std::vector<std::size_t> kept_;
    /// Before types were looked at, and after.
    std::vector<std::string> layout_decided_, decided_;
};

/// The columns of a file that are kept, being read.
class TypedColumns {
public:
    /// `unique_max`: of all columns together.
    TypedColumns(const CsvFile& file, Problems& problems, std::size_t unique_max);
    void append(const Batch& batch);
    std::size_t bytes() const noexcept;
    std::vector<Column> finish();
    /// What was noticed of ids, a line each.
    std::vector<std::string> notes() const;

private:
    const CsvFile* file_;
    std::size_t unique_max_;
    MissingWords missing_;
    std::vector<TypedColumn> columns_;
};

}  // namespace c2d::table
