/// The one way from a cell to a number, for fitting and applying alike.
#pragma once

#include <c2d/preprocessing.hpp>

#include <algorithm>
#include <cmath>

namespace c2d::table {

/// Before anything is done to it: dates as days before the newest.
inline double raw_number(const ColumnRule& rule, const Column& column, std::size_t row) noexcept {
    if (!rule.newest) return column.number(row);
    const double before = double(*rule.newest - column.integers()[row]);
    return column.type() == Type::datetime ? before / 86400e6 : before;
}

/// Clipped and on a log scale, as the rule says; not standardised yet.
inline double shaped(const ColumnRule& rule, double value) noexcept {
    if (rule.clip) value = std::clamp(value, rule.clip->first, rule.clip->second);
    return rule.log ? std::copysign(std::log1p(std::fabs(value)), value) : value;
}

/// The interval that a value falls into: the first whose upper end is not below it.
inline std::size_t interval_of(const ColumnRule& rule, double value) noexcept {
    return std::size_t(std::ranges::lower_bound(rule.edges, value) - rule.edges.begin());
}

/// The bin of a value: its interval or, after these, its place among the special values.
inline std::size_t bin_of(const ColumnRule& rule, double value) noexcept {
    const auto special = std::ranges::lower_bound(rule.special, value);
    if (special == rule.special.end() || *special != value) return interval_of(rule, value);
    return rule.edges.size() + 1 + std::size_t(special - rule.special.begin());
}

}  // namespace c2d::table
