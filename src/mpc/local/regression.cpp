/// Regression: what a fit takes, before the algorithm runs.

#include "mpc/ml/regression.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/guard/derive.hpp"
#include "mpc/local/computation.hpp"

#include <algorithm>

namespace c2d::mpc {
namespace {

/// An inverse takes as many products of this size squared as a step has rounds.
constexpr std::size_t kColumnsMax = 1024;
constexpr std::size_t kRowsMax = std::size_t{1} << 24;
constexpr double kSampleWeightMax = 64;

Result<Unit> check_column(std::string_view name, const Tensor& column, std::size_t rows, double bound_max) {
    if (!column) return Unit{};
    const double bound = column.data()->bound;
    if (column.rows() == rows && column.cols() == 1 && bound > 0 && bound <= bound_max) return Unit{};
    return fail(Status::INVALID_ARGUMENT,
                "{} must be {} x 1, from input with a magnitude_max of at most {}; found {} x {} up to {}", name, rows,
                bound_max, column.rows(), column.cols(), bound);
}

Result<Unit> check_options(const RegressionOptions& options) {
    const double ridge = options.ridge.value_or(0);
    if (!(ridge >= 0 && ridge <= 1)) return fail(Status::INVALID_ARGUMENT, "ridge must lie in 0 to 1, found {}", ridge);
    if (!(options.tolerance >= 0x1p-6 && options.tolerance <= 1))
        return fail(Status::INVALID_ARGUMENT, "tolerance must lie in 2^-6 to 1, found {}", options.tolerance);
    if (options.steps_max == 0 || options.steps_max > 100)
        return fail(Status::INVALID_ARGUMENT, "steps_max must lie in 1 to 100, found {}", options.steps_max);
    for (const unsigned party : options.statistics_to)
        if (party >= kParties) return fail(Status::INVALID_ARGUMENT, "statistics_to: there is no party {}", party);
    return Unit{};
}

Result<Unit> check_fit(const Tensor& features, const RegressionOptions& options) {
    const double bound = features.data()->bound;
    if (!(bound > 0 && bound <= kFeatureMax))
        return fail(Status::INVALID_ARGUMENT, "features must be inputs of magnitude at most {}", kFeatureMax);
    if (features.cols() > kColumnsMax || features.rows() > kRowsMax)
        return fail(Status::LIMIT, "a regression takes at most {} columns and {} rows, found {} and {}", kColumnsMax,
                    kRowsMax, features.cols(), features.rows());
    if (features.rows() < features.cols() + 2)
        return fail(Status::INVALID_ARGUMENT, "a regression of {} columns needs {} rows or more, found {}",
                    features.cols(), features.cols() + 2, features.rows());
    C2D_CHECK(check_column("sample_weight", options.sample_weight, features.rows(), kSampleWeightMax));
    C2D_CHECK(check_column("offset", options.offset, features.rows(), kInputMax));
    return check_options(options);
}

}  // namespace

/// Statistics tell of the rows what the model does; nobody learns either unless that may be opened.
Result<Reply> LocalComputation::fit(const Call& call, const RegressionOptions& options, Model model) {
    const Tensor& features = call.tensors[0];
    C2D_CHECK(check_fit(features, options));
    TensorData shape;
    shape.rows = features.cols() + 1;
    shape.cols = 1;
    const Provenance weights = derive(call, shape, guard_.rules().rows);
    if (guard_.guards() && weights.is_result())
        C2D_CHECK(guard_.admit_weighting(features.data()->provenance, options.sample_weight));
    if (!options.statistics_to.empty() && weights.is_result()) C2D_CHECK(guard_.open(weights.needs, weights.kind));
    if (!options.statistics_to.empty() && !weights.is_result())
        C2D_CHECK(guard_.open_any("a regression: these features and targets are not of the same rows, each once"));
    if (options.statistics_to.empty()) C2D_CHECK(admit_bits(weights, "a regression"));
    if (known()) return known_model(weights);
    guard_.set_repeating(Guard::Repeats::nothing);
    auto found = ml::fit(*protocol_, *features.data(), *call.tensors[1].data(), options, model, *checkpoints_);
    // Two bits a step, and those of its passes; one of weights or of classes. What a checkpoint holds is good: one
    // more.
    const std::size_t of_step = checkpoints_->is_on() ? 4 : 3;
    guard_.count("domain", 2 + of_step * (found ? found->steps : options.steps_max));
    if (!found) return std::move(found).error();
    const auto made_weights = std::const_pointer_cast<TensorData>(found->weights.shared());
    made_weights->provenance = weights;
    return fit_reply(*std::move(found));
}

Result<Reply> LocalComputation::fit_logistic(const Call& call, const TrainProgress&) {
    const Tensor &features = call.tensors[0], &labels = call.tensors[1];
    C2D_TRY(const RegressionOptions options, fit_options_of(call));
    if (!labels.data()->is_labels || labels.rows() != features.rows())
        return fail(Status::INVALID_ARGUMENT, "fit_logistic needs {} labels from input_labels, found {}",
                    features.rows(), labels.rows());
    return fit(call, options, Model::logistic);
}

Result<Reply> LocalComputation::fit_linear(const Call& call, const TrainProgress&) {
    C2D_TRY(const RegressionOptions options, fit_options_of(call));
    C2D_CHECK(check_column("targets", call.tensors[1], call.tensors[0].rows(), kInputMax));
    return fit(call, options, Model::linear);
}

}  // namespace c2d::mpc
