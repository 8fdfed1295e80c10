/// What a model says of rows.

#include "base/fail.hpp"
#include "base/opening_rules.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/local/computation.hpp"
#include "mpc/ml/reasons.hpp"

#include <algorithm>
#include <cmath>

namespace c2d::mpc {
namespace {

constexpr double kPointsMax = 0x1p20;
/// Characteristics that are told apart.
constexpr std::size_t kCharacteristicsMax = std::size_t{1} << 14;

std::vector<std::size_t> first_of(std::size_t count) {
    std::vector<std::size_t> out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = i;
    return out;
}

Result<Unit> check_features(const Call& call) {
    const TensorData &features = *call.tensors[0].data(), &model = *call.tensors[1].data();
    const std::string_view name = signature_of(call.operation).name;
    if (model.cols != 1 || model.rows != features.cols + 1)
        return fail(Status::INVALID_ARGUMENT,
                    "{}: a model of {} columns is {} x 1, weights and then the bias; found {} x {}", name,
                    features.cols, features.cols + 1, model.rows, model.cols);
    if (!(features.bound > 0 && features.bound <= kFeatureMax))
        return fail(Status::INVALID_ARGUMENT, "{}: features must be inputs of magnitude at most {}", name, kFeatureMax);
    return Unit{};
}

/// How many columns each characteristic has.
Result<std::vector<std::size_t>> characteristics_of(const Call& call) {
    std::vector<std::size_t> out(call.integers.begin(), call.integers.end());
    const std::size_t columns = call.tensors[0].cols();
    if (out.empty()) out.assign(columns, 1);
    std::size_t left = columns;
    const auto fits = [&left](std::size_t count) {
        const bool good = count > 0 && count <= left;
        left -= good ? count : 0;
        return good;
    };
    if (!std::ranges::all_of(out, fits) || left != 0)
        return fail(Status::INVALID_ARGUMENT,
                    "contributions: the columns of all characteristics must be the {} there are", columns);
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
    C2D_CHECK(check_features(call));
    const TensorData &features = *call.tensors[0].data(), &model = *call.tensors[1].data();
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

Result<Reply> LocalComputation::contributions(const Call& call, const TrainProgress&) {
    C2D_CHECK(check_features(call));
    C2D_TRY(const std::vector<std::size_t> columns, characteristics_of(call));
    const TensorData &features = *call.tensors[0].data(), &model = *call.tensors[1].data();
    Backend& backend = *protocol_->backend;
    C2D_TRY(const TensorPtr weights, backend.gather(model, first_of(features.cols)));
    C2D_TRY(const TensorPtr lying, backend.transpose(*weights));
    C2D_TRY(const TensorPtr factors, backend.broadcast(*lying, features.rows, features.cols));
    C2D_TRY(TensorPtr products, backend.mul(features, *factors));
    if (columns.size() == features.cols) return made(call, std::move(products));
    return made(call, ml::sums_of_columns(backend, *products, columns));
}

Result<Reply> LocalComputation::reason_codes(const Call& call, const TrainProgress&) {
    const TensorData &own = *call.tensors[0].data(), &baseline = *call.tensors[1].data();
    const std::size_t count = call.integers[0];
    if (count == 0 || count > kReasonCodesMax)
        return fail(Status::INVALID_ARGUMENT, "reason_codes: 1 to {} of a row, found {}", kReasonCodesMax, count);
    if (own.cols > kCharacteristicsMax || baseline.cols != own.cols)
        return fail(Status::INVALID_ARGUMENT,
                    "reason_codes: contributions and a baseline of as many columns, at most {}; found {} and {}",
                    kCharacteristicsMax, own.cols, baseline.cols);
    const TensorData* const shares = call.tensors.size() > 2 ? call.tensors[2].data() : nullptr;
    if (shares && (shares->rows != baseline.rows || shares->cols != baseline.cols))
        return fail(Status::INVALID_ARGUMENT, "reason_codes: a baseline of {} x {} and shares of {} x {}",
                    baseline.rows, baseline.cols, shares->rows, shares->cols);
    C2D_CHECK(guard_.admit_reasons(count));
    Backend& backend = *protocol_->backend;
    TensorPtr base;
    if (shares) {
        C2D_TRY(const TensorPtr products, backend.mul(baseline, *shares));
        C2D_TRY(base, backend.sum(*products, Sum::each_column));
    } else {
        C2D_TRY(base, ml::least_of_columns(backend, baseline));
    }
    return made(call, ml::largest_above(backend, own, *base, count));
}

}  // namespace c2d::mpc
