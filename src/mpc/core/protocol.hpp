/// What a protocol is to those who compute with it.
#pragma once

#include "mpc/core/backend.hpp"
#include "mpc/core/binning.hpp"
#include "mpc/core/glm.hpp"
#include "mpc/core/joining.hpp"
#include "mpc/core/learning.hpp"

namespace c2d::mpc {

struct Protocol {
    std::unique_ptr<Backend> backend;
    std::unique_ptr<Learning> learning;
    std::unique_ptr<Glm> glm;
    std::unique_ptr<Binning> binning;
    std::unique_ptr<Joining> joining;
};

}  // namespace c2d::mpc
