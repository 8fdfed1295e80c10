/// What a model says of rows.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/local/computation.hpp"

#include <cmath>

namespace c2d::mpc {
namespace {

constexpr double kPointsMax = 0x1p20;

std::vector<std::size_t> first_of(std::size_t count) {
    std::vector<std::size_t> out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = i;
    return out;
}

}  // namespace

/// offset + factor * sum, exactly but for the rounding of the factor to 16 bits, and then rounded.
Result<TensorPtr> LocalComputation::points_of(const TensorData& sums, double offset, double factor) {
    Backend& backend = *protocol_->backend;
    if (!(std::fabs(offset) <= kPointsMax && std::fabs(factor) <= kPointsMax))
        return fail(Status::INVALID_ARGUMENT, "score: points must stay within +-2^20");
    C2D_TRY(const TensorPtr scaled, backend.scale(sums, factor));
    C2D_TRY(const TensorPtr one, backend.constant({1, 1, {offset}}));
    C2D_TRY(const TensorPtr all, backend.broadcast(*one, sums.rows, 1));
    C2D_TRY(const TensorPtr points, backend.add(*scaled, *all));
    return backend.round(*points);
}

Result<Reply> LocalComputation::score(const Call& call, const TrainProgress&) {
    const TensorData &features = *call.tensors[0].data(), &model = *call.tensors[1].data();
    if (model.cols != 1 || model.rows != features.cols + 1)
        return fail(Status::INVALID_ARGUMENT,
                    "score: a model of {} columns is {} x 1, weights and then the bias; found {} x {}", features.cols,
                    features.cols + 1, model.rows, model.cols);
    if (!(features.bound > 0 && features.bound <= kFeatureMax))
        return fail(Status::INVALID_ARGUMENT, "score: features must be inputs of magnitude at most {}", kFeatureMax);
    Backend& backend = *protocol_->backend;
    C2D_TRY(const TensorPtr weights, backend.gather(model, first_of(features.cols)));
    C2D_TRY(const TensorPtr bias, backend.gather(model, {features.cols}));
    C2D_TRY(const TensorPtr products, backend.matmul(features, *weights));
    C2D_TRY(const TensorPtr biases, backend.broadcast(*bias, features.rows, 1));
    C2D_TRY(TensorPtr sums, backend.add(*products, *biases));
    switch (static_cast<ScoreKind>(call.integers[0])) {
        case ScoreKind::logit: return made(call, std::move(sums));
        case ScoreKind::points: return made(call, points_of(*sums, call.reals[0], call.reals[1]));
        case ScoreKind::probability: {
            guard_.count("domain");
            return made(call, backend.sigmoid(*sums, SigmoidKind::series));
        }
    }
    return fail(Status::INVALID_ARGUMENT, "score: there is no kind {}", call.integers[0]);
}

}  // namespace c2d::mpc
