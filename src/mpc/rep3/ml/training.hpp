/// Regression on shares: segments of iterations between checks, for every model alike.
///
/// Logistic: a segment runs on the three-round schedule and, once a logit was too large for that, this one
/// again and all others on the five-round one (see sgd_schedule.hpp). Gradients are summed in pieces of rows
/// that stay below 2^61 (`gradient_piece`); the fast schedules need none, since they know weights modulo a power of
/// two only. Linear: four rounds, one schedule.
#pragma once

#include "mpc/core/learning.hpp"
#include "mpc/rep3/ml/sgd_schedule.hpp"

namespace c2d::mpc::rep3 {

/// Called before each `evaluate_every`-th iteration and after the last (`evaluates_at_end`), when the logits of all
/// before were in the domain; false ends with `cancelled`. `weights` is (d+1) x 1 at 2^24, before the iteration's
/// update.
using AtCheck = std::function<Result<bool>(std::size_t iteration, const Shares& weights)>;

/// Where a training begins that an earlier attempt left, and who hears where it stands between segments.
struct Course {
    /// As far as all is done, with what `AtCheck` does there.
    std::size_t iteration = 0;
    /// A logit was too large for the fast schedule before.
    bool fell_back = false;
    std::optional<Shares> weights = {};
    /// Iterations of a segment, at most; called before each.
    std::function<std::uint64_t()> segment_max = {};
    std::function<Result<Unit>(std::size_t iteration, bool fell_back, const Shares& weights)> between = {};
};

/// Trains on rows 0 to `rows`-1 of x (n x d at 2^16, up to `magnitude`) with labels y (n x 1; logistic: integers,
/// linear: at 2^16). Returns (d+1) x 1 at 2^24. Fails with `domain` when a logit of any batch left
/// +-256..384, or a residual left +-kResidualMax.
Result<Shares> train(Engine& engine, const Blocks& x, const Shares& y, std::size_t rows, const TrainOptions& options,
                     const AtCheck& at_check, Model model = Model::logistic, double magnitude = kInputMax,
                     const Course& course = {});

/// Scores x w + b of all rows of `x`, at 2^16.
Result<Shares> score(Engine& engine, LinearProducts& x, const Shares& weights);

}  // namespace c2d::mpc::rep3
