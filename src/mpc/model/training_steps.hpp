/// How iterations of logistic regression are computed: two schedules behind one interface.
///
/// `wide_steps` takes any logit up to +-256, in five rounds; `narrow_steps` needs logits within
/// +-16 and takes three. Both remember, on shares, whether a logit left their domain. Scales,
/// errors and why each message is safe: docs/mpc.md.
#pragma once

#include "mpc/model/linear.hpp"

namespace c2d::mpc {

/// Fractional bits of trained weights, and of the logits that they give.
inline constexpr unsigned kWeightBits = 24;
inline constexpr unsigned kLogitBits = kFractionBits + kWeightBits;

/// lr = mantissa * 2^-halvings with mantissa in [1/2, 1): the mantissa is a factor of the sigmoid,
/// the power of two part of the one shift, so the rate is never rounded by itself.
struct Rate {
    explicit Rate(double lr);
    double mantissa;
    int halvings;
};

class TrainingSteps {
public:
    virtual ~TrainingSteps() = default;
    /// Goes on from these weights, (d+1) x 1 at 2^24.
    virtual Result<Unit> begin(const Shares& w) = 0;
    /// One iteration over rows `batch`; `next` is probably the batch after it.
    virtual Result<Unit> step(const std::vector<std::uint32_t>& batch,
                              const std::vector<std::uint32_t>& next) = 0;
    /// Whether every logit since `begin` was in the domain; all three parties learn it.
    virtual Result<bool> in_domain() = 0;
    /// The weights now. Only after `in_domain` was true.
    virtual Result<Shares> weights() = 0;
};

/// `x` holds features at 2^16, y (a column) labels of the same rows, integers; all must outlive the
/// result.
std::unique_ptr<TrainingSteps> wide_steps(Engine& engine, LinearProducts& x, const Shares& y,
                                          double lr);
/// Null where the rate is too small for the narrow budget (below about 0.001).
std::unique_ptr<TrainingSteps> narrow_steps(Engine& engine, LinearProducts& x, const Shares& y,
                                            double lr);

}  // namespace c2d::mpc
