/// A whole file, of whatever kind, checked or read: how its problems become a report, or an error.
#pragma once

#include "table/csv/source.hpp"
#include "table/csv/unusable.hpp"
#include "table/problems.hpp"

#include <algorithm>

namespace c2d::table {

/// So many problems stand in the message of a read that fails.
inline constexpr std::size_t kProblemsTold = 5;

Result<CheckReport> check_csv_source(Source source, const ReadOptions& options);
Result<Table> read_csv_source(Source source, const ReadOptions& options);
Result<CheckReport> check_table_file(Source source, const ReadOptions& options);
Result<Table> read_table_file(Source source, const ReadOptions& options);

/// The error that tells of problems.
Error error_of(const std::string& name, const Problems& problems);
/// A table whose reading met no problem.
Result<Table> usable_or_told(const std::string& name, Result<Table> table, Problems& problems);

/// What `check_into(report, source, options, problems)` finds, as a report.
template <class CheckInto>
Result<CheckReport> checked(Source source, const ReadOptions& options, Problems::Place place, CheckInto check_into) {
    CheckReport out;
    out.bytes = source.size();
    Problems problems(options.problems_max, place);
    if (const auto done = check_into(out, std::move(source), options, problems); !done) {
        if (!is_unusable(done.error())) return done.error();
        problems.add(problem_of(done.error()));
    } else if (out.rows == 0) {
        problems.add(0, "", "", "the file has no row");
    }
    out.problems = problems.kept();
    out.problem_count = problems.count();
    std::ranges::stable_sort(out.problems, {}, [](const Problem& problem) { return problem.line + problem.row; });
    return out;
}

}  // namespace c2d::table
