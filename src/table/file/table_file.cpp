// Tables out of table files and into them, and files whose kind is found out.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/write_atomic.hpp"
#include "table/column_builder.hpp"
#include "table/csv/file.hpp"
#include "table/csv/unusable.hpp"
#include "table/csv/whole_file.hpp"
#include "table/file/bound_file.hpp"
#include "table/file/writer.hpp"
#include "table/profile/column_profile.hpp"

namespace c2d::table {

namespace {

/// Every problem of a file, and what its columns hold.
Result<Unit> check_into(CheckReport& out, Source source, const ReadOptions& options, Problems& problems) {
    C2D_TRY(const auto file, BoundTableFile::open(std::move(source), options, kUniqueRowsMax, problems));
    out.schema = file->whole_schema();
    out.decided.emplace_back("a table file, with names and types of its own");
    DistinctBudget budget;
    std::vector<ColumnProfiler> profilers;
    for (const Field& field : file->schema().fields) profilers.emplace_back(field, budget);
    const auto read_all = [&]() -> Result<Unit> {
        for (;;) {
            C2D_TRY(const auto group, file->next("checking"));
            if (!group) return Unit{};
            for (std::size_t i = 0; i < group->size(); ++i) profilers[i].add((*group)[i]);
            out.rows = file->rows();
        }
    };
    const auto read = read_all();
    for (const auto& profiler : profilers) out.columns.push_back(profiler.finish());
    for (auto& note : file->notes()) out.decided.push_back(std::move(note));
    return read;
}

void append(ColumnBuilder& out, const Column& from) {
    for (std::size_t row = 0; row < from.rows(); ++row) {
        if (from.is_missing(row))
            out.add_missing();
        else if (from.type() == Type::string)
            out.add_text(from.text(row));
        else if (from.type() == Type::number)
            out.add_number(from.numbers()[row]);
        else
            out.add_integer(from.integers()[row]);
    }
}

Result<Table> read_into_memory(Source source, const ReadOptions& options, Problems& problems) {
    const std::string name = source.name();
    C2D_TRY(const auto file, BoundTableFile::open(std::move(source), options, ~std::size_t{0}, problems));
    std::vector<ColumnBuilder> columns;
    for (const Field& field : file->schema().fields) columns.emplace_back(field.type);
    for (;;) {
        C2D_TRY(const auto group, file->next("reading"));
        if (!group) break;
        std::size_t bytes = 0;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            append(columns[i], (*group)[i]);
            bytes += columns[i].bytes();
        }
        if (bytes > options.bytes_max)
            return fail(Status::LIMIT, "{}: takes more than {} bytes in memory", name, options.bytes_max);
    }
    std::vector<Column> finished;
    for (auto& column : columns) finished.push_back(column.finish());
    return Table::make(file->schema(), std::move(finished));
}

Result<Unit> write_rows(const Table& table, int fd) {
    C2D_TRY(auto writer, TableFileWriter::start(fd, table.schema()));
    for (std::size_t row = 0; row < table.rows(); ++row) {
        for (std::size_t i = 0; i < table.cols(); ++i) C2D_CHECK(writer.add_cell(i, table.column(i), row));
        C2D_CHECK(writer.end_row());
    }
    return writer.finish();
}

}  // namespace

Result<CheckReport> check_table_file(Source source, const ReadOptions& options) {
    return checked(std::move(source), options, Problems::Place::row, check_into);
}

Result<Table> read_table_file(Source source, const ReadOptions& options) {
    const std::string name = source.name();
    Problems problems(kProblemsTold, Problems::Place::row);
    return usable_or_told(name, read_into_memory(std::move(source), options, problems), problems);
}

Result<CheckReport> check_table(const std::string& path, const ReadOptions& options) {
    C2D_TRY(auto source, Source::open(path));
    C2D_TRY(const bool own, is_table_file(source));
    return own ? check_table_file(std::move(source), options) : check_csv_source(std::move(source), options);
}

Result<Table> read_table(const std::string& path, const ReadOptions& options) {
    C2D_TRY(auto source, Source::open(path));
    C2D_TRY(const bool own, is_table_file(source));
    return own ? read_table_file(std::move(source), options) : read_csv_source(std::move(source), options);
}

Result<Unit> write_table(const Table& table, const std::string& path) {
    return write_file_by(path, [&table](int fd) { return write_rows(table, fd); });
}

}  // namespace c2d::table
