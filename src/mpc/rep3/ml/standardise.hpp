/// Columns brought to mean 0 and variance 1 without anybody learning either.
#pragma once

#include "mpc/rep3/engine.hpp"

#include <optional>

namespace c2d::mpc::rep3 {

/// `x` at 2^16 with |x| <= `magnitude`, two rows at least. Nothing when a column's standard deviation
/// is below 2^-7, or a result is beyond +-`out_max`: all parties learn that, and no more.
Result<std::optional<Shares>> standardised(Engine& engine, const Shares& x, double magnitude, double out_max);

}  // namespace c2d::mpc::rep3
