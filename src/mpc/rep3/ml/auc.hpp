/// Area under the ROC curve on shares: shuffle, sort by opened comparisons, one inner product.
#pragma once

#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

inline constexpr unsigned kAucBits = 20;

/// `scores` n x 1 at 2^16 with |score| < 2^28; `labels` n x 1 integers 0 and 1; `inverse` 1 x 1:
/// round(2^61 / (2 * positives * negatives)). 2 <= n <= 2^17. Returns 1 x 1 at 2^20.
/// The order of the shuffled rows is opened to all: it is uniformly random whatever the scores.
Result<Shares> auc_of(Engine& engine, const Shares& scores, const Shares& labels, const Shares& inverse);

}  // namespace c2d::mpc::rep3
