/// The comparison-based sigmoid: nine straight pieces, a public table that every backend uses.
///
/// f(x) = 1 - f(-x); between two knots f(x) = intercept + slope x; from the last knot on f = 1.
/// Within 0.0051 of 1/(1+e^-x) everywhere, where the three pieces of SecureML (Mohassel, Zhang,
/// S&P 2017) are off by 0.38, and defined for every x: there is no domain to leave.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace c2d::mpc::piecewise {

/// All multiples of 2^-16. Piece i lies between knot i-1 (0 for the first) and knot i.
inline constexpr std::array<std::int64_t, 4> kKnots = {67584, 128000, 204800, 354304};
inline constexpr std::array<std::int64_t, 4> kSlopes = {15389, 9855, 4593, 1065};
inline constexpr std::array<std::int64_t, 4> kIntercepts = {32768, 38475, 48752, 59777};
inline constexpr std::int64_t kOne = 65536;

/// What f adds to intercept and slope where x passes a knot.
struct Step {
    std::int64_t knot = 0;
    std::int64_t intercept = 0;
    std::int64_t slope = 0;
};
/// The eight knots from left to right; left of the first f is 0.
constexpr std::array<Step, 2 * kKnots.size()> steps() {
    constexpr std::size_t n = kKnots.size();
    std::array<Step, 2 * n> out{};
    for (std::size_t i = 0; i < n; ++i) {
        const std::int64_t outer_slope = i + 1 < n ? kSlopes[i + 1] : 0;
        const std::int64_t outer = i + 1 < n ? kIntercepts[i + 1] : kOne;
        out[n + i] = {kKnots[i], outer - kIntercepts[i], outer_slope - kSlopes[i]};
        // The mirror image: intercepts are 1 - those on the right, and the order turns around.
        out[n - 1 - i] = {-kKnots[i], outer - kIntercepts[i], kSlopes[i] - outer_slope};
    }
    return out;
}

/// f in double precision, for the oracle.
constexpr double value_at(double x) {
    double intercept = 0, slope = 0;
    for (const Step& step : steps()) {
        if (x < static_cast<double>(step.knot) / kOne) break;
        intercept += static_cast<double>(step.intercept) / kOne;
        slope += static_cast<double>(step.slope) / kOne;
    }
    return intercept + slope * x;
}
static_assert(value_at(0) == 0.5 && value_at(-100) == 0 && value_at(100) == 1);

}  // namespace c2d::mpc::piecewise
