#pragma once

#include "mpc/core/glm.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

std::unique_ptr<Glm> make_glm(std::shared_ptr<Engine> engine);

}  // namespace c2d::mpc::rep3
