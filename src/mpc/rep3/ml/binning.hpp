/// Sums over bins and look-ups on shares: docs/mpc/protocol.md, Figures 26 and 27.
#pragma once

#include "mpc/core/binning.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

std::unique_ptr<Binning> make_binning(std::shared_ptr<Engine> engine);

}  // namespace c2d::mpc::rep3
