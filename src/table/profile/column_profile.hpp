/// What the values of a column are like, gathered piece by piece.
#pragma once

#include "table/profile/distinct.hpp"

#include <c2d/table.hpp>

#include <unordered_map>

namespace c2d::table {

class ColumnProfiler {
public:
    ColumnProfiler(const Field& field, DistinctBudget& budget);

    void add(const Column& column);
    ColumnProfile finish() const;

private:
    void add_texts(const Column& column);
    void add_numbers(const Column& column);
    void count_text(std::string_view text);

    const Field* field_;
    DistinctBudget* budget_;
    Distinct distinct_;
    std::uint64_t rows_ = 0, missing_ = 0;
    /// Of numbers and the lengths of texts.
    double smallest_, largest_, sum_ = 0;
    /// The values of a column that holds few, and how often each stands; empty when it holds many.
    std::unordered_map<std::string, std::uint64_t> counts_;
    bool few_ = true;
};

}  // namespace c2d::table
