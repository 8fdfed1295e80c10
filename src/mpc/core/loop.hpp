/// What a long computation and its checkpoints say to each other.
#pragma once

#include "mpc/core/tensor.hpp"

namespace c2d::mpc {

/// Where a loop stands between two steps: all that it needs to go on.
struct LoopPoint {
    std::uint64_t step = 0;
    /// Public, the same at all parties; what they mean is the loop's own business.
    std::vector<std::uint64_t> numbers = {};
    std::vector<TensorPtr> tensors = {};
};

class LoopCourse {
public:
    virtual ~LoopCourse() = default;
    /// Whether anybody wants to hear where it stands.
    virtual bool is_on() const = 0;
    /// Where an earlier attempt left it; null: it begins at its beginning.
    virtual const LoopPoint* begin() const = 0;
    /// Steps until `between` is to be called next, at most.
    virtual std::uint64_t steps_max() const = 0;
    /// All parties have done as many steps, and nothing of them is on its way.
    virtual Result<Unit> between(LoopPoint point) = 0;
};

}  // namespace c2d::mpc
