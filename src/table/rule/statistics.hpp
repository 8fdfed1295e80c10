/// Medians, quantiles, means: of values that are there.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace c2d::table {

/// Linear between the two nearest ranks, as numpy has it. `values` must not be empty; they are reordered.
double quantile(std::vector<double>& values, double share);
/// The smallest of those that occur most often.
double most_frequent(std::vector<double>& values);

struct Moments {
    double mean = 0, deviation = 0;
};
/// Mean and the deviation over all (not over all but one).
Moments moments_of(std::span<const double> values);

}  // namespace c2d::table
