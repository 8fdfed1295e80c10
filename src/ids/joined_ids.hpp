/// The ids of a table's rows: one column, or several joined so that ("ab", "c") differs from ("a", "bc").
#pragma once

#include "ids/id_rule.hpp"

namespace c2d {

/// Row after row as the bytes that are compared: of each column's normalised value, its length (u32 little-endian) and
/// itself. Views the columns, which must stay. Belongs to one thread.
class JoinedIds {
public:
    /// Fails with `invalid_argument`: no column or too many, columns of different length, offsets that do not fit.
    static Result<JoinedIds> open(std::span<const mpc::IdColumn> columns, const mpc::IdRule& rule);

    std::size_t rows() const noexcept { return columns_.front().rows(); }
    std::size_t columns() const noexcept { return columns_.size(); }
    /// Appends the id of `row` to `out`. After a problem `bad_column` names the column, and what was appended is no id.
    IdProblem append(std::size_t row, Bytes& out);
    std::size_t bad_column() const noexcept { return bad_column_; }
    /// Whether two rows are alike before normalising, too.
    bool same_raw(std::size_t row, std::size_t other) const;

private:
    JoinedIds(std::span<const mpc::IdColumn> columns, const mpc::IdRule& rule)
        : columns_(columns.begin(), columns.end()), normaliser_(rule) {}

    std::vector<mpc::IdColumn> columns_;
    IdNormaliser normaliser_;
    std::size_t bad_column_ = 0;
};

}  // namespace c2d
