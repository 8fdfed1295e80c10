#include "mpc/ml/regression.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/sampling.hpp"
#include "mpc/ml/inverse.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>
#include <utility>

namespace c2d::mpc::ml {
namespace {

/// Fractional bits: of weights, of what a step gains in likelihood (per row), of public numbers.
constexpr unsigned kWeightBits = 24, kGainBits = 44, kPublicBits = 30;
static_assert(kWeightBits == kLogBits);
/// A step went too far where the likelihood falls at its end by more than 15/16 of the slope with which it rose at its
/// start. The first may fall twice as fast as it rose: where labels of one kind are rare it goes too far, whatever its
/// curvature was.
constexpr int kRise = 15, kRiseOfFirst = 32, kRiseUnit = 16;
/// How many times more rows are drawn for a curvature after a step that went too far, and near the end.
constexpr std::size_t kMoreRows = 4, kNearRows = 2;
/// Steps by a sample's curvature that are shorter than this, in standard errors, are near the end; and near it, shorter
/// than this they are followed by steps of all rows, of which one is the last if it is at most so many times the
/// tolerance: it leaves its square, and so many rows' standard errors are as good.
constexpr double kNear = 4, kAtEnd = 0.25, kLastStep = 4;
/// A penalty times the rows that is added to sums over rows: times weights below 2^7 it is below what those take.
constexpr double kPenaltyMax = 0x1p8;
/// p (1 - p), with p as far outside [0, 1] as its rounding takes it.
constexpr double kRowCurvatureMax = 0.2505;
/// Fractional bits of a public number that is multiplied without rounding, and how large a step of an intercept may be.
constexpr unsigned kFactorBits = 6, kStepMaxBits = 5;
static_assert(21 + kMeanBits + kFactorBits + kStepMaxBits < 63);
/// Of many rows; scikit-learn's default of few.
constexpr double kRidge = 1e-4;
/// A sample is drawn only where it spares something.
constexpr double kSampleWorth = 1.5;
/// Steps of a linear model: one, and what the rounding of the inverse left.
constexpr std::size_t kLinearSteps = 3;
/// Residuals of a linear model for which sums over rows are sized.
constexpr double kResidualMax = 512;

Error named(Status status, const char* name, const std::string& message) {
    Error out = fail(status, "{}", message);
    out.name = name;
    return out;
}
Error separable() {
    return named(
        Status::DOMAIN, "separable",
        "separable: the columns tell the labels apart (almost) entirely, so that no finite coefficients are best; "
        "set ridge above 0, or leave out the column that decides");
}
Error collinear() {
    return named(Status::DOMAIN, "collinear",
                 "collinear: some columns are (almost) a combination of others; leave one out, or set ridge above 0");
}
Error negative_weight() {
    return named(Status::DOMAIN, "negative_weight",
                 "negative_weight: sample_weight holds a number below 0; it is how often a row counts");
}
Error too_large() {
    return fail(Status::DOMAIN, "regression: the columns' squares are beyond 2^18 on average; standardise them");
}

Matrix filled(std::size_t rows, double value) { return {rows, 1, std::vector<double>(rows, value)}; }

class Fit {
public:
    Fit(Protocol& protocol, const TensorData& x, const TensorData& y, const RegressionOptions& options, Model model,
        LoopCourse& course)
        : protocol_(protocol),
          course_(course),
          backend_(*protocol.backend),
          glm_(*protocol.glm),
          y_(y),
          options_(options),
          rows_(x.rows),
          width_(x.cols + 1),
          ridge_(options.ridge.value_or(std::max(kRidge, 1 / static_cast<double>(x.rows)))),
          weight_max_(options.sample_weight ? options.sample_weight.data()->bound : 1),
          logistic_(model == Model::logistic),
          sampler_(options.seed),
          sample_(options.curvature_rows),
          sampled_(options.curvature_rows != 0 &&
                   static_cast<double>(rows_) > kSampleWorth * static_cast<double>(options.curvature_rows)),
          last_step_(options.tolerance * (sampled_ ? kLastStep : 1)) {}

    Result<Regression> run(const TensorData& x) {
        const LoopPoint* const begin = course_.begin();
        if (!begin) C2D_CHECK(check_weights());
        C2D_TRY(design_, glm_.design(x));
        C2D_CHECK(begin ? go_on_from(*begin) : start());
        if (logistic_) C2D_CHECK(newton());
        if (!logistic_) C2D_CHECK(least_squares());
        if (doubtful_) C2D_CHECK(settle());
        C2D_TRY(model_, glm_.rounded(*weights_, kModelBits));
        if (!options_.statistics_to.empty()) C2D_CHECK(reveal_statistics());
        out_.weights = Tensor(model_);
        return std::move(out_);
    }

private:
    /// One bit. With weights below 0 the likelihood is not concave, and halving a step need not end.
    Result<Unit> check_weights() {
        if (!options_.sample_weight) return Unit{};
        C2D_TRY(const TensorPtr negated, backend_.scale(*options_.sample_weight.data(), -1));
        C2D_TRY(const bool negative, glm_.any_above(*negated, 0));
        if (negative) return negative_weight();
        return Unit{};
    }

    /// At the best intercept alone, ln of ones by zeros: from 0 it is several steps to where labels of one kind are
    /// rare. With weights or an offset that would be another number.
    Result<Unit> start() {
        C2D_TRY(weights_, glm_.constant_at(filled(width_, 0), kWeightBits));
        if (!logistic_ || options_.sample_weight || options_.offset) return Unit{};
        C2D_TRY(const TensorPtr ones, backend_.sum(y_, Sum::all));
        C2D_TRY(const TensorPtr rows, glm_.constant_at(filled(1, static_cast<double>(rows_)), 0));
        C2D_TRY(const TensorPtr zeros, backend_.sub(*rows, *ones));
        C2D_TRY(const TensorPtr both, backend_.vconcat({ones.get(), zeros.get()}));
        C2D_TRY(const TensorPtr logs,
                protocol_.binning->logarithm_of_integers(*both, static_cast<unsigned>(std::bit_width(rows_))));
        if (!logs) return separable();
        C2D_TRY(const TensorPtr of_ones, backend_.gather(*logs, {0}));
        C2D_TRY(const TensorPtr of_zeros, backend_.gather(*logs, {1}));
        C2D_TRY(const TensorPtr odds, backend_.sub(*of_ones, *of_zeros));
        C2D_TRY(const TensorPtr others, glm_.constant_at(filled(width_ - 1, 0), kWeightBits));
        C2D_TRY(weights_, backend_.vconcat({others.get(), odds.get()}));
        // What is predicted there is the share of ones. They are below 2^24.
        C2D_TRY(const TensorPtr part, glm_.constant_at(filled(1, 1 / static_cast<double>(rows_)), kShareBits));
        C2D_TRY(const TensorPtr share, glm_.mul_at(*ones, *part, kMeanBits));
        C2D_TRY(first_mean_, backend_.broadcast(*share, rows_, 1));
        return Unit{};
    }
    static constexpr unsigned kShareBits = 46;

    // ------------------------------------------------------------ what all learn

    /// Whether all went well since the last call: one bit. Where it did not, what did not.
    Result<Unit> settle() {
        C2D_TRY(const bool any, glm_.any({&traces_, &logits_, &inverses_}));
        if (any) return cause();
        traces_ = logits_ = inverses_ = {};
        doubtful_ = false;
        return Unit{};
    }
    Error cause() {
        auto trace = glm_.any({&traces_});
        if (!trace) return std::move(trace).error();
        if (*trace) return out_of_range();
        auto logit = glm_.any({&logits_});
        if (!logit) return std::move(logit).error();
        return *logit ? separable() : collinear();
    }
    Error out_of_range() {
        auto diagonal = glm_.diagonal(*curvature_);
        if (!diagonal) return std::move(diagonal).error();
        auto large = glm_.any_above(**diagonal, 1);
        if (!large) return std::move(large).error();
        return *large ? too_large() : separable();
    }

    // ------------------------------------------------------------ a step

    /// X^T s (y - mean) - ridge w, as a mean over 2^rows_log2 rows.
    Result<TensorPtr> gradient(const TensorData& mean) {
        C2D_TRY(TensorPtr error, backend_.sub(y_, mean));
        if (options_.sample_weight) {
            const unsigned bits = logistic_ ? kMeanBits : kResidualBits;
            C2D_TRY(error, glm_.mul_at(*error, *options_.sample_weight.data(), bits));
        }
        const double error_max = weight_max_ * (logistic_ ? 1 : kResidualMax);
        const double penalty = ridge_ * static_cast<double>(rows_);
        const bool is_small = penalty <= kPenaltyMax;
        C2D_TRY(const TensorPtr sums,
                glm_.weighted_sum(*design_, *error, error_max, *weights_, is_small ? penalty : 0));
        if (is_small) return sums;
        C2D_TRY(const TensorPtr of_each, glm_.constant_at(penalties(rows_), kPublicBits));
        C2D_TRY(const TensorPtr pull, glm_.mul_at(*weights_, *of_each, kMeanBits));
        return backend_.sub(*sums, *pull);
    }
    /// Of a sum over `rows` rows, as it is divided: zero for the intercept.
    Matrix penalties(std::size_t rows) const {
        Matrix out = filled(width_, std::ldexp(ridge_ * static_cast<double>(rows), -static_cast<int>(rows_log2(rows))));
        out.data.back() = 0;
        return out;
    }

    /// The rows whose curvature the next step takes.
    std::vector<std::uint32_t> curvature_rows() {
        if (!sampled_) {
            std::vector<std::uint32_t> all(rows_);
            std::iota(all.begin(), all.end(), 0u);
            return all;
        }
        std::vector<std::uint32_t> some(sample_);
        sampler_.batch(out_.steps, rows_, some);
        return some;
    }

    /// The most that a row's curvature can be.
    double row_curvature_max() const { return weight_max_ * (logistic_ ? kRowCurvatureMax : 1); }
    /// How often each of these rows counts: p (1 - p) s, or s; null: all once.
    Result<TensorPtr> row_curvatures(const TensorData* mean, const std::vector<std::uint32_t>& index) {
        const unsigned bits = glm_.curvature_bits(*design_, row_curvature_max());
        const std::vector<std::size_t> numbers(index.begin(), index.end());
        const TensorData* const weight = options_.sample_weight.data();
        TensorPtr of_weight, out;
        if (weight != nullptr) {
            C2D_TRY(of_weight, backend_.gather(*weight, numbers));
        }
        if (mean == nullptr) return of_weight;
        C2D_TRY(const TensorPtr p, backend_.gather(*mean, numbers));
        C2D_TRY(const TensorPtr one, glm_.constant_at(filled(index.size(), 1), kMeanBits));
        C2D_TRY(const TensorPtr rest, backend_.sub(*one, *p));
        C2D_TRY(out, glm_.mul_at(*p, *rest, of_weight ? kCurvatureBits : bits));
        if (of_weight) {
            C2D_TRY(out, glm_.mul_at(*out, *of_weight, bits));
        }
        return out;
    }

    /// The inverse of X^T diag(v) X + ridge, as a mean over these rows; the gradient is scaled with it. Checked where
    /// it is exact.
    Result<Unit> curvature(const TensorData* mean, const TensorData* gradient) {
        const std::vector<std::uint32_t> index = curvature_rows();
        C2D_TRY(const TensorPtr v, row_curvatures(mean, index));
        C2D_TRY(const TensorPtr sum, glm_.gram(*design_, v.get(), row_curvature_max(), index));
        const Matrix penalty = penalties(index.size());
        Matrix diagonal{width_, width_, std::vector<double>(width_ * width_)};
        for (std::size_t j = 0; j < width_; ++j) diagonal.at(j, j) = penalty.data[j];
        C2D_TRY(const TensorPtr ridge, glm_.constant_at(diagonal, kMeanBits));
        C2D_TRY(curvature_, backend_.add(*sum, *ridge));
        TensorPtr row;
        if (gradient != nullptr) {
            C2D_TRY(row, backend_.transpose(*gradient));
        }
        C2D_TRY(inverse_, normalised(protocol_, *curvature_, row.get(), traces_));
        C2D_CHECK(invert(protocol_, inverse_, sampled_ ? kRoughInverse : kExactInverse));
        // A mean over rows_log2 of the sample's rows, of a gradient that is one over all rows.
        const auto share = [](std::size_t rows) {
            return std::ldexp(static_cast<double>(rows), -static_cast<int>(rows_log2(rows)));
        };
        step_factor_ = share(index.size()) / share(rows_);
        exact_ = !sampled_;
        doubtful_ = true;
        if (exact_) C2D_CHECK(doubt_inverse(protocol_, inverse_, inverses_));
        return Unit{};
    }

    /// The curvature's inverse times a gradient that was scaled with it. A sample's need not be exact: neither is its
    /// factor.
    Result<TensorPtr> change_for(const TensorData& scaled) {
        if (step_factor_ == 1) return glm_.matmul_at(*inverse_.value, scaled, kWeightBits);
        C2D_TRY(const TensorPtr times, backend_.scale(scaled, std::round(std::ldexp(step_factor_, kFactorBits))));
        C2D_TRY(const TensorPtr factored, glm_.times_power_of_two(*times, -static_cast<int>(kFactorBits)));
        return glm_.matmul_at(*inverse_.value, *factored, kWeightBits);
    }
    /// Times a public number.
    Result<TensorPtr> times(const TensorData& a, double factor, unsigned bits) {
        C2D_TRY(const TensorPtr factors, glm_.constant_at(filled(a.rows, factor), kPublicBits));
        return glm_.mul_at(a, *factors, bits);
    }
    Result<TensorPtr> dot(const TensorData& a, const TensorData& b) {
        C2D_TRY(const TensorPtr row, backend_.transpose(a));
        return glm_.matmul_at(*row, b, kGainBits);
    }

    // ------------------------------------------------------------ models

    /// The likelihood is concave: a step is too long exactly where it falls at the step's end, and then halving it
    /// until it does not fall as fast as it rose ends. Where it came of a sample's curvature, whether it was short is
    /// learned with that.
    Result<bool> went_too_far(const TensorData& gradient) {
        C2D_TRY(const TensorPtr start_row, backend_.transpose(*slope_));
        C2D_TRY(const TensorPtr end_row, backend_.transpose(gradient));
        C2D_TRY(const TensorPtr rows, backend_.vconcat({start_row.get(), end_row.get()}));
        C2D_TRY(const TensorPtr both, glm_.matmul_at(*rows, *change_, kGainBits));
        C2D_TRY(const TensorPtr gain, backend_.gather(*both, {0}));
        C2D_TRY(const TensorPtr end, backend_.gather(*both, {1}));
        C2D_TRY(const TensorPtr falls, backend_.scale(*end, -kRiseUnit));
        C2D_TRY(const TensorPtr rises, backend_.scale(*gain, directions_ == 1 ? kRiseOfFirst : kRise));
        C2D_TRY(TensorPtr asked, backend_.sub(*falls, *rises));
        if (!exact_) {
            C2D_TRY(const TensorPtr least, glm_.constant_at(filled(1, gain_of(near_ ? kAtEnd : kNear)), kGainBits));
            C2D_TRY(const TensorPtr more, backend_.sub(*gain, *least));
            C2D_TRY(asked, backend_.vconcat({asked.get(), more.get()}));
        }
        C2D_CHECK(settle());
        C2D_TRY(const std::vector<bool> above, glm_.above_zero(*asked));
        if (!above[0] && !exact_ && !above[1]) nearer();
        return above[0];
    }
    /// The gain of a step is its length in standard errors, squared, once it is multiplied by the rows.
    double gain_of(double errors) const { return std::ldexp(errors * errors, -static_cast<int>(rows_log2(rows_))); }
    void nearer() {
        if (near_) sampled_ = false;
        if (!near_) take_more_rows(kNearRows);
        near_ = true;
    }
    void take_more_rows(std::size_t times) {
        sample_ *= times;
        sampled_ = sampled_ && static_cast<double>(rows_) > kSampleWorth * static_cast<double>(sample_);
    }
    Result<Unit> halve() {
        C2D_TRY(change_, times(*change_, 0.5, kWeightBits));
        C2D_TRY(weights_, backend_.sub(*weights_, *change_));
        if (directions_ > 1) take_more_rows(kMoreRows);
        return Unit{};
    }

    // ------------------------------------------------------------ checkpoints

    /// Between two steps; the curvature is made anew in each.
    LoopPoint point() const {
        return {out_.steps,
                {sample_, sampled_ ? 1u : 0u, near_ ? 1u : 0u, exact_ ? 1u : 0u, directions_},
                {weights_, change_, slope_}};
    }
    Result<Unit> go_on_from(const LoopPoint& point) {
        out_.steps = point.step;
        sample_ = point.numbers.at(0);
        sampled_ = point.numbers.at(1) != 0;
        near_ = point.numbers.at(2) != 0;
        exact_ = point.numbers.at(3) != 0;
        directions_ = point.numbers.at(4);
        weights_ = point.tensors.at(0);
        change_ = point.tensors.at(1);
        slope_ = point.tensors.at(2);
        return Unit{};
    }
    /// What is written is good: that is learned before.
    Result<Unit> say_where() {
        if (!course_.is_on()) return Unit{};
        if (doubtful_) C2D_CHECK(settle());
        return course_.between(point());
    }

    Result<Unit> newton() {
        const std::size_t first = out_.steps;
        while (!out_.converged && out_.steps < options_.steps_max) {
            if (out_.steps != first) C2D_CHECK(say_where());
            ++out_.steps;
            C2D_TRY(const TensorPtr mean, predicted());
            C2D_TRY(const TensorPtr slope, gradient(*mean));
            if (change_) {
                C2D_TRY(const bool too_far, went_too_far(*slope));
                if (too_far) {
                    C2D_CHECK(halve());
                    continue;
                }
            }
            C2D_CHECK(curvature(mean.get(), slope.get()));
            C2D_TRY(const TensorPtr scaled, backend_.transpose(*inverse_.rows));
            C2D_TRY(change_, change_for(*scaled));
            C2D_TRY(weights_, backend_.add(*weights_, *change_));
            slope_ = slope;
            ++directions_;
            if (exact_) C2D_CHECK(look_at_gain());
        }
        return Unit{};
    }
    Result<Unit> look_at_gain() {
        C2D_CHECK(settle());
        C2D_TRY(const TensorPtr least, glm_.constant_at(filled(1, gain_of(last_step_)), kGainBits));
        C2D_TRY(const TensorPtr gain, dot(*slope_, *change_));
        C2D_TRY(const TensorPtr more, backend_.sub(*gain, *least));
        C2D_TRY(const std::vector<bool> goes_on, glm_.above_zero(*more));
        out_.converged = !goes_on[0];
        return Unit{};
    }

    Result<Unit> least_squares() {
        sampled_ = false;
        C2D_CHECK(curvature(nullptr, nullptr));
        C2D_CHECK(settle());
        C2D_TRY(const TensorPtr power, backend_.broadcast(*inverse_.power, width_, 1));
        for (; out_.steps < kLinearSteps; ++out_.steps) {
            C2D_TRY(const TensorPtr mean, predicted());
            C2D_TRY(const TensorPtr slope, gradient(*mean));
            C2D_TRY(const TensorPtr scaled, glm_.mul_at(*slope, *power, kMeanBits));
            C2D_TRY(change_, change_for(*scaled));
            C2D_TRY(weights_, backend_.add(*weights_, *change_));
        }
        out_.converged = true;
        return Unit{};
    }
    Result<TensorPtr> predicted() {
        if (first_mean_) return std::exchange(first_mean_, nullptr);
        if (logistic_) doubtful_ = true;
        return glm_.predict(*design_, *weights_, options_.offset.data(),
                            logistic_ ? LinkFunction::logistic : LinkFunction::identity, logits_);
    }

    // ------------------------------------------------------------ statistics

    /// The curvature must be that of all rows.
    Result<Unit> reveal_statistics() {
        if (!exact_ || !inverse_.value) {
            sampled_ = false;
            C2D_TRY(const TensorPtr mean, predicted());
            C2D_CHECK(curvature(mean.get(), nullptr));
            C2D_CHECK(settle());
        }
        C2D_TRY(const TensorPtr diagonal, glm_.diagonal(*inverse_.value));
        C2D_TRY(const TensorPtr power, backend_.broadcast(*inverse_.power, width_, 1));
        C2D_TRY(const TensorPtr products, glm_.mul_at(*diagonal, *power, kVarianceProductBits));
        C2D_TRY(const TensorPtr variances, glm_.rounded(*products, kVarianceBits));
        C2D_TRY(const auto opened_weights, backend_.reveal(*model_, options_.statistics_to));
        C2D_TRY(const auto opened_variances, backend_.reveal(*variances, options_.statistics_to));
        std::optional<Matrix> squares;
        if (!logistic_) {
            C2D_TRY(squares, squared_residuals());
        }
        if (!opened_weights || !opened_variances) return Unit{};
        const double freedom = static_cast<double>(rows_ - width_);
        out_.statistics = statistics_of(opened_weights->data, opened_variances->data, rows_,
                                        squares ? squares->data[0] / freedom : 0);
        return Unit{};
    }
    Result<std::optional<Matrix>> squared_residuals() {
        C2D_TRY(const TensorPtr mean, predicted());
        C2D_TRY(const TensorPtr error, backend_.sub(y_, *mean));
        C2D_TRY(TensorPtr squares, glm_.mul_at(*error, *error, kResidualBits));
        if (options_.sample_weight) {
            C2D_TRY(squares, glm_.mul_at(*squares, *options_.sample_weight.data(), kResidualBits));
        }
        C2D_TRY(const TensorPtr sum, backend_.sum(*squares, Sum::all));
        C2D_TRY(const TensorPtr opened, glm_.rounded(*sum, kSquareBits));
        return backend_.reveal(*opened, options_.statistics_to);
    }
    /// Those of an inverse (21) and of the power (18), and what is opened: coefficients, variances, sums of squares.
    static constexpr unsigned kVarianceProductBits = 39, kModelBits = 20, kVarianceBits = 34, kSquareBits = 12;

    Protocol& protocol_;
    LoopCourse& course_;
    Backend& backend_;
    Glm& glm_;
    const TensorData& y_;
    const RegressionOptions& options_;
    std::size_t rows_, width_;
    double ridge_, weight_max_;
    bool logistic_;
    Sampler sampler_;
    std::size_t sample_;
    bool sampled_, near_ = false;
    double last_step_;
    std::unique_ptr<Glm::Design> design_;
    /// What is predicted at the start, where nothing need be computed for it.
    TensorPtr first_mean_;
    /// A curvature and its inverse.
    TensorPtr curvature_;
    Inverse inverse_;
    /// What all will learn that none of it is so; whether there is something.
    Doubts traces_, logits_, inverses_;
    bool doubtful_ = false;
    /// Whether it is of all rows.
    bool exact_ = false;
    double step_factor_ = 1;
    /// The last step, and the gradient at its start. How many directions were taken: a halved step is no new one.
    TensorPtr weights_, change_, slope_;
    std::size_t directions_ = 0;
    /// The weights as they are opened or go on.
    TensorPtr model_;
    Regression out_;
};

}  // namespace

Result<Regression> fit(Protocol& protocol, const TensorData& x, const TensorData& y, const RegressionOptions& options,
                       Model model, LoopCourse& course) {
    return Fit(protocol, x, y, options, model, course).run(x);
}

}  // namespace c2d::mpc::ml
