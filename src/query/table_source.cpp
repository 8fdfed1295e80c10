// What is asked of a database, and what becomes of the answer.

#include <c2d/table_source.hpp>

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "query/odbc_program.hpp"
#include "query/sqlite_table.hpp"
#include "query/unnamed_file.hpp"

#include <c2d/table.hpp>

#include <algorithm>
#include <filesystem>

namespace c2d::table {

namespace {

/// How long a look at a database may take.
constexpr std::chrono::seconds kCheckMax{30};

CallScope::Moment deadline_of(const TableSource& source) { return std::chrono::steady_clock::now() + source.timeout; }

/// A deadline that passed was the source's own, and it can be raised.
Error told(const TableSource& source, Error error) {
    if (error.status == Status::TIMEOUT)
        return fail(Status::TIMEOUT, "the query took longer than {} s; make it quicker, or raise \"seconds\"",
                    source.timeout.count());
    return error;
}

/// What the owner says that the answer is, column by column and cell by cell.
Result<Unit> check_schema(const TableSource& source, int fd, const CancelToken* cancel) {
    if (source.schema.empty()) return Unit{};
    ReadOptions options;
    C2D_TRY(options.schema, read_schema(source.schema));
    options.problems_max = 5;
    options.cancel = cancel;
    C2D_TRY(const auto report, check_table(query::path_of(fd), options));
    std::string told;
    for (const auto& problem : report.problems)
        if (problem.what != "the file has no row") told += (told.empty() ? "" : "; ") + problem_text(problem);
    if (told.empty()) return Unit{};
    return fail(
        Status::INVALID_ARGUMENT, "the query does not give what {} says: {}{}", source.schema.string(), told,
        report.problem_count > report.problems.size() ? fmt::format("; {} problems in all", report.problem_count) : "");
}

Result<Fd> answer_of(const TableSource& source, const ReadOptions& options) {
    C2D_TRY(auto file, query::unnamed_file(std::filesystem::temp_directory_path()));
    C2D_CHECK(write_source_table(source, file.get(), options.cancel));
    return file;
}

}  // namespace

Result<Unit> check_source_access(const TableSource& source, SourceCheck how) {
    if (!source.schema.empty()) C2D_CHECK(read_schema(source.schema));
    // A program that starts does not wait for a database that does not answer.
    const auto within = std::min(source.timeout, kCheckMax);
    const CallScope scope(std::chrono::steady_clock::now() + within, nullptr);
    const auto done =
        source.kind == TableSource::Kind::odbc ? query::check_odbc(source, how) : query::check_sqlite(source);
    if (!done && done.status() == Status::TIMEOUT)
        return fail(Status::TIMEOUT, "the database did not answer within {} s", within.count());
    return done;
}

Result<std::uint64_t> write_source_table(const TableSource& source, int fd, const CancelToken* cancel) {
    const CallScope scope(deadline_of(source), cancel);
    const auto rows =
        source.kind == TableSource::Kind::odbc ? query::write_odbc(source, fd) : query::write_sqlite(source, fd);
    if (!rows) return told(source, rows.error());
    C2D_CHECK(check_schema(source, fd, cancel));
    return rows;
}

Result<CheckReport> check_source(const TableSource& source, const ReadOptions& options) {
    C2D_TRY(const auto file, answer_of(source, options));
    return check_table(query::path_of(file.get()), options);
}

Result<Table> read_source(const TableSource& source, const ReadOptions& options) {
    C2D_TRY(const auto file, answer_of(source, options));
    return read_table(query::path_of(file.get()), options);
}

}  // namespace c2d::table
