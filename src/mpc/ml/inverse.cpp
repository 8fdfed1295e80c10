#include "mpc/ml/inverse.hpp"

#include "base/try.hpp"

#include <cmath>
#include <numeric>

namespace c2d::mpc::ml {
namespace {

/// Fractional bits: of the matrix and of the series, of an inverse, and of what an inverse leaves of the unit matrix.
constexpr unsigned kUnitBits = 29, kInverseBits = 21, kRestBits = 22;
/// Eigenvalues of the series stay below kLargest, and its factors and four times the matrix with them below 2^3.
constexpr double kLargest = 1.3;
static_assert(2 * kUnitBits + 3 < 62 && 4 * kLargest * kLargest < 8);
/// The series ends where the largest eigenvalue is at most so many times the smallest.
constexpr double kEven = 1.1;
/// An inverse in units of the trace is below 2^18.
static_assert(kInverseBits + kRestBits + 18 < 62);
/// What I - a a^-1 may leave.
constexpr double kRestMax = 0x1p-6;

Matrix unit_matrix(std::size_t n, double diagonal) {
    Matrix out{n, n, std::vector<double>(n * n)};
    for (std::size_t i = 0; i < n; ++i) out.at(i, i) = diagonal;
    return out;
}

std::vector<std::size_t> numbers(std::size_t first, std::size_t count) {
    std::vector<std::size_t> out(count);
    std::iota(out.begin(), out.end(), first);
    return out;
}

/// I - a y.
Result<TensorPtr> rest_of(Protocol& protocol, const Inverse& a) {
    C2D_TRY(const TensorPtr product, protocol.glm->matmul_at(*a.scaled, *a.value, kRestBits));
    C2D_TRY(const TensorPtr unit, protocol.glm->constant_at(unit_matrix(a.scaled->rows, 1), kRestBits));
    return protocol.backend->sub(*unit, *product);
}

/// One factor of the series: s - m. The eigenvalues of m, within `low` to `high`, become those of 2^doublings m (s -
/// m).
struct Factor {
    double s;
    int doublings;
};
/// Public: what the spectrum may be decides. With s the sum of its ends both ends become the same, and the middle the
/// most.
Factor next_factor(double& low, double& high) {
    const double s = low + high, top = s * s / 4;
    const int doublings = std::max(0, std::ilogb(kLargest / top));
    low = std::ldexp(low * high, doublings);
    high = std::ldexp(top, doublings);
    return {s, doublings};
}
/// The last: 2^doublings m (s - m) is 1 in the middle of what is left.
Factor last_factor(double low, double high) {
    const double middle = (low + high) / 2;
    const int doublings = static_cast<int>(std::lround(-2 * std::log2(middle)));
    return {middle + std::ldexp(1 / middle, -doublings), doublings};
}

/// Products of s - m with the product before it (`sum`) and, unless it is the last, with m.
struct Series {
    TensorPtr sum, m;
    int doublings = 0;
};
Result<Unit> multiply(Protocol& protocol, Series& series, Factor by, bool is_last) {
    Backend& backend = *protocol.backend;
    const std::size_t n = series.m->rows;
    C2D_TRY(const TensorPtr unit, protocol.glm->constant_at(unit_matrix(n, by.s), kUnitBits));
    C2D_TRY(const TensorPtr factor, backend.sub(*unit, *series.m));
    C2D_TRY(const TensorPtr grown, backend.scale(*series.m, std::ldexp(1, by.doublings)));
    std::vector<const TensorData*> parts;
    if (series.sum) parts.push_back(series.sum.get());
    if (!is_last) parts.push_back(grown.get());
    C2D_TRY(const TensorPtr both, backend.vconcat(parts));
    C2D_TRY(const TensorPtr product, protocol.glm->matmul_at(*both, *factor, kUnitBits));
    if (!is_last) {
        C2D_TRY(series.m, backend.gather(*product, numbers(product->rows - n, n)));
    }
    series.doublings += by.doublings;
    if (!series.sum) {
        series.sum = factor;
        return Unit{};
    }
    C2D_TRY(series.sum, backend.gather(*product, numbers(0, n)));
    return Unit{};
}

/// The inverse of a, whose eigenvalues are at most 1: to kEven from `smallest` on, less than it below. Polynomials that
/// make the smallest eigenvalues four times as large while they are small, where Newton's iteration makes them twice
/// (Pan and Schreiber, SIAM J. Sci. Stat. Comput. 1991). A product for each factor, whose doublings are a change of
/// scale.
Result<TensorPtr> series_of(Protocol& protocol, const TensorPtr& a, double smallest) {
    Series series{nullptr, a};
    double low = smallest, high = 1;
    while (high > kEven * low) C2D_CHECK(multiply(protocol, series, next_factor(low, high), false));
    C2D_CHECK(multiply(protocol, series, last_factor(low, high), true));
    return protocol.glm->times_power_of_two(*series.sum, series.doublings);
}

}  // namespace

Result<Inverse> normalised(Protocol& protocol, const TensorData& a, const TensorData* rows, Doubts& outside) {
    Backend& backend = *protocol.backend;
    C2D_TRY(const TensorPtr diagonal, protocol.glm->diagonal(a));
    C2D_TRY(const TensorPtr trace, backend.sum(*diagonal, Sum::all));
    Inverse out;
    C2D_TRY(out.power, protocol.glm->normaliser(*trace, outside));
    std::vector<const TensorData*> parts{&a};
    if (rows != nullptr) parts.push_back(rows);
    C2D_TRY(const TensorPtr all, backend.vconcat(parts));
    C2D_TRY(const TensorPtr factor, backend.broadcast(*out.power, all->rows, all->cols));
    C2D_TRY(const TensorPtr scaled, protocol.glm->mul_at(*all, *factor, kUnitBits));
    C2D_TRY(out.scaled, backend.gather(*scaled, numbers(0, a.rows)));
    if (rows == nullptr) return out;
    C2D_TRY(out.rows, backend.gather(*scaled, numbers(a.rows, rows->rows)));
    return out;
}

Result<Unit> invert(Protocol& protocol, Inverse& a, InverseEffort effort) {
    C2D_TRY(a.value, series_of(protocol, a.scaled, effort.smallest));
    for (unsigned k = 0; k < effort.corrections; ++k) {
        C2D_TRY(const TensorPtr rest, rest_of(protocol, a));
        C2D_TRY(const TensorPtr change, protocol.glm->matmul_at(*a.value, *rest, kInverseBits));
        C2D_TRY(a.value, protocol.backend->add(*a.value, *change));
    }
    return Unit{};
}

Result<Unit> doubt_inverse(Protocol& protocol, const Inverse& a, Doubts& beyond) {
    C2D_TRY(const TensorPtr rest, rest_of(protocol, a));
    C2D_TRY(const TensorPtr negative, protocol.backend->scale(*rest, -1));
    C2D_TRY(const TensorPtr both, protocol.backend->vconcat({rest.get(), negative.get()}));
    return protocol.glm->doubt_above(*both, kRestMax, beyond);
}

}  // namespace c2d::mpc::ml
