/// Values of one column held against its field's constraints, whatever file they come from.
#pragma once

#include "table/problems.hpp"

#include <unordered_set>

namespace c2d::table {

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

class ConstraintCheck {
public:
    /// `field` and `problems` must live as long; `unique_max`: of so many rows equal values are noticed.
    ConstraintCheck(const Field& field, Problems& problems, std::size_t unique_max);

    /// Whether values that are there need to be held against anything.
    bool constrained() const noexcept { return constrained_; }
    /// A cell that is missing; `found` is what stands there.
    void hold_missing(std::string_view found, std::uint64_t line);
    /// One value of the field's type.
    void hold_text(std::string_view text, std::uint64_t line);
    void hold_number(double value, std::uint64_t line);
    void hold_integer(std::int64_t value, std::uint64_t line);

    /// What was noticed of equal values among the first `unique_max` different ones, a line each.
    std::vector<std::string> notes(std::size_t unique_max) const;

private:
    bool is_id() const noexcept { return field_->role == Role::id; }
    void hold_value(double value, std::uint64_t hash, std::uint64_t line);
    void note_repeated(std::string_view text, std::uint64_t line);

    const Field* field_;
    Problems* problems_;
    SeenValues seen_;
    /// Rows of an id that repeat an earlier one; where the field says `unique` these are problems.
    std::uint64_t repeated_ = 0;
    std::unordered_set<std::string> allowed_;
    std::unordered_set<double> allowed_numbers_;
    bool constrained_ = false;
};

}  // namespace c2d::table
