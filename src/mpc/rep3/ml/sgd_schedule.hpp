/// How iterations are computed: schedules behind one interface.
///
/// | schedule            | domain           | chosen by                |
/// | ------------------- | ---------------- | ------------------------ |
/// | `logistic_5_rounds` | logits, +-256    | `precise`, or a fallback |
/// | `logistic_3_rounds` | logits, +-16     | nothing else             |
/// | `logistic_2_rounds` | logits, +-16     | `wide_area`              |
/// | `linear_4_rounds`   | residuals, +-512 | linear regression        |
///
/// Each remembers, on shares, what left its domain. Scales, errors, bytes: docs/mpc/protocol.md and costs.md; why each
/// message is safe: docs/mpc/security.md.
#pragma once

#include "mpc/core/sampling.hpp"
#include "mpc/rep3/ml/linear_products.hpp"

namespace c2d::mpc::rep3 {

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

/// Adds this party's summand of factor * w_j to g_j for all weights but the bias, the last; g may hold more pieces
/// after that.
void add_penalty(const Engine& engine, const Shares& w, std::int64_t factor, Words& g);

/// Rows whose gradient, at 2^46, stays below 2^61 for features up to `magnitude`.
constexpr std::size_t gradient_piece(double magnitude) {
    return magnitude >= 0x1p15 ? 1 : static_cast<std::size_t>(0x1p15 / magnitude);
}
/// This party's summands of X[batch]^T e and of the sum of e, a model's size for each `piece` of rows, one below the
/// other.
Words gradient_pieces(LinearProducts& x, const std::vector<std::uint32_t>& batch, const Shares& e, std::size_t piece,
                      std::size_t size);
/// Pieces divided by 2^shift and added up: one truncation takes them all.
Result<Shares> truncated_sum(Engine& engine, Words pieces, unsigned shift, std::size_t size);

class SgdSchedule {
public:
    virtual ~SgdSchedule() = default;
    /// Goes on from these weights, (d+1) x 1 at 2^24, with iterations first to last-1.
    virtual Result<Unit> begin(const Shares& w, std::size_t first, std::size_t last) = 0;
    /// One iteration over rows `batch`; `next` is probably the batch after it.
    virtual Result<Unit> step(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>& next) = 0;
    /// Whether H waits for the others in every iteration, so that nothing else must hold it back.
    virtual bool helper_listens() const { return false; }
    /// What another thread still has to send is sent: before this one uses the link.
    virtual Result<Unit> drain() { return Unit{}; }
    /// Whether every logit since `begin` was in the domain; all three parties learn it.
    virtual Result<bool> in_domain() = 0;
    /// The weights now. Only after `in_domain` was true.
    virtual Result<Shares> weights() = 0;
};

/// What the schedules of whole precision add to a gradient, and how they sum it.
struct GradientOptions {
    /// Times the weights (not the bias), added to the gradient of the batch's sum.
    double l2 = 0;
    std::uint64_t seed = 0;
    /// `gradient_piece` of the features.
    std::size_t piece = 512;
};
/// Residuals z - y of linear regression are refused beyond this.
inline constexpr double kResidualMax = 512;

/// `x` holds features at 2^16, y (a column) labels of the same rows, integers; all must outlive the
/// result.
std::unique_ptr<SgdSchedule> logistic_5_rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr,
                                               GradientOptions gradient);
/// The same with y at 2^16.
std::unique_ptr<SgdSchedule> linear_4_rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr,
                                             GradientOptions gradient);
/// Fractional bits of the features that `logistic_2_rounds` takes.
inline constexpr unsigned kCoarseFeatureBits = 12;
/// Which rows an iteration takes, for a schedule that looks ahead.
struct Batches {
    Sampler* sampler = nullptr;
    std::size_t rows = 0;
    std::size_t size = 0;
};
/// Two rounds, for links of high latency; `x` at 2^12. Null where the rate is below 2^-12.
std::unique_ptr<SgdSchedule> logistic_2_rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr,
                                               const Batches& batches);
/// Null where the rate is below 2^-10: too small for the bits that three rounds leave.
std::unique_ptr<SgdSchedule> logistic_3_rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr);

}  // namespace c2d::mpc::rep3
