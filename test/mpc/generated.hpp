/// A deterministic stand-in for credit data: two banks' columns, one label, about 17 % positives.
#pragma once

#include <c2d/mpc.hpp>

#include <cmath>
#include <random>

namespace c2d::mpc::test {

struct GeneratedData {
    Matrix first, second, label;
};

/// Columns are N(0, 1), a fifth of them correlated; logits have standard deviation about 1.7, so the
/// best AUC is about 0.84.
inline GeneratedData generate(std::size_t rows, std::size_t first_cols, std::size_t second_cols, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    std::normal_distribution<double> normal;
    std::uniform_real_distribution<double> uniform(0, 1);
    const std::size_t d = first_cols + second_cols;
    std::vector<double> truth(d);
    double length = 0;
    for (double& t : truth) length += std::pow(t = normal(random), 2);
    for (double& t : truth) t *= 1.8 / std::sqrt(length);
    GeneratedData out{{rows, first_cols, std::vector<double>(rows * first_cols)},
                      {rows, second_cols, std::vector<double>(rows * second_cols)},
                      {rows, 1, std::vector<double>(rows)}};
    for (std::size_t r = 0; r < rows; ++r) {
        const double common = normal(random);
        double z = -2.2;
        for (std::size_t c = 0; c < d; ++c) {
            const double x = c % 5 == 0 ? 0.6 * common + 0.8 * normal(random) : normal(random);
            (c < first_cols ? out.first.at(r, c) : out.second.at(r, c - first_cols)) = x;
            z += truth[c] * x;
        }
        out.label.data[r] = uniform(random) < 1 / (1 + std::exp(-z)) ? 1 : 0;
    }
    return out;
}

}  // namespace c2d::mpc::test
