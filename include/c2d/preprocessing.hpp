/// What is done to the columns of a table before a model sees them: fitted once on training rows, applied alike there
/// and at scoring.
///
/// A `ColumnPlan` says what is wanted, a `PreprocessingRule` with which numbers it is done. Both are immutable values;
/// a rule may be applied by several threads. docs/tables.md has the JSON.
#pragma once

#include <c2d/table.hpp>

namespace c2d::table {

/// drop: no column. number: one, and perhaps a flag for missing cells. one_hot: one for each frequent value. bins:
/// numbers by intervals. map: a number for each value, as weights of evidence are.
enum class Treatment { drop, number, one_hot, bins, map };
/// What a missing number becomes.
enum class Fill { median, mean, most_frequent, constant };

/// What shall be done to one column.
struct ColumnPlan {
    std::string name;
    Treatment treatment = Treatment::number;
    Fill fill = Fill::median;
    double fill_value = 0;
    /// A column tells missing cells where more than this share of the training rows has none; 1: never.
    double flag_above = 0.01;
    /// Bounds as shares of the training rows that have a value, or as values; neither: none.
    std::optional<std::pair<double, double>> clip_quantiles = std::nullopt, clip_values = std::nullopt;
    /// sign(x) log(1 + |x|)
    bool log = false;
    bool standardise = true;
    /// Values of fewer rows are "other"; a column of more different values is dropped.
    std::uint64_t rows_min = 30, values_max = 200;
    /// Bins of equally many rows, or upper ends of all but the last; one number, the bin's, where `ordered`.
    unsigned bins = 0;
    std::vector<double> edges = {};
    bool ordered = false;
    /// Of bins and one_hot: one number, which of the columns holds, in place of these. Every bin that training rows
    /// fall into has `rows_min` of them: intervals are joined, special values without enough are quantities, missing
    /// cells count as `fill` says, texts as the most frequent one. A column of no more than `bins` values has a bin for
    /// each.
    bool numbered = false;
    /// Values of bins that are no quantity, such as -1 for "unknown": each is a bin of its own.
    std::vector<double> special = {};
    /// Of map: a number for each value, for others and for missing cells.
    std::vector<std::pair<std::string, double>> weights = {};
    double other_weight = 0, missing_weight = 0;

    bool operator==(const ColumnPlan&) const = default;
};

/// Numbers: median, a flag beyond 1 % missing, clipped at 0.5 and 99.5 %, standardised; dates likewise, as days before
/// the newest; truth values not clipped; texts one-hot from 30 rows on, up to 200 different ones. Ids are dropped;
/// labels, weights and ignored columns are no part of it.
std::vector<ColumnPlan> default_plan(const Schema& schema);
/// A list of plans as JSON has them. Fails with `invalid_argument`.
Result<std::vector<ColumnPlan>> parse_plan(std::string_view json);
/// The JSON that `parse_plan` reads, indented.
std::string plan_json(const std::vector<ColumnPlan>& plan);

/// What is done to one column.
struct ColumnRule {
    std::string name;
    Type type = Type::string;
    Treatment treatment = Treatment::drop;
    /// Why it is dropped.
    std::string why;
    double fill = 0;
    bool flag = false, log = false, ordered = false, numbered = false;
    /// Dates become days before this one: days, or microseconds of datetimes.
    std::optional<std::int64_t> newest = std::nullopt;
    std::optional<std::pair<double, double>> clip = std::nullopt;
    double mean = 0, scale = 1;
    std::vector<double> edges = {}, special = {};
    /// Values with a column or a weight of their own, in order; those that training rows held besides.
    std::vector<std::string> values = {}, rare = {};
    /// There is a column for other values, or a weight; one for missing cells.
    bool other = false, missing = false;
    std::vector<double> weights = {};
    double other_weight = 0, missing_weight = 0;
    /// Training rows had missing cells.
    bool missing_seen = false;

    bool operator==(const ColumnRule&) const = default;
};

/// What rows held that training rows did not. For the owner alone.
struct Surprise {
    std::string column;
    /// Cells with a value that was not among those of training, and missing ones where training had none.
    std::uint64_t unseen = 0, newly_missing = 0;
};

/// Numbers, row by row, with a name for each column.
struct Prepared {
    std::size_t rows = 0;
    std::vector<std::string> names;
    std::vector<double> data;
    /// Of columns that held any.
    std::vector<Surprise> surprises;

    std::size_t cols() const noexcept { return names.size(); }                                             ///< how many
    double at(std::size_t row, std::size_t column) const noexcept { return data[row * cols() + column]; }  ///< one
};

/// The cells of a table that holds nothing but numbers, dates and truth values, as they are. Fails with
/// `invalid_argument`, naming every column that is text or lacks a value.
Result<Prepared> numbers_of(const Table& table);

/// Preprocessing with all its numbers.
class PreprocessingRule {
public:
    PreprocessingRule() = default;
    /// Fits `plan` on the rows of `table`. Fails with `invalid_argument`, naming every column that is not there or
    /// cannot be treated so.
    static Result<PreprocessingRule> fit(const Table& table, const std::vector<ColumnPlan>& plan);
    /// Reads what `json` gives; unknown members are refused.
    static Result<PreprocessingRule> parse(std::string_view json);

    const std::vector<ColumnRule>& columns() const noexcept { return columns_; }  ///< in the order of the plan
    /// The names of the columns that `apply` makes.
    std::vector<std::string> output_names() const;
    /// RFC 8785 text, and its SHA-256.
    std::string json() const;
    Bytes32 digest() const;
    /// Columns are found by name; what the rule does not name is left out. Fails with `invalid_argument`, naming every
    /// column that is not there or of another type (one without any value is of every type), and with `limit` beyond
    /// 2^28 numbers.
    Result<Prepared> apply(const Table& table) const;

private:
    std::vector<ColumnRule> columns_;
};

}  // namespace c2d::table
