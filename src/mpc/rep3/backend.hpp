/// The primitives of this protocol.
#pragma once

#include "mpc/core/backend.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

std::unique_ptr<Backend> make_backend(std::shared_ptr<Engine> engine);

}  // namespace c2d::mpc::rep3
