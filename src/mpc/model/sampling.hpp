/// What all parties derive from a public seed: batches and starting weights. Integer arithmetic
/// (and single IEEE operations), so every machine gets the same bits. One thread.
#pragma once

#include "mpc/correlation/prg.hpp"

namespace c2d::mpc {

class Sampler {
public:
    explicit Sampler(std::uint64_t seed);
    /// `count` row numbers, uniform below `rows`, with replacement; a new draw on every call.
    std::vector<std::uint32_t> batch(std::size_t count, std::size_t rows);
    /// `count` weights of variance 1/count, approximately normal (sum of 12 uniforms), as multiples
    /// of 2^-24.
    static std::vector<std::int64_t> weights(std::uint64_t seed, std::size_t count);

private:
    Prg prg_;
};

}  // namespace c2d::mpc
