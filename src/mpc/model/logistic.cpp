#include "mpc/model/logistic.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/model/sampling.hpp"

#include <algorithm>
#include <utility>

namespace c2d::mpc {
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
/// away. `settle` takes the byte that is still on its way, before H reads anything else from B.
class Pace {
public:
    explicit Pace(Engine& engine) : engine_(engine) {}

    Result<Unit> step(std::size_t iteration) {
        if (iteration % kCreditEvery != 0) return Unit{};
        C2D_CHECK(settle());
        on_its_way_ = true;
        const std::uint8_t credit = 0;
        return engine_.is_b() ? engine_.post(2, BytesView(&credit, 1)) : Result<Unit>(Unit{});
    }
    Result<Unit> settle() {
        std::uint8_t credit = 0;
        if (std::exchange(on_its_way_, false) && engine_.is_helper())
            return engine_.take(1, {&credit, 1});
        return Unit{};
    }

private:
    Engine& engine_;
    bool on_its_way_ = false;
};

/// Iterations [first, last). Nothing when a logit left the domain of `steps`.
Result<std::optional<Shares>> run(Engine& engine, TrainingSteps& steps, Sampler& sampler,
                                  std::size_t first, std::size_t last, std::size_t rows,
                                  std::size_t batch_size, const Shares& w) {
    C2D_CHECK(steps.begin(w));
    Pace pace(engine);
    std::vector<std::uint32_t> batch(batch_size), next(batch_size);
    sampler.batch(first, rows, next);
    for (std::size_t i = first; i < last; ++i) {
        std::swap(batch, next);
        sampler.batch(i + 1, rows, next);
        C2D_CHECK(pace.step(i - first));
        C2D_CHECK(steps.step(batch, next));
    }
    C2D_CHECK(pace.settle());
    C2D_TRY(const bool good, steps.in_domain());
    if (!good) return std::optional<Shares>{};
    C2D_TRY(Shares out, steps.weights());
    return std::optional<Shares>(std::move(out));
}

}  // namespace

Result<Shares> train(Engine& engine, const Shares& x, const Shares& y, std::size_t rows,
                     const TrainOptions& options, const AtCheck& at_check) {
    Sampler sampler(options.seed);
    LinearProducts products(engine.role(), x, 0, rows);
    std::unique_ptr<TrainingSteps> steps;
    if (!options.precise) steps = narrow_steps(engine, products, y, options.lr);
    bool narrow = steps != nullptr;
    if (!narrow) steps = wide_steps(engine, products, y, options.lr);

    Shares w = starting_weights(engine, options.seed, x.cols);
    std::size_t checked = options.iterations;  // the last iteration at which `at_check` was called
    for (std::size_t i = 0; i < options.iterations;) {
        if (i % options.evaluate_every == 0 && std::exchange(checked, i) != i) {
            C2D_TRY(const bool go_on, at_check(i, w));
            if (!go_on) return fail(Status::CANCELLED, "the progress callback ended the training");
        }
        const std::size_t to_check = options.evaluate_every - i % options.evaluate_every;
        const std::size_t last = i + std::min({to_check, kSegmentMax, options.iterations - i});
        C2D_TRY(auto next, run(engine, *steps, sampler, i, last, rows, options.batch_size, w));
        if (next) {
            w = *std::move(next);
            i = last;
        } else if (std::exchange(narrow, false)) {
            // These iterations again, and all further ones, with the schedule that takes more.
            steps = wide_steps(engine, products, y, options.lr);
        } else {
            return fail(
                Status::DOMAIN,
                "a logit left the domain of {} in iterations {} to {} (training diverges: are "
                "the columns standardised, and is the rate low enough for a sum over the "
                "batch?)",
                kLogitMax, i, last - 1);
        }
    }
    return w;
}

Result<Shares> score(Engine& engine, LinearProducts& x, const Shares& weights) {
    Words z(x.rows());
    x.forward(nullptr, weights.p, weights.q, z);
    return engine.finish_truncated(std::move(z), kLogitBits - kFractionBits, x.rows(), 1);
}

}  // namespace c2d::mpc
