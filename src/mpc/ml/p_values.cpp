#include "mpc/ml/regression.hpp"

#include <cmath>
#include <limits>

namespace c2d::mpc::ml {
namespace {

/// The continued fraction of the incomplete beta function (Lentz), for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
    constexpr double kTiny = 1e-300;
    constexpr int kTermsMax = 400;
    const auto away_from_zero = [](double value) { return std::fabs(value) < kTiny ? kTiny : value; };
    double c = 1, d = 1 / away_from_zero(1 - (a + b) * x / (a + 1)), out = d;
    for (int m = 1; m <= kTermsMax; ++m) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        for (const double term : {even, odd}) {
            d = 1 / away_from_zero(1 + term * d);
            c = away_from_zero(1 + term / c);
            out *= c * d;
        }
        if (std::fabs(c * d - 1) < 1e-14) break;
    }
    return out;
}

/// I_x(a, b).
double incomplete_beta(double a, double b, double x) {
    if (x <= 0) return 0;
    if (x >= 1) return 1;
    const double front =
        std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
    return x < (a + 1) / (a + b + 2) ? front * beta_fraction(a, b, x) / a : 1 - front * beta_fraction(b, a, 1 - x) / b;
}

}  // namespace

double normal_p_value(double z) { return std::erfc(std::fabs(z) / std::sqrt(2.0)); }

double student_p_value(double t, double freedom) {
    return incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t));
}

RegressionStatistics statistics_of(const std::vector<double>& weights, const std::vector<double>& inverse_diagonal,
                                   std::size_t rows, double scale) {
    RegressionStatistics out;
    out.coefficients = weights;
    out.scale = scale > 0 ? scale : 1;
    const auto freedom = static_cast<double>(rows) - static_cast<double>(weights.size());
    for (std::size_t j = 0; j < weights.size(); ++j) {
        const double variance = out.scale * std::ldexp(inverse_diagonal[j], -static_cast<int>(rows_log2(rows)));
        const double error = std::sqrt(std::max(variance, 0.0)), z = weights[j] / error;
        out.standard_errors.push_back(error);
        out.z_values.push_back(z);
        out.p_values.push_back(scale > 0 ? student_p_value(z, freedom) : normal_p_value(z));
    }
    return out;
}

}  // namespace c2d::mpc::ml
