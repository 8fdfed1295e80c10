/// Logistic regression on shares: a fixed schedule of five rounds per iteration.
///
/// Scales: features 2^16, weights 2^24, logits 2^40, sigmoid 2^30 (times the rate's mantissa),
/// gradient 2^46. With (rows per batch) * |x| <= 2^15 the gradient stays below 2^61.
#pragma once

#include "mpc/protocol/rep3/engine.hpp"

namespace c2d::mpc {

inline constexpr unsigned kWeightBits = 24;
/// Rows per batch times the magnitude of the features.
inline constexpr double kBatchMagnitudeMax = 32768;

/// Called when the domain was checked at `iteration`; false ends with `cancelled`. `weights` is
/// (d+1) x 1 at 2^24, before the iteration's update.
using AtCheck = std::function<Result<bool>(std::size_t iteration, const Shares& weights)>;

/// Trains on rows 0 to `rows`-1 of x (n x d at 2^16) with labels y (n x 1, integers).
/// Returns (d+1) x 1 at 2^24. Fails with `domain` when a logit of any batch left +-256..384.
Result<Shares> train(Engine& engine, const Shares& x, const Shares& y, std::size_t rows,
                     const TrainOptions& options, const AtCheck& at_check);

/// Scores x w + b of rows `first` to the end, at 2^16.
Result<Shares> score(Engine& engine, const Shares& x, std::size_t first, const Shares& weights);

}  // namespace c2d::mpc
