/// The learning algorithms of this protocol.
#pragma once

#include "mpc/core/learning.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

std::unique_ptr<Learning> make_learning(std::shared_ptr<Engine> engine);

}  // namespace c2d::mpc::rep3
