#include "mpc/rep3/ml/training.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/sampling.hpp"

#include <algorithm>
#include <utility>

namespace c2d::mpc::rep3 {
namespace {

/// How far H may run ahead of A and B, in iterations: bounds what they must buffer.
constexpr std::size_t kCreditEvery = 8;
/// Iterations between two looks at the domain, at most: bounds what the parties must remember.
constexpr std::size_t kSegmentMax = 4096;

Shares starting_weights(const Engine& engine, std::uint64_t seed, std::size_t d) {
    const std::vector<std::int64_t> start = Sampler::weights(seed, d);
    Words values(start.begin(), start.end());
    values.push_back(0);
    return engine.constant(values.data(), d + 1, 1);
}

/// B tells H now and then how far it is, by a byte that means nothing else, so that H does not run
/// away. `receive_pending` takes the byte that is still on its way, before H reads anything else from B.
class HelperPacing {
public:
    HelperPacing(Engine& engine, SgdSchedule& schedule) : engine_(engine), schedule_(schedule) {}

    Result<Unit> step(std::size_t iteration) {
        if (iteration % kCreditEvery != 0) return Unit{};
        C2D_CHECK(receive_pending());
        on_its_way_ = true;
        const std::uint8_t credit = 0;
        return engine_.is_b() ? engine_.send_buffered(2, BytesView(&credit, 1)) : Result<Unit>(Unit{});
    }
    Result<Unit> receive_pending() {
        std::uint8_t credit = 0;
        C2D_CHECK(schedule_.drain());
        if (std::exchange(on_its_way_, false) && engine_.is_helper()) return engine_.receive(1, {&credit, 1});
        return Unit{};
    }

private:
    Engine& engine_;
    SgdSchedule& schedule_;
    bool on_its_way_ = false;
};

/// Iterations [first, last). Nothing when a logit left the domain of `schedule`.
Result<std::optional<Shares>> run(Engine& engine, SgdSchedule& schedule, Sampler& sampler, std::size_t first,
                                  std::size_t last, std::size_t rows, std::size_t batch_size, const Shares& w) {
    C2D_CHECK(schedule.begin(w, first, last));
    HelperPacing pacing(engine, schedule);
    std::vector<std::uint32_t> batch(batch_size), next(batch_size);
    sampler.batch(first, rows, next);
    for (std::size_t i = first; i < last; ++i) {
        std::swap(batch, next);
        sampler.batch(i + 1, rows, next);
        if (!schedule.helper_listens()) C2D_CHECK(pacing.step(i - first));
        C2D_CHECK(schedule.step(batch, next));
    }
    C2D_CHECK(pacing.receive_pending());
    C2D_TRY(const bool good, schedule.in_domain());
    if (!good) return std::optional<Shares>{};
    C2D_TRY(Shares out, schedule.weights());
    return std::optional<Shares>(std::move(out));
}

/// Makes the schedule of a model at a rate, and falls back from three rounds (or two) to five.
class ScheduleChoice {
public:
    ScheduleChoice(Engine& engine, LinearProducts& x, const Shares& y, const TrainOptions& options, Model model,
                   Sampler& sampler, const Blocks& features, double magnitude)
        : engine_(engine),
          x_(x),
          y_(y),
          options_(options),
          model_(model),
          batches_{&sampler, x.rows(), options.batch_size},
          features_(features),
          piece_(gradient_piece(magnitude)),
          // Weights of the fast schedules are known modulo a power of two only: no multiple of them can be
          // added to a gradient, so a penalty needs the precise one.
          fast_(model == Model::logistic && !options.precise && options.l2 == 0) {}

    Result<Unit> set_rate(double lr) {
        lr_ = lr;
        schedule_.reset();
        if (fast_ && options_.wide_area) {
            C2D_CHECK(make_coarse());
            schedule_ = logistic_2_rounds(engine_, *coarse_, y_, lr, batches_);
        }
        if (fast_ && !schedule_) schedule_ = logistic_3_rounds(engine_, x_, y_, lr);
        on_fast_ = schedule_ != nullptr;
        if (on_fast_) return Unit{};
        const GradientOptions gradient{options_.l2, options_.seed, piece_};
        schedule_ = model_ == Model::linear ? linear_4_rounds(engine_, x_, y_, lr, gradient)
                                            : logistic_5_rounds(engine_, x_, y_, lr, gradient);
        return Unit{};
    }
    SgdSchedule& schedule() { return *schedule_; }
    /// Of a model that was left with the precise schedule; before `set_rate`.
    void stay_slow() { fast_ = false; }
    bool is_slow() const { return !fast_; }
    /// Takes the precise schedule from here on; false where that was in use.
    Result<bool> fall_back() {
        if (!on_fast_) return false;
        fast_ = false;
        C2D_CHECK(set_rate(lr_));
        return true;
    }
    /// What a party must remember until the next check bounds how far away that may be.
    std::size_t segment_max() const { return model_ == Model::linear ? 64 : kSegmentMax; }

private:
    /// The features of all rows that train with fewer fractional bits: one truncation, kept.
    Result<Unit> make_coarse() {
        if (coarse_) return Unit{};
        Words summands = summands_of(engine_.role(), joined(features_));
        summands.resize(batches_.rows * cols_of(features_));
        C2D_TRY(Shares coarse, engine_.reshare_truncated(std::move(summands), kFractionBits - kCoarseFeatureBits,
                                                         batches_.rows, cols_of(features_)));
        coarse_.emplace(engine_.role(), blocks_of(Owner::nobody, std::move(coarse)), 0, batches_.rows,
                        kCoarseFeatureBits);
        return Unit{};
    }

    Engine& engine_;
    LinearProducts& x_;
    const Shares& y_;
    const TrainOptions& options_;
    Model model_;
    Batches batches_;
    const Blocks& features_;
    std::size_t piece_;
    std::optional<LinearProducts> coarse_;
    bool fast_, on_fast_ = false;
    double lr_ = 0;
    std::unique_ptr<SgdSchedule> schedule_;
};

Error left_domain(Model model, std::size_t first, std::size_t last, double lr) {
    const std::string cause = fmt::format(
        "training diverges: are the columns standardised, and is the rate low enough for a sum over the batch? try lr "
        "{:.2g}, or l2",
        lr / 10);
    if (model == Model::linear)
        return fail(Status::DOMAIN, "a residual left the domain of {} in iterations {} to {} ({})", kResidualMax, first,
                    last, cause);
    return fail(Status::DOMAIN, "a logit left the domain of {} in iterations {} to {} ({})", kLogitMax, first, last,
                cause);
}

}  // namespace

Result<Shares> train(Engine& engine, const Blocks& x, const Shares& y, std::size_t rows, const TrainOptions& options,
                     const AtCheck& at_check, Model model, double magnitude, const Course& course) {
    const bool stands = options.lr == 0;
    Sampler sampler(options.seed);
    LinearProducts products(engine.role(), x, 0, rows);
    ScheduleChoice choice(engine, products, y, options, model, sampler, x, magnitude);
    if (course.fell_back) choice.stay_slow();
    if (!stands) C2D_CHECK(choice.set_rate(rate_at(options, course.iteration)));

    Shares w = course.weights ? *course.weights : starting_weights(engine, options.seed, cols_of(x));
    const std::size_t stage = options.lr_decay_every == 0 ? options.iterations : options.lr_decay_every;
    // The last iteration at which `at_check` was called.
    std::size_t checked = course.weights ? course.iteration : options.iterations;
    for (std::size_t i = course.iteration, looked = i; i < options.iterations;) {
        if (i % options.evaluate_every == 0 && std::exchange(checked, i) != i) {
            C2D_TRY(const bool go_on, at_check(i, w));
            if (!go_on) return training_cancelled();
        }
        const std::size_t to_check = options.evaluate_every - i % options.evaluate_every;
        if (course.between && std::exchange(looked, i) != i) C2D_CHECK(course.between(i, choice.is_slow(), w));
        const std::size_t segment_max = course.segment_max
                                            ? std::min<std::uint64_t>(choice.segment_max(), course.segment_max())
                                            : choice.segment_max();
        const std::size_t last = i + std::min({to_check, segment_max, stage - i % stage, options.iterations - i});
        if (stands) {
            i = last;
            continue;
        }
        C2D_TRY(auto next, run(engine, choice.schedule(), sampler, i, last, rows, options.batch_size, w));
        if (!next) {
            // These iterations again, and all further ones, with the schedule that takes more.
            C2D_TRY(const bool fell_back, choice.fall_back());
            if (!fell_back) return left_domain(model, i, last - 1, options.lr);
            continue;
        }
        w = *std::move(next);
        i = last;
        if (i % stage == 0 && i < options.iterations) C2D_CHECK(choice.set_rate(rate_at(options, i)));
    }
    if (evaluates_at_end(options)) {
        C2D_TRY(const bool go_on, at_check(options.iterations, w));
        if (!go_on) return training_cancelled();
    }
    return w;
}

Result<Shares> score(Engine& engine, LinearProducts& x, const Shares& weights) {
    Words z(x.rows());
    x.forward(nullptr, weights.p, weights.q, z);
    return engine.reshare_truncated(std::move(z), kLogitBits - kFractionBits, x.rows(), 1);
}

}  // namespace c2d::mpc::rep3
