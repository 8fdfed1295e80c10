/// The inverse of a symmetric positive definite matrix, as a program over `Backend` and `Glm`.
#pragma once

#include "mpc/core/protocol.hpp"

namespace c2d::mpc::ml {

/// How exact an inverse is: the smallest eigenvalue by the trace for which it is one, and corrections by Newton's
/// iteration (Schulz).
struct InverseEffort {
    double smallest;
    unsigned corrections;
};
/// For a step that need not be exact: to 2 %.
inline constexpr InverseEffort kRoughInverse{0x1p-10, 0};
inline constexpr InverseEffort kExactInverse{0x1p-18, 3};

/// `value` is (a power)^-1, at 2^21 if it was corrected; `power` the power of two that brings the trace of a to [1/2,
/// 1), at 2^18. `rows` are what came with a, times that power.
struct Inverse {
    TensorPtr scaled, rows, value, power;
};

/// The matrix with its power of two, not inverted yet; `rows`, as wide as it and at 2^30, come with it. `outside` gets
/// bits of whether the trace left its domain.
Result<Inverse> normalised(Protocol& protocol, const TensorData& a, const TensorData* rows, Doubts& outside);
Result<Unit> invert(Protocol& protocol, Inverse& a, InverseEffort effort);
/// `beyond` gets bits of whether an element of I - a a^-1 is beyond 2^-6.
Result<Unit> doubt_inverse(Protocol& protocol, const Inverse& a, Doubts& beyond);

}  // namespace c2d::mpc::ml
