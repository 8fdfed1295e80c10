/// Which columns say the same, as programs over `Backend` and `Glm`: docs/mpc/woe.md.
#pragma once

#include "mpc/core/protocol.hpp"

namespace c2d::mpc::ml {

/// What is added to each variance, so that a column that is (almost) the same in every row correlates with none.
inline constexpr double kVarianceAdded = 0x1p-16;
/// What is added to the diagonal of correlations, so that an inverse exists: inflation ends at 2^10.
inline constexpr double kDiagonalAdded = 0x1p-10;

/// Pearson's correlation of every two columns, at 2^16: columns x columns. `domain` where a variance is beyond 2^12.
Result<TensorPtr> correlations(Protocol& protocol, const TensorData& x);
/// The diagonal of the inverse of correlations, at 2^10: 1 x columns. Nothing where it is no inverse, which all learn.
Result<TensorPtr> variance_inflation(Protocol& protocol, const TensorData& correlations);

}  // namespace c2d::mpc::ml
