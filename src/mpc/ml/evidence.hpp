/// Weight of evidence and information value, as programs over `Backend`, `Glm` and `Binning`: docs/mpc/woe.md.
#pragma once

#include "mpc/core/protocol.hpp"

namespace c2d::mpc::ml {

/// Labels in bins: of each column the ones of every bin, below them the zeros, as integers.
Result<TensorPtr> bin_counts(Protocol& protocol, const Bins& bins, const TensorData& labels);

/// How evidence is smoothed: each bin gets so many customers of the average kind, in steps of 1/16.
inline constexpr double kSmoothingMin = 1.0 / 16, kSmoothingMax = 64;

/// ln of zeros by ones of each bin, less that of all, at 2^kLogBits: bins x columns. Nothing where there are labels of
/// one class only, which all learn.
Result<TensorPtr> weight_of_evidence(Protocol& protocol, const TensorData& counts, double smoothing);
/// Sum over a column's bins of (share of all zeros - share of all ones) times the evidence, at 2^kLogBits: 1 x columns.
Result<TensorPtr> information_value(Protocol& protocol, const TensorData& counts, double smoothing);

/// What is opened of counts: their ones to the nearest multiple of this.
inline constexpr unsigned kCountUnit = 5;
/// Ones of each bin, bins x columns, in units.
Result<TensorPtr> rounded_ones(Protocol& protocol, const TensorData& counts);

}  // namespace c2d::mpc::ml
