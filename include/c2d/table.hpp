/// Tables as owners hold them: columns with names and types, some cells missing; read from CSV, checked, profiled.
///
/// Nothing here knows a ledger or a protocol. A `Schema` holds no data: it may be published. A `Table` is immutable and
/// cheap to copy; it and its columns may be used by several threads. docs/tables.md tells how files are read.
#pragma once

#include <c2d/environment.hpp>

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace c2d::table {

/// What may stand in a table from outside; what goes beyond fails with `limit`, or is a problem of its line.
inline constexpr std::size_t kColumnsMax = 16384, kNameBytesMax = 256, kIdBytesMax = 1024;
inline constexpr std::size_t kRecordBytesMax = std::size_t{4} << 20;
/// Up to here distinct values are counted exactly.
inline constexpr std::size_t kDistinctExactMax = 10000;

/// The types of Frictionless Table Schema that are read.
enum class Type { string, integer, number, boolean, date, datetime };
/// What a column is for.
enum class Role { feature, id, label, weight, ignore };

/// The name in a schema, for example "integer" or "label". Never null.
const char* type_name(Type type) noexcept;
const char* role_name(Role role) noexcept;

/// What values a column may have.
struct Constraints {
    /// No cell is missing; no two are equal.
    bool required = false, unique = false;
    /// Bounds of an integer or a number; of dates days, of datetimes seconds since 1970.
    std::optional<double> minimum, maximum;
    /// Bounds of a text's length in characters.
    std::optional<std::uint64_t> length_min, length_max;
    /// The values that are allowed, as they are written in a file; empty: any.
    std::vector<std::string> allowed;

    bool operator==(const Constraints&) const = default;
};

/// One column of a schema.
struct Field {
    std::string name;
    Type type = Type::string;
    Role role = Role::feature;
    /// Of dates: "default" (ISO 8601), or a pattern of %Y %m %d %H %M %S and other characters.
    std::string format = "default";
    std::string title, description;
    Constraints constraints;
    /// How numbers are written; 0: no character groups digits.
    char decimal = '.', group = 0;
    /// How booleans are written.
    std::vector<std::string> true_values = {"true", "True", "TRUE", "1"},
                             false_values = {"false", "False", "FALSE", "0"};

    bool operator==(const Field&) const = default;
};

/// How a CSV file is written.
struct Dialect {
    char delimiter = ',';
    /// 0: nothing is quoted.
    char quote = '"';
    /// The first line holds names.
    bool header = true;

    bool operator==(const Dialect&) const = default;
};

/// Names, types and roles of columns, and how a file of them is written. Holds no data.
struct Schema {
    std::vector<Field> fields;
    /// Words that stand for a missing value.
    std::vector<std::string> missing = {""};
    /// What the schema says of its file; nothing: it is found out.
    std::optional<Dialect> dialect;
    std::string encoding;

    bool operator==(const Schema&) const = default;
    /// Null when no column has the name.
    const Field* find(std::string_view name) const noexcept;
};

/// Reads Frictionless Table Schema with `role` in fields, `dialect` (CSV Dialect) and `encoding`. Fails with
/// `invalid_argument` that names every member it does not know, every type and constraint that is not read.
Result<Schema> parse_schema(std::string_view json);
Result<Schema> read_schema(const std::string& path);
/// The JSON that `parse_schema` reads, indented.
std::string schema_json(const Schema& schema);
/// SHA-256 of the RFC 8785 text of names, types and roles in order: what parties agree on before they join tables.
Bytes32 schema_digest(const Schema& schema);

/// The cells of one column. Which of the arrays is there the type says: `integers` for integer, boolean (0 or 1), date
/// (days since 1970) and datetime (microseconds since 1970), `numbers` for number, `text` for string. A missing cell is
/// 0 or empty there.
class Column {
public:
    /// What a column is made of; views must live as long as `owner`.
    struct Parts {
        Type type = Type::string;
        std::size_t rows = 0, missing = 0;
        std::span<const std::int64_t> integers = {};
        std::span<const double> numbers = {};
        /// rows + 1 places in `bytes`.
        std::span<const std::int64_t> offsets = {};
        const char* bytes = nullptr;
        /// A bit for each row from `first_bit` on, lowest first; 0 is a missing cell. Null: none is missing.
        const std::uint8_t* present = nullptr;
        std::size_t first_bit = 0;
        std::shared_ptr<const void> owner = {};
    };

    Column() = default;
    explicit Column(Parts parts) : parts_(std::move(parts)) {}

    Type type() const noexcept { return parts_.type; }         ///< of all cells
    std::size_t rows() const noexcept { return parts_.rows; }  ///< missing ones too
    /// How many cells are missing, and whether one is.
    std::size_t missing() const noexcept { return parts_.missing; }
    bool is_missing(std::size_t row) const noexcept {
        const std::size_t bit = parts_.first_bit + row;
        return parts_.present != nullptr && ((parts_.present[bit / 8] >> (bit % 8)) & 1) == 0;
    }
    std::span<const std::int64_t> integers() const noexcept { return parts_.integers; }
    std::span<const double> numbers() const noexcept { return parts_.numbers; }
    /// One text; a view that lives as long as the column.
    std::string_view text(std::size_t row) const noexcept {
        return {parts_.bytes + parts_.offsets[row], std::size_t(parts_.offsets[row + 1] - parts_.offsets[row])};
    }
    /// An integer, boolean, date, datetime or number as a double.
    double number(std::size_t row) const noexcept {
        return parts_.type == Type::number ? parts_.numbers[row] : double(parts_.integers[row]);
    }
    const Parts& parts() const noexcept { return parts_; }

private:
    Parts parts_;
};

/// Rows of typed columns.
class Table {
public:
    Table() = default;
    /// Fails with `invalid_argument` when columns and schema do not agree in number, type or rows.
    static Result<Table> make(Schema schema, std::vector<Column> columns);

    const Schema& schema() const noexcept { return *schema_; }                               ///< names, types, roles
    std::size_t rows() const noexcept { return rows_; }                                      ///< how many
    std::size_t cols() const noexcept { return columns_->size(); }                           ///< how many
    const Column& column(std::size_t index) const noexcept { return (*columns_)[index]; }    ///< below `cols`
    const Field& field(std::size_t index) const noexcept { return schema_->fields[index]; }  ///< likewise
    /// Fails with `not_found`, which names the columns that there are.
    Result<std::size_t> index_of(std::string_view name) const;

    /// The named columns, in that order.
    Result<Table> select(const std::vector<std::string>& names) const;
    /// The rows of these numbers, in that order, repeats allowed. Fails with `invalid_argument` for one beyond the end.
    Result<Table> take(std::span<const std::uint64_t> rows) const;
    /// The same cells under another schema: its fields by name, in its order, with its roles; columns that it does not
    /// have or ignores are left out, and integers become numbers where it says so. Fails with `invalid_argument`,
    /// naming every column that is not there or of another type.
    Result<Table> conform(const Schema& schema) const;

private:
    std::shared_ptr<const Schema> schema_ = std::make_shared<Schema>();
    std::shared_ptr<const std::vector<Column>> columns_ = std::make_shared<std::vector<Column>>();
    std::size_t rows_ = 0;
};

/// One cell as text; nothing for a missing one. Fails with `invalid_argument` beyond the table's ends.
Result<std::optional<std::string>> cell_text_of(const Table& table, std::size_t row, std::size_t column);

/// What a cell, a line or a file has that it must not have. Made fit for a terminal, and bounded.
struct Problem {
    /// As editors count; 0: the whole file.
    std::uint64_t line = 0;
    /// The column's name; empty: the whole line.
    std::string column;
    /// The text of the cell.
    std::string found;
    /// What was expected, and what to do.
    std::string what;
    /// Of a table file, which has no lines: the row, from 1; 0: the whole file.
    std::uint64_t row = 0;
};

/// "line 20, column income: expected a number, found \"abc\"".
std::string problem_text(const Problem& problem);

/// How a file is read. What stands here goes before what the schema says, what neither says is found out.
struct ReadOptions {
    std::optional<Schema> schema = std::nullopt;
    /// "UTF-8", "GB18030", "UTF-16" and others that the page names; empty: a byte order mark, else UTF-8.
    std::string encoding = "";
    /// 0: found out.
    char delimiter = 0, decimal = 0;
    std::optional<bool> header = std::nullopt;
    /// Columns that a schema which is found out gives these roles.
    std::string id = "", label = "";
    /// So many problems are kept; all are counted.
    std::size_t problems_max = 1000;
    /// Bytes that a table may take in memory.
    std::size_t bytes_max = std::size_t{16} << 30;
    Progress progress = {};
    const CancelToken* cancel = nullptr;
};

/// What a column holds.
struct ColumnProfile {
    std::string name;
    Type type = Type::string;
    Role role = Role::feature;
    std::uint64_t missing = 0;
    /// Different values; beyond `kDistinctExactMax` an estimate.
    std::uint64_t distinct = 0;
    bool distinct_exact = true;
    /// Smallest and largest as they would be written; of texts the lengths in bytes.
    std::string smallest, largest;
    std::optional<double> mean;
    /// The values that most rows have, of columns with few.
    std::vector<std::pair<std::string, std::uint64_t>> frequent;
};

/// What a check of a file found.
struct CheckReport {
    /// Given, or found out.
    Schema schema;
    /// How the file is written, and other things that were decided; a line each.
    std::vector<std::string> decided;
    std::uint64_t rows = 0, bytes = 0;
    /// In the order of lines, the first `problems_max`; all were counted.
    std::vector<Problem> problems;
    std::uint64_t problem_count = 0;
    std::vector<ColumnProfile> columns;

    /// No problem: the file can be used.
    bool usable() const noexcept { return problem_count == 0; }
};

/// Reads a whole CSV file, whatever its size, and tells all that is wrong with it, and what it holds. Fails only when
/// the file cannot be opened or read (`not_found`, `io`) or an option is none (`invalid_argument`).
Result<CheckReport> check_csv(const std::string& path, const ReadOptions& options = {});
/// The same of text; `name` is used in messages.
Result<CheckReport> check_csv_text(std::string_view text, std::string_view name, const ReadOptions& options = {});

/// Reads a CSV file into memory. A file with problems fails with `invalid_argument`, which tells the first of them and
/// how many there are; `check_csv` tells all.
Result<Table> read_csv(const std::string& path, const ReadOptions& options = {});
Result<Table> parse_csv(std::string_view text, std::string_view name, const ReadOptions& options = {});

/// Reads a CSV file piece by piece: what is larger than memory. One thread at a time.
class CsvReader {
public:
    /// A file, as `read_csv`; text, as `parse_csv`.
    static Result<CsvReader> open(const std::string& path, const ReadOptions& options = {});
    static Result<CsvReader> open_text(std::string text, std::string_view name, const ReadOptions& options = {});
    CsvReader(CsvReader&&) noexcept;
    CsvReader& operator=(CsvReader&&) noexcept;
    ~CsvReader();

    const Schema& schema() const noexcept;  ///< of the columns that are read
    /// How the file is written, a line each.
    const std::vector<std::string>& decided() const noexcept;
    /// The next rows; nothing at the end. Fails with `invalid_argument` where a problem stands.
    Result<std::optional<Table>> next();

private:
    struct Impl;
    explicit CsvReader(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

/// A file, told by how it begins: CSV, or a table file, which holds names, types and cells as they are in memory. Of a
/// table file the schema that `options` have names columns, with their roles and constraints; a whole number is read as
/// a number or a text where it says so, and a cell of any type as a text. What the options say of how text is written
/// is not used.
Result<CheckReport> check_table(const std::string& path, const ReadOptions& options = {});
Result<Table> read_table(const std::string& path, const ReadOptions& options = {});
/// Writes a table file (docs/formats.md): equal cells under an equal schema give equal bytes. The old file or the whole
/// new one stands there. Fails with `invalid_argument` for what no table file holds, as text that is not UTF-8.
Result<Unit> write_table(const Table& table, const std::string& path);

/// The values with these many rows at least of columns that hold few texts become what the schema allows; ids, labels
/// and rare values do not. Nothing is published by this: it is a proposal to the owner.
void propose_allowed(CheckReport& report, std::uint64_t rows_min = 10);

}  // namespace c2d::table
