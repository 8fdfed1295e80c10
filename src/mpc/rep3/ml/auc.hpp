/// Area under the ROC curve on shares: shuffle, sort by opened comparisons, one inner product.
#pragma once

#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

/// An AUC is a multiple of 1 / kAucUnit: what a report shows, and not more of the labels than that.
inline constexpr Word kAucUnit = 10'000;

/// For `positives` times `negatives` pairs of rows, at least one.
Word inverse_of_pairs(Word pairs);

/// `scores` n x 1 at 2^16 with |score| < 2^28; `labels` n x 1 integers 0 and 1; `inverse` 1 x 1 of the labels' pairs. 2
/// <= n <= 2^20. Returns 1 x 1 times kAucUnit, an integer: rounded to the nearest, a half up. Of more than 2^23 pairs
/// what is less than pairs / 2^47 below a half counts as one, too: 2^-9 at most. The order of the shuffled rows is
/// opened to all: it is uniformly random whatever the scores.
Result<Shares> auc_of(Engine& engine, const Shares& scores, const Shares& labels, const Shares& inverse);

}  // namespace c2d::mpc::rep3
