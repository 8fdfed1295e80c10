/// Tables that a database holds: what is asked of it, and the answer as a table file or in memory.
///
/// Nothing is written to a database: SQLite files are opened for reading and nothing but reading is authorised; over
/// ODBC the query runs in a transaction that may not write, where the database has such, and is rolled back.
/// docs/tables.md tells more.
#pragma once

#include <c2d/environment.hpp>

#include <chrono>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace c2d::table {

struct CheckReport;
struct ReadOptions;
class Table;

/// A database and one query. Holds no password.
struct TableSource {
    /// Where the table is: a database file, or what an ODBC driver reaches.
    enum class Kind { sqlite, odbc };
    Kind kind = Kind::sqlite;
    /// A database file; an ODBC connection string, without the password.
    std::string database = {};
    /// One SELECT.
    std::string query = {};
    /// Of a login over ODBC, a file for us alone to read; empty: none.
    std::filesystem::path password_file = {};
    /// A file with the schema that the answer must have; empty: names and types are as they come.
    std::filesystem::path schema = {};
    /// The most that an answer may be, in rows and in bytes of its table file, and how long it may take.
    std::uint64_t rows_max = 100'000'000, bytes_max = std::uint64_t{64} << 30;
    std::chrono::seconds timeout{300};
    /// c2d-odbc, which talks to drivers; empty: C2D_ODBC_PROGRAM, else around the library and the program.
    std::filesystem::path program = {};
};

/// Reads {"sqlite": FILE, "query": SQL} or {"odbc": TEXT, "query": SQL, "password_file": FILE}, either with "schema":
/// FILE, "rows_max", "bytes_max" and "seconds". Paths are what `resolve` makes of them; none: as they are. Fails with
/// `invalid_argument`, which never repeats a connection string.
Result<TableSource> parse_table_source(std::string_view json,
                                       const std::function<std::string(const std::string&)>& resolve = {});

/// What a check looks at.
enum class SourceCheck {
    /// Files and programs: what can be said at once.
    files,
    /// The database, too: the login, the query's names and types, but no rows.
    database,
};
/// Can the source be asked? Fails as `write_source_table` would.
Result<Unit> check_source_access(const TableSource& source, SourceCheck how);

/// Asks, and writes the answer as a table file to `fd` from where it stands; how many rows there are. `not_found`: a
/// file, a driver or a program is not there. `invalid_argument`: the query is none, writes, or gives what no table
/// holds or not what the schema says. `refused`: the login. `limit`, `timeout`, `cancelled`; `io`: the database went
/// away, or said something else. Messages are the owner's: they may hold text of cells, but never the password.
Result<std::uint64_t> write_source_table(const TableSource& source, int fd, const CancelToken* cancel = nullptr);

/// The answer checked, as `check_table`, and in memory, as `read_table`.
Result<CheckReport> check_source(const TableSource& source, const ReadOptions& options);
Result<Table> read_source(const TableSource& source, const ReadOptions& options);

}  // namespace c2d::table
