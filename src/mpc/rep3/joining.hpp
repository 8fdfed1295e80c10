/// Tables joined in secret: docs/mpc/protocol.md, Figure 28.
#pragma once

#include "mpc/core/joining.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

std::unique_ptr<Joining> make_joining(std::shared_ptr<Engine> engine);

}  // namespace c2d::mpc::rep3
