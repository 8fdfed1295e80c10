/// The cells of one column of a file as values of its field's type, held against the field's constraints.
#pragma once

#include "table/column_builder.hpp"
#include "table/constraint_check.hpp"
#include "table/csv/records.hpp"

namespace c2d::table {

/// Words that stand for a missing value.
class MissingWords {
public:
    explicit MissingWords(const std::vector<std::string>& words);
    bool has(std::string_view text) const noexcept {
        if (text.empty()) return empty_;
        return text.size() <= longest_ && first_[std::uint8_t(text.front())] && among(text);
    }

private:
    bool among(std::string_view text) const noexcept;

    std::vector<std::string> words_;
    bool empty_ = false, first_[256] = {};
    std::size_t longest_ = 0;
};

class TypedColumn {
public:
    /// `field`, `missing` and `problems` must live as long; `unique_max`: of so many rows equal values are noticed.
    TypedColumn(const Field& field, const MissingWords& missing, char quote, Problems& problems,
                std::size_t unique_max);

    void append(const Batch& batch, std::size_t column);
    std::size_t bytes() const noexcept { return builder_.bytes(); }
    /// What was noticed of equal values, a line each.
    std::vector<std::string> notes(std::size_t unique_max) const { return check_.notes(unique_max); }
    Column finish() { return builder_.finish(); }

private:
    void append_numbers(const Batch& batch, std::size_t column);
    void append_integers(const Batch& batch, std::size_t column);
    void append_texts(const Batch& batch, std::size_t column);
    template <class Parse>
    void append_others(const Batch& batch, std::size_t column, const char* wanted, Parse parse);
    void append_dates(const Batch& batch, std::size_t column);
    void append_booleans(const Batch& batch, std::size_t column);
    /// A cell that the fast way does not read: quoted, missing, unusual or wrong. False: missing, or a problem.
    template <class Value, class Parse>
    bool slow_cell(const Batch& batch, std::size_t row, std::size_t column, const char* wanted, Value& out,
                   Parse parse);
    void hold_against_constraints(const Batch& batch, std::size_t first);

    const Field* field_;
    const MissingWords* missing_;
    char quote_;
    Problems* problems_;
    ColumnBuilder builder_;
    ConstraintCheck check_;
    std::string scratch_;
};

}  // namespace c2d::table
