#include "mpc/ml/inverse.hpp"

#include "base/try.hpp"

#include <cmath>
#include <numeric>

namespace c2d::mpc::ml {
namespace {

/// Fractional bits: of the matrix and of the series, of an inverse, and of what an inverse leaves of the unit matrix.
constexpr unsigned kUnitBits = kMeanBits, kInverseBits = 21, kRestBits = 22;
/// An element of the series is at most 1, a factor 2.
static_assert(2 * kUnitBits + 1 < 62);
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

/// 2^-squarings (I + r)(I + r^2)(I + r^4)…, for r = I - 2a with eigenvalues in (-1, 1). It and the power of r go through one
/// product for each factor, whose halving is a change of scale.
Result<TensorPtr> series(Protocol& protocol, const TensorData& a, unsigned squarings) {
    Backend& backend = *protocol.backend;
    const std::size_t n = a.rows;
    C2D_TRY(const TensorPtr unit, protocol.glm->constant_at(unit_matrix(n, 1), kUnitBits));
    C2D_TRY(const TensorPtr twice, backend.scale(a, 2));
    C2D_TRY(TensorPtr power, backend.sub(*unit, *twice));
    TensorPtr sum = unit;
    for (unsigned k = 0; k < squarings; ++k) {
        C2D_TRY(const TensorPtr factor, backend.add(*unit, *power));
        C2D_TRY(const TensorPtr both, backend.vconcat({sum.get(), power.get()}));
        C2D_TRY(const TensorPtr product, protocol.glm->matmul_at(*both, *factor, kUnitBits - 1));
        C2D_TRY(const TensorPtr halves, protocol.glm->times_power_of_two(*product, -1));
        C2D_TRY(sum, backend.gather(*halves, numbers(0, n)));
        // r (I + r) / 2, of which r^2 is left.
        C2D_TRY(const TensorPtr lower, backend.gather(*halves, numbers(n, n)));
        C2D_TRY(const TensorPtr whole, backend.scale(*lower, 2));
        C2D_TRY(power, backend.sub(*whole, *power));
    }
    return sum;
}

}  // namespace

Result<Inverse> normalised(Protocol& protocol, const TensorData& a) {
    C2D_TRY(const TensorPtr diagonal, protocol.glm->diagonal(a));
    C2D_TRY(const TensorPtr trace, protocol.backend->sum(*diagonal, Sum::all));
    Inverse out;
    C2D_TRY(out.power, protocol.glm->normaliser(*trace));
    if (!out.power) return out;
    C2D_TRY(const TensorPtr factor, protocol.backend->broadcast(*out.power, a.rows, a.cols));
    C2D_TRY(out.scaled, protocol.glm->mul_at(a, *factor, kUnitBits));
    return out;
}

Result<Unit> invert(Protocol& protocol, Inverse& a, InverseEffort effort) {
    C2D_TRY(const TensorPtr scaled, series(protocol, *a.scaled, effort.squarings));
    C2D_TRY(a.value, protocol.glm->times_power_of_two(*scaled, static_cast<int>(effort.squarings) + 1));
    for (unsigned k = 0; k < effort.corrections; ++k) {
        C2D_TRY(const TensorPtr rest, rest_of(protocol, a));
        C2D_TRY(const TensorPtr change, protocol.glm->matmul_at(*a.value, *rest, kInverseBits));
        C2D_TRY(a.value, protocol.backend->add(*a.value, *change));
    }
    return Unit{};
}

Result<bool> is_inverse(Protocol& protocol, const Inverse& a) {
    C2D_TRY(const TensorPtr rest, rest_of(protocol, a));
    C2D_TRY(const TensorPtr negative, protocol.backend->scale(*rest, -1));
    C2D_TRY(const TensorPtr both, protocol.backend->vconcat({rest.get(), negative.get()}));
    C2D_TRY(const bool beyond, protocol.glm->any_above(*both, kRestMax));
    return !beyond;
}

}  // namespace c2d::mpc::ml
