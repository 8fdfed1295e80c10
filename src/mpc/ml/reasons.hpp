/// Which columns of a row are largest, as a program over `Backend`: docs/mpc/reasons.md.
#pragma once

#include "mpc/core/backend.hpp"

namespace c2d::mpc::ml {

/// The least of each column: 1 x columns.
Result<TensorPtr> least_of_columns(Backend& backend, const TensorData& x);
/// Sums over so many columns each, one after the other.
Result<TensorPtr> sums_of_columns(Backend& backend, const TensorData& x, const std::vector<std::size_t>& columns);
/// Of each row the numbers, from 1, of the `count` columns in which x is most above `baseline` (1 x columns), the
/// largest first and of equal ones the first column; 0 where none is above it any more. Rows x count.
Result<TensorPtr> largest_above(Backend& backend, const TensorData& x, const TensorData& baseline, std::size_t count);

}  // namespace c2d::mpc::ml
