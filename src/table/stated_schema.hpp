/// What a document says that a table is made of, held against a file.
#pragma once

#include <c2d/table.hpp>

namespace c2d::table {

/// How a file is written, which only the file says, with the columns that a document states.
Schema as_stated(Schema found, const Schema& stated);
/// Columns that only one of both has; `stated_by` names who states them.
std::vector<Problem> other_columns(const Schema& found, const Schema& stated, std::string_view stated_by);
/// Everything in which the file at `path` differs from `stated`: columns, then cells. It is read whole, three times
/// where it is CSV, in bounded memory. Fails as `check_table`.
Result<CheckReport> check_stated(const std::string& path, const Schema& stated, std::string_view stated_by,
                                 const CancelToken* cancel = nullptr);

}  // namespace c2d::table
