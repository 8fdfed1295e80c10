#include "table/profile/column_profile.hpp"

#include "table/value_hash.hpp"
#include "table/value_text.hpp"

#include <algorithm>
#include <bit>
#include <limits>

namespace c2d::table {

namespace {

/// Columns with more values, or longer ones, are no categories.
constexpr std::size_t kFewValues = 200, kFewBytes = 200;
/// So many of them are told.
constexpr std::size_t kFrequentTold = 200;

}  // namespace

ColumnProfiler::ColumnProfiler(const Field& field, DistinctBudget& budget)
    : field_(&field),
      budget_(&budget),
      distinct_(budget),
      smallest_(std::numeric_limits<double>::infinity()),
      largest_(-std::numeric_limits<double>::infinity()) {
    few_ = field.type == Type::string || field.type == Type::boolean || field.type == Type::integer;
}

void ColumnProfiler::count_text(std::string_view text) {
    const auto found = counts_.find(std::string(text));
    if (found != counts_.end()) {
        ++found->second;
        return;
    }
    const std::size_t bytes = text.size() + sizeof(std::string) + 4 * sizeof(void*);
    few_ = text.size() <= kFewBytes && counts_.size() < kFewValues && bytes <= budget_->texts_left;
    if (few_) {
        counts_.emplace(text, 1);
        budget_->texts_left -= bytes;
        return;
    }
    for (const auto& [value, count] : counts_)
        budget_->texts_left += value.size() + sizeof(std::string) + 4 * sizeof(void*);
    counts_.clear();
}

void ColumnProfiler::add_texts(const Column& column) {
    for (std::size_t row = 0; row < column.rows(); ++row) {
        if (column.is_missing(row)) continue;
        const std::string_view text = column.text(row);
        const auto length = double(text.size());
        smallest_ = std::min(smallest_, length);
        largest_ = std::max(largest_, length);
        distinct_.add(hash_of(text));
        if (few_) count_text(text);
    }
}

void ColumnProfiler::add_numbers(const Column& column) {
    const bool whole = column.type() != Type::number;
    for (std::size_t row = 0; row < column.rows(); ++row) {
        if (column.is_missing(row)) continue;
        const double value = whole ? constraint_number(column.type(), column.integers()[row]) : column.numbers()[row];
        smallest_ = std::min(smallest_, value);
        largest_ = std::max(largest_, value);
        sum_ += value;
        distinct_.add(hash_of(whole ? std::uint64_t(column.integers()[row]) : std::bit_cast<std::uint64_t>(value)));
        if (few_) count_text(cell_text(column, row));
    }
}

void ColumnProfiler::add(const Column& column) {
    rows_ += column.rows();
    missing_ += column.missing();
    if (column.type() == Type::string)
        add_texts(column);
    else
        add_numbers(column);
}

ColumnProfile ColumnProfiler::finish() const {
    ColumnProfile out;
    out.name = field_->name;
    out.type = field_->type;
    out.role = field_->role;
    out.missing = missing_;
    out.distinct = distinct_.count();
    out.distinct_exact = distinct_.exact();
    if (rows_ > missing_) {
        const Type shown = field_->type == Type::string ? Type::integer : field_->type;
        out.smallest = value_text(shown, smallest_);
        out.largest = value_text(shown, largest_);
        if (field_->type == Type::number || field_->type == Type::integer) out.mean = sum_ / double(rows_ - missing_);
    }
    // Ids are nobody's business, and what every row has another of is no category.
    if (few_ && field_->role != Role::id) out.frequent.assign(counts_.begin(), counts_.end());
    std::ranges::sort(out.frequent, [](const auto& a, const auto& b) {
        return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    if (out.frequent.size() > kFrequentTold) out.frequent.resize(kFrequentTold);
    return out;
}

}  // namespace c2d::table
