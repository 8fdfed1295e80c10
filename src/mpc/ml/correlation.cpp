#include "mpc/ml/correlation.hpp"

#include "base/try.hpp"
#include "mpc/ml/inverse.hpp"

#include <cmath>
#include <numeric>

namespace c2d::mpc::ml {
namespace {

/// Fractional bits: of moments, of 1 / deviation, of a covariance by one deviation, of a correlation before it is
/// rounded.
constexpr unsigned kMomentBits = 20, kRootBits = 26, kHalfBits = 26, kProductBits = 30;
/// Variances go into the root 2^10 times as large, so that its domain is 2^-18 to 2^12.
constexpr int kRootScale = 10;
constexpr int kVarianceMaxBits = 12;
static_assert(kVarianceAdded * (1 << kRootScale) >= kDivisorMin);
/// Moments are below 2^12, hence a product of two below 2^24 (a mean is at most a deviation and a root of what is
/// left).
static_assert(2 * kMomentBits + kVarianceMaxBits + 1 < 62);
/// 1 / deviation is below 2^4, a covariance times it below 2^4, too.
static_assert(kMomentBits + kRootBits + 4 < 62 && kHalfBits + kRootBits + 4 < 62);

std::vector<std::size_t> numbers(std::size_t first, std::size_t count) {
    std::vector<std::size_t> out(count);
    std::iota(out.begin(), out.end(), first);
    return out;
}

Matrix filled(std::size_t rows, std::size_t cols, double value) {
    return {rows, cols, std::vector<double>(rows * cols, value)};
}

/// Covariances, all times the same number in (1/4, 1], at 2^20.
Result<TensorPtr> covariances(Protocol& protocol, const TensorData& x) {
    Backend& backend = *protocol.backend;
    Glm& glm = *protocol.glm;
    const std::size_t width = x.cols;
    C2D_TRY(const auto design, glm.design(x));
    std::vector<std::uint32_t> index(x.rows);
    std::iota(index.begin(), index.end(), 0u);
    C2D_TRY(const TensorPtr fine, glm.gram(*design, nullptr, 1, index));
    C2D_TRY(const TensorPtr moments, glm.rounded(*fine, kMomentBits));
    C2D_TRY(const TensorPtr of_columns, backend.gather(*moments, numbers(0, width)));
    C2D_TRY(const TensorPtr lying, backend.transpose(*of_columns));
    C2D_TRY(const TensorPtr products, backend.gather(*lying, numbers(0, width)));
    C2D_TRY(const TensorPtr means, backend.gather(*lying, {width}));
    C2D_TRY(const TensorPtr standing, backend.transpose(*means));
    // Moments are sums by a power of two of rows, of which there are `share` times as many.
    const double share = std::ldexp(static_cast<double>(x.rows), -static_cast<int>(rows_log2(x.rows)));
    C2D_TRY(const TensorPtr shares, glm.constant_at(filled(width, width, share), kMomentBits));
    C2D_TRY(const TensorPtr squares, glm.mul_at(*products, *shares, kMomentBits));
    C2D_TRY(const TensorPtr outer, glm.matmul_at(*standing, *means, kMomentBits));
    return backend.sub(*squares, *outer);
}

/// 2^-5 by each deviation, at 2^26: the root, and one step of Newton's, which squares its error.
Result<TensorPtr> roots(Protocol& protocol, const TensorData& variances) {
    Backend& backend = *protocol.backend;
    Glm& glm = *protocol.glm;
    C2D_TRY(const TensorPtr added, glm.constant_at(filled(variances.rows, 1, kVarianceAdded), kMomentBits));
    C2D_TRY(const TensorPtr all, backend.add(variances, *added));
    C2D_TRY(const TensorPtr large, glm.times_power_of_two(*all, kRootScale));
    C2D_TRY(const TensorPtr rough, backend.inverse_sqrt(*large));
    C2D_TRY(const TensorPtr square, glm.mul_at(*rough, *rough, kRootBits));
    C2D_TRY(const TensorPtr one, glm.mul_at(*square, *all, kMeanBits));
    C2D_TRY(const TensorPtr half, glm.times_power_of_two(*one, kRootScale - 1));
    C2D_TRY(const TensorPtr more, glm.constant_at(filled(variances.rows, 1, 1.5), kMeanBits - kRootScale + 1));
    C2D_TRY(const TensorPtr step, backend.sub(*more, *half));
    return glm.mul_at(*rough, *step, kRootBits);
}

}  // namespace

Result<TensorPtr> correlations(Protocol& protocol, const TensorData& x) {
    Backend& backend = *protocol.backend;
    Glm& glm = *protocol.glm;
    C2D_TRY(const TensorPtr covariance, covariances(protocol, x));
    C2D_TRY(const TensorPtr variances, glm.diagonal(*covariance));
    C2D_TRY(const TensorPtr standing, roots(protocol, *variances));
    C2D_TRY(const TensorPtr lying, backend.transpose(*standing));
    C2D_TRY(const TensorPtr of_rows, backend.broadcast(*standing, x.cols, x.cols));
    C2D_TRY(const TensorPtr of_columns, backend.broadcast(*lying, x.cols, x.cols));
    C2D_TRY(const TensorPtr half, glm.mul_at(*covariance, *of_rows, kHalfBits));
    C2D_TRY(const TensorPtr small, glm.mul_at(*half, *of_columns, kProductBits));
    C2D_TRY(const TensorPtr whole, glm.times_power_of_two(*small, kRootScale));
    return glm.rounded(*whole, kFractionBits);
}

Result<TensorPtr> variance_inflation(Protocol& protocol, const TensorData& correlations) {
    Backend& backend = *protocol.backend;
    Glm& glm = *protocol.glm;
    const std::size_t width = correlations.rows;
    Matrix diagonal = filled(width, width, 0);
    for (std::size_t j = 0; j < width; ++j) diagonal.at(j, j) = kDiagonalAdded;
    C2D_TRY(const TensorPtr added, glm.constant_at(diagonal, kMeanBits));
    C2D_TRY(const TensorPtr all, backend.add(correlations, *added));
    Doubts doubts;
    C2D_TRY(Inverse inverse, normalised(protocol, *all, nullptr, doubts));
    C2D_CHECK(invert(protocol, inverse, kExactInverse));
    C2D_CHECK(doubt_inverse(protocol, inverse, doubts));
    C2D_TRY(const bool bad, glm.any({&doubts}));
    if (bad) return TensorPtr();
    C2D_TRY(const TensorPtr values, glm.diagonal(*inverse.value));
    C2D_TRY(const TensorPtr power, backend.broadcast(*inverse.power, width, 1));
    C2D_TRY(const TensorPtr standing, glm.mul_at(*values, *power, kMomentBits));
    C2D_TRY(const TensorPtr lying, backend.transpose(*standing));
    return glm.rounded(*lying, kFractionBits);
}

}  // namespace c2d::mpc::ml
