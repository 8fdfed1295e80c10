/// The inverse of a symmetric positive definite matrix, as a program over `Backend` and `Glm`.
#pragma once

#include "mpc/core/protocol.hpp"

namespace c2d::mpc::ml {

/// How exact an inverse is: squarings of the series, and corrections by Newton's iteration (Schulz).
struct InverseEffort {
    unsigned squarings, corrections;
};
/// For a step that need not be exact: eigenvalues from 2^-10 of the trace on.
inline constexpr InverseEffort kRoughInverse{12, 1};
/// From 2^-18 of the trace on.
inline constexpr InverseEffort kExactInverse{19, 3};

/// `value` is (a power)^-1 at 2^21, `power` the power of two that brings the trace of a to [1/2, 1), at 2^18.
struct Inverse {
    TensorPtr scaled, value, power;
};

/// The matrix with its power of two, not inverted yet. No `power` where the trace left its domain, which all learn.
Result<Inverse> normalised(Protocol& protocol, const TensorData& a);
Result<Unit> invert(Protocol& protocol, Inverse& a, InverseEffort effort);
/// Whether the largest element of I - a a^-1 is below 2^-6, which all learn.
Result<bool> is_inverse(Protocol& protocol, const Inverse& a);

}  // namespace c2d::mpc::ml
