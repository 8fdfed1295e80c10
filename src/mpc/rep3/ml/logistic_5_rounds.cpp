// Five rounds: sigmoid_of (2), reshare (1), reshare_truncated (2).
#include "base/try.hpp"
#include "mpc/core/sampling.hpp"
#include "mpc/rep3/ml/sgd_schedule.hpp"
#include "mpc/rep3/sigmoid.hpp"

#include <cmath>

namespace c2d::mpc::rep3 {
namespace {

class Logistic5Rounds final : public SgdSchedule {
public:
    Logistic5Rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr, GradientOptions gradient)
        : engine_(engine),
          y_(y),
          products_(x),
          rate_(lr),
          shift_(static_cast<unsigned>(static_cast<int>(kFractionBits + kSigmoidBits - kWeightBits) + rate_.halvings)),
          label_unit_(static_cast<Word>(std::llround(std::ldexp(rate_.mantissa, kSigmoidBits)))),
          penalty_(
              std::ldexp(gradient.l2 * rate_.mantissa, static_cast<int>(kFractionBits + kSigmoidBits - kWeightBits))),
          rounding_(gradient.seed),
          piece_(gradient.piece) {}

    Result<Unit> begin(const Shares& w, std::size_t, std::size_t) override {
        w_ = w;
        outside_.clear();
        return Unit{};
    }

    Result<Unit> step(const std::vector<std::uint32_t>& batch, const std::vector<std::uint32_t>&) override {
        Words z(batch.size());
        products_.forward(batch.data(), w_.p, w_.q, z);
        C2D_TRY(const Sigmoid p, sigmoid_of(engine_, z, kLogitBits, rate_.mantissa));
        outside_.insert(outside_.end(), p.outside.begin(), p.outside.end());
        C2D_TRY(Shares error, engine_.reshare_pair(p.value, batch.size(), 1));
        for (std::size_t i = 0; i < batch.size(); ++i) {
            error.p[i] -= y_.p[batch[i]] * label_unit_;
            error.q[i] -= y_.q[batch[i]] * label_unit_;
        }
        Words g = gradient_pieces(products_, batch, error, piece_, w_.size());
        if (penalty_ != 0) add_penalty(engine_, w_, rounding_(penalty_), g);
        C2D_TRY(const Shares change, truncated_sum(engine_, std::move(g), shift_, w_.size()));
        subtract_from(w_, change);
        return Unit{};
    }

    Result<bool> in_domain() override {
        C2D_TRY(const bool outside, engine_.reveal_any(outside_));
        outside_.clear();
        return !outside;
    }
    Result<Shares> weights() override { return w_; }

private:
    Engine& engine_;
    const Shares& y_;
    LinearProducts& products_;
    Rate rate_;
    unsigned shift_;
    Word label_unit_;
    /// The penalty's factor where weights meet the gradient's scale.
    double penalty_;
    PublicRounding rounding_;
    std::size_t piece_;
    Shares w_;
    BooleanShares outside_;
};

}  // namespace

std::unique_ptr<SgdSchedule> logistic_5_rounds(Engine& engine, LinearProducts& x, const Shares& y, double lr,
                                               GradientOptions gradient) {
    return std::make_unique<Logistic5Rounds>(engine, x, y, lr, gradient);
}

}  // namespace c2d::mpc::rep3
