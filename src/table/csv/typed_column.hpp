/// The cells of one column of a file as values of its field's type, held against the field's constraints.
#pragma once

#include "table/column_builder.hpp"
#include "table/csv/records.hpp"
#include "table/value_hash.hpp"

#include <unordered_set>

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

/// Notices a value that was there before, by 64 bits of a hash.
class SeenValues {
public:
    /// Of `values_max` values; later ones are not looked at.
    explicit SeenValues(std::size_t values_max) : values_max_(values_max) {}
    /// True the first time.
    bool add(std::uint64_t hash);
    bool full() const noexcept { return count_ >= values_max_; }

private:
    void grow();

    std::vector<std::uint64_t> places_;
    std::size_t count_ = 0, values_max_;
};

class TypedColumn {
public:
    /// `field`, `missing` and `problems` must live as long; `unique_max`: of so many rows equal values are noticed.
    TypedColumn(const Field& field, const MissingWords& missing, char quote, Problems& problems,
                std::size_t unique_max);

    void append(const Batch& batch, std::size_t column);
    std::size_t bytes() const noexcept { return builder_.bytes(); }
    /// Equal values may have gone unnoticed.
    bool unique_unsure() const noexcept { return (field_->constraints.unique || is_id()) && seen_.full(); }
    /// Rows of an id that repeat an earlier one; where the field says `unique` these are problems.
    std::uint64_t repeated() const noexcept { return repeated_; }
    Column finish() { return builder_.finish(); }

private:
    bool is_id() const noexcept { return field_->role == Role::id; }
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
    void hold_text(std::string_view text, std::uint64_t line);
    void hold_number(double value, std::uint64_t hash, std::uint64_t line);
    void note_repeated(std::string_view text, std::uint64_t line);

    const Field* field_;
    const MissingWords* missing_;
    char quote_;
    Problems* problems_;
    ColumnBuilder builder_;
    SeenValues seen_;
    std::uint64_t repeated_ = 0;
    std::unordered_set<std::string> allowed_;
    std::unordered_set<double> allowed_numbers_;
    bool constrained_ = false;
    std::string scratch_;
};

}  // namespace c2d::table
