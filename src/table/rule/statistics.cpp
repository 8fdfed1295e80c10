#include "table/rule/statistics.hpp"

#include <algorithm>
#include <cmath>

namespace c2d::table {

double quantile(std::vector<double>& values, double share) {
    const double place = double(values.size() - 1) * share;
    const auto below = std::size_t(place);
    const auto at = values.begin() + std::ptrdiff_t(below);
    std::nth_element(values.begin(), at, values.end());
    if (below + 1 == values.size()) return *at;
    const double next = *std::min_element(at + 1, values.end());
    return *at + (next - *at) * (place - double(below));
}

double most_frequent(std::vector<double>& values) {
    std::ranges::sort(values);
    double best = 0;
    std::size_t most = 0;
    for (std::size_t from = 0; from < values.size();) {
        std::size_t end = from;
        while (end < values.size() && values[end] == values[from]) ++end;
        if (end - from > most) {
            most = end - from;
            best = values[from];
        }
        from = end;
    }
    return best;
}

Moments moments_of(std::span<const double> values) {
    if (values.empty()) return {};
    long double sum = 0, squares = 0;
    for (const double value : values) sum += value;
    const long double mean = sum / static_cast<long double>(values.size());
    for (const double value : values) squares += (value - mean) * (value - mean);
    return {double(mean), std::sqrt(double(squares / static_cast<long double>(values.size())))};
}

}  // namespace c2d::table
