/// What all parties derive from a public seed: batches and starting weights. Integer arithmetic
/// (and single IEEE operations), so every machine gets the same bits. One thread.
#pragma once

#include "mpc/core/prg.hpp"

#include <c2d/mpc.hpp>

namespace c2d::mpc {

/// The learning rate of an iteration: lr times lr_decay for each lr_decay_every iterations before
/// it. Products of doubles in one order, so every party has the same.
double rate_at(const TrainOptions& options, std::size_t iteration);

/// Rounds public numbers to integers up or down by public coins, without bias and alike at all
/// parties.
class PublicRounding {
public:
    explicit PublicRounding(std::uint64_t seed);
    std::int64_t operator()(double value);

private:
    Prg prg_;
};

class Sampler {
public:
    explicit Sampler(std::uint64_t seed);
    /// The batch of `iteration`: out.size() row numbers, uniform below `rows`, with replacement.
    void batch(std::size_t iteration, std::size_t rows, std::vector<std::uint32_t>& out);
    /// `count` weights of variance 1/count, approximately normal (sum of 12 uniforms), as multiples
    /// of 2^-24.
    static std::vector<std::int64_t> weights(std::uint64_t seed, std::size_t count);

private:
    Prg prg_;
    Words draws_;
};

}  // namespace c2d::mpc
