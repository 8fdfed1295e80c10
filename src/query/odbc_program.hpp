/// A database behind an ODBC driver, asked by a program of its own: a driver that crashes, leaks or hangs costs a
/// query.
#pragma once

#include <c2d/table_source.hpp>

namespace c2d::query {

/// As `check_source_access`, within a CallScope.
Result<Unit> check_odbc(const table::TableSource& source, table::SourceCheck how);
/// As `write_source_table`, within a CallScope.
Result<std::uint64_t> write_odbc(const table::TableSource& source, int fd);

}  // namespace c2d::query
