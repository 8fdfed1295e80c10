/// The answer of a SQLite database, as a table file.
#pragma once

#include <c2d/table_source.hpp>

namespace c2d::query {

/// Opens the file and prepares the query.
Result<Unit> check_sqlite(const table::TableSource& source);
/// As `write_source_table`, within a CallScope.
Result<std::uint64_t> write_sqlite(const table::TableSource& source, int fd);

}  // namespace c2d::query
