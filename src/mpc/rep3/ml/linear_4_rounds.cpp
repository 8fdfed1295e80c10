// Linear regression, four rounds: a truncated residual (2) and a truncated gradient (2).
#include "base/try.hpp"
#include "mpc/core/sampling.hpp"
#include "mpc/rep3/ml/sgd_schedule.hpp"

#include <cmath>

namespace c2d::mpc::rep3 {
namespace {

/// The rate's mantissa as a public factor of residuals, and the residual's fractional bits.
constexpr unsigned kMantissaBits = 12, kErrorBits = 21;
/// A residual times the mantissa before its truncation, and a gradient: both below 2^62.
constexpr unsigned kResidualRange = 10;  // twice kResidualMax: what is refused must still be seen
static_assert(kResidualMax * 2 == 1 << kResidualRange);
static_assert(kResidualRange + kLogitBits + kMantissaBits <= 62);
static_assert(15 + (kResidualRange - 1) + kFractionBits + kErrorBits < 62);

class Linear4Rounds final : public SgdSchedule {
public:
    Linear4Rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr, GradientOptions gradient)
        : engine_(engine),
          y_(y),
          products_(x),
          rate_(lr),
          mantissa_(static_cast<Word>(std::llround(std::ldexp(rate_.mantissa, kMantissaBits)))),
          shift_(static_cast<unsigned>(static_cast<int>(kFractionBits + kErrorBits - kWeightBits) + rate_.halvings)),
          penalty_(
              std::ldexp(gradient.l2 * rate_.mantissa, static_cast<int>(kFractionBits + kErrorBits - kWeightBits))),
          rounding_(gradient.seed),
          piece_(gradient.piece) {}

    Result<Unit> begin(const Shares& w, std::size_t, std::size_t) override {
        w_ = w;
        residuals_ = {};
        return Unit{};
    }

    Result<Unit> step(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>&) override {
        const std::size_t n = batch.size();
        Words z(n);
        products_.forward(batch.data(), w_.p, w_.q, z);
        subtract_targets(batch, z);
        for (Word& word : z) word *= mantissa_;
        C2D_TRY(const Shares error,
                engine_.reshare_truncated(std::move(z), kLogitBits + kMantissaBits - kErrorBits, n, 1));
        residuals_.p.insert(residuals_.p.end(), error.p.begin(), error.p.end());
        residuals_.q.insert(residuals_.q.end(), error.q.begin(), error.q.end());
        Words g = gradient_pieces(products_, batch, error, piece_, w_.size());
        if (penalty_ != 0) add_penalty(engine_, w_, rounding_(penalty_), g);
        C2D_TRY(const Shares change, truncated_sum(engine_, std::move(g), shift_, w_.size()));
        subtract_from(w_, change);
        return Unit{};
    }

    /// Two comparisons for each residual since `begin`, all at once. A run that diverges passes the
    /// domain's border by less than the ring's range, or lands on values that are as good as
    /// random in it: some of the batch's are then seen outside.
    Result<bool> in_domain() override {
        const std::size_t n = residuals_.p.size();
        const Word limit =
            static_cast<Word>(std::llround(std::ldexp(kResidualMax * rate_.mantissa, static_cast<int>(kErrorBits))));
        Shares sides{2 * n, 1, residuals_.p, residuals_.q};
        for (const Word word : residuals_.p) sides.p.push_back(Word{0} - word);
        for (const Word word : residuals_.q) sides.q.push_back(Word{0} - word);
        residuals_ = {};
        add_constant(sides, limit, engine_.role());
        C2D_TRY(const BooleanShares outside, engine_.msb(sides));
        C2D_TRY(const bool any, engine_.reveal_any(outside));
        return !any;
    }
    Result<Shares> weights() override { return w_; }

private:
    /// A's summand of y is alpha + m, B's is beta, H has none.
    void subtract_targets(const std::vector<std::uint32_t>& batch, Words& z) const {
        if (engine_.is_helper()) return;
        for (std::size_t i = 0; i < batch.size(); ++i)
            z[i] -= (y_.p[batch[i]] + (engine_.is_a() ? y_.q[batch[i]] : 0)) << kWeightBits;
    }

    Engine& engine_;
    const Shares& y_;
    LinearProducts& products_;
    Rate rate_;
    Word mantissa_;
    unsigned shift_;
    double penalty_;
    PublicRounding rounding_;
    std::size_t piece_;
    Shares w_, residuals_;
};

}  // namespace

std::unique_ptr<SgdSchedule> linear_4_rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr,
                                             GradientOptions gradient) {
    return std::make_unique<Linear4Rounds>(engine, x, y, lr, gradient);
}

}  // namespace c2d::mpc::rep3
