/// Models: what training, standardising and an AUC take, before the protocol's own algorithm runs.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/sampling.hpp"
#include "mpc/guard/derive.hpp"
#include "mpc/local/computation.hpp"

#include <algorithm>
#include <numeric>

namespace c2d::mpc {
namespace {

/// What every model asks of features and options.
Result<Unit> check_training(const Tensor& features, const TrainOptions& options) {
    const double bound = features.data()->bound;
    if (!(bound > 0 && bound <= kFeatureMax))
        return fail(Status::INVALID_ARGUMENT, "features must be inputs of magnitude at most {}", kFeatureMax);
    if (options.split > features.rows())
        return fail(Status::INVALID_ARGUMENT, "split {} is more than {} rows (0: train on all)", options.split,
                    features.rows());
    if (options.batch_size == 0 || options.batch_size > kBatchRowsMax)
        return fail(Status::INVALID_ARGUMENT, "batch_size must lie in 1 to {}, found {}", kBatchRowsMax,
                    options.batch_size);
    if (options.iterations == 0) return fail(Status::INVALID_ARGUMENT, "iterations must be 1 or more, found 0");
    if (options.evaluate_every == 0) return fail(Status::INVALID_ARGUMENT, "evaluate_every must be 1 or more, found 0");
    if (!(options.lr_decay > 0 && options.lr_decay <= 1))
        return fail(Status::INVALID_ARGUMENT, "lr_decay must lie in (0, 1], found {}", options.lr_decay);
    const double last_rate = rate_at(options, options.iterations - 1);
    if (options.lr != 0 && !(last_rate >= 0x1p-24 && options.lr <= 1))
        return fail(Status::INVALID_ARGUMENT, "lr must be 0 or lie in 2^-24 to 1, found {} falling to {}", options.lr,
                    last_rate);
    if (!(options.l2 >= 0 && options.l2 <= 256))
        return fail(Status::INVALID_ARGUMENT, "l2 must lie in 0 to 256, found {}", options.l2);
    if (options.auc_to >= kParties)
        return fail(Status::INVALID_ARGUMENT, "auc_to: there is no party {}", options.auc_to);
    return Unit{};
}

/// The first of them, or all.
Provenance trained_rows(const Tensor& features, std::size_t split) {
    std::vector<std::uint64_t> index(split == 0 ? features.rows() : split);
    std::iota(index.begin(), index.end(), std::uint64_t{0});
    return provenance_of_rows(features.data()->provenance, index);
}

}  // namespace

TrainProgress LocalComputation::measured(const TrainProgress& progress, bool evaluates) {
    rate_ = 0;
    const auto start = std::chrono::steady_clock::now();
    const std::size_t first = known_ ? known_->step : 0;
    return [this, start, first, progress, evaluates](std::size_t iteration, std::optional<double> auc) {
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        if (iteration > first) rate_ = static_cast<double>(iteration - first) / time.count();
        if (evaluates) guard_.count("auc");
        if (checkpoints_->is_on()) checkpoints_->now().evaluations.push_back({iteration, auc});
        return !progress || progress(iteration, auc);
    };
}

bool LocalComputation::tell_again(const TrainProgress& progress) {
    if (!known_ || !progress) return true;
    const auto evaluations = known_->evaluations;
    return std::ranges::all_of(evaluations, [&](const auto& one) { return progress(one.iteration, one.auc); });
}

/// An AUC takes how many rows are positive: where their owner does not know that, it is told.
void LocalComputation::count_positives(const TensorData& labels) {
    if (labels.rows_unknown) guard_.count("count");
}

Result<Unit> LocalComputation::admit_evaluation(const Call& call, const Provenance& model) {
    const Tensor &features = call.tensors[0], &labels = call.tensors[1];
    std::vector<std::uint64_t> index;
    for (std::size_t row = call.integers[1]; row < features.rows(); ++row) index.push_back(row);
    C2D_TRY(const Tensor tested, make({Operation::rows, {labels}, index}));
    auto needs = needs_of_auc(provenance_of_rows(features.data()->provenance, index), tested);
    if (!needs || !model.is_result())
        return guard_.open_any("train_logistic: no AUC can be told of these features, labels and batches");
    needs->add(model.needs);
    return guard_.admit(*needs);
}

Result<Reply> LocalComputation::train(const Call& call, const TrainProgress& progress, Model model) {
    const TrainOptions options = train_options_of(call);
    const Tensor& features = call.tensors[0];
    C2D_CHECK(check_training(features, options));
    const bool evaluates = model == Model::logistic && options.split != 0;
    TensorData shape;
    shape.rows = features.cols() + 1;
    shape.cols = 1;
    const Provenance weights = derive(call, shape, guard_.rules().rows);
    if (guard_.guards() && weights.is_result())
        C2D_CHECK(guard_.admit_weighting(trained_rows(features, options.split), {}));
    C2D_CHECK(evaluates ? admit_evaluation(call, weights) : admit_bits(weights, "training"));
    guard_.count("domain");
    if (evaluates) count_positives(*call.tensors[1].data());
    if (!tell_again(progress)) {
        link_->leave(training_cancelled());
        return training_cancelled();
    }
    if (known()) return known_model(weights);
    // What is opened from here on is new.
    guard_.set_repeating(Guard::Repeats::nothing);
    auto out = protocol_->learning->train(*features.data(), *call.tensors[1].data(), options,
                                          measured(progress, evaluates), model, *checkpoints_);
    // Who ends a training early must not keep the others waiting for as long as the session lives.
    if (out.status() == Status::CANCELLED) link_->leave(out.error());
    return made(call, std::move(out));
}

Result<Reply> LocalComputation::train_logistic(const Call& call, const TrainProgress& progress) {
    const Tensor &features = call.tensors[0], &labels = call.tensors[1];
    const std::size_t split = call.integers[1], rows = features.rows();
    if (!labels.data()->is_labels || labels.rows() != rows)
        return fail(Status::INVALID_ARGUMENT, "training needs {} labels from input_labels, found {}", rows,
                    labels.rows());
    if (split != 0 && split <= rows && split + 2 > rows)
        return fail(Status::INVALID_ARGUMENT, "split {} leaves less than 2 of {} rows to evaluate on (0: train on all)",
                    split, rows);
    if (split != 0 && split <= rows && rows - split > kAucRowsMax)
        return fail(Status::LIMIT, "at most {} rows can be evaluated on", kAucRowsMax);
    return train(call, progress, Model::logistic);
}

Result<Reply> LocalComputation::train_linear(const Call& call, const TrainProgress& progress) {
    const Tensor &features = call.tensors[0], &targets = call.tensors[1];
    const double bound = targets.data()->bound;
    if (targets.cols() != 1 || targets.rows() != features.rows() || !(bound > 0 && bound <= kInputMax))
        return fail(Status::INVALID_ARGUMENT,
                    "linear training needs {} targets from input, of magnitude at most {}; found "
                    "{}x{} up to {}",
                    features.rows(), kInputMax, targets.rows(), targets.cols(), bound);
    return train(call, progress, Model::linear);
}

Result<Reply> LocalComputation::standardise(const Call& call, const TrainProgress&) {
    const Tensor& a = call.tensors[0];
    const double bound = a.data()->bound, rows = static_cast<double>(a.rows());
    if (!(bound > 0 && rows >= 2 && rows * bound * bound <= kStandardiseMax))
        return fail(Status::INVALID_ARGUMENT,
                    "standardise: needs 2 rows or more of inputs, rows times the square of their "
                    "magnitude at most 2^60; found {} rows up to {}",
                    a.rows(), bound);
    guard_.count("domain");
    C2D_TRY(auto out, protocol_->learning->standardise(*a.data()));
    out->bound = kInputMax;
    return made(call, std::move(out));
}

Result<Reply> LocalComputation::auc(const Call& call, const TrainProgress&) {
    const Tensor &scores = call.tensors[0], &labels = call.tensors[1];
    if (!labels.data()->is_labels || scores.cols() != 1 || scores.rows() != labels.rows())
        return fail(Status::INVALID_ARGUMENT, "auc needs a column of scores and as many labels from input_labels");
    if (scores.rows() < 2 || scores.rows() > kAucRowsMax || call.integers[0] >= kParties)
        return fail(Status::INVALID_ARGUMENT, "auc: 2 to {} rows, to one of the parties", kAucRowsMax);
    const auto to = static_cast<unsigned>(call.integers[0]);
    if (const auto needs = needs_of_auc(scores.data()->provenance, labels))
        C2D_CHECK(guard_.open(*needs, "auc"));
    else
        C2D_CHECK(guard_.open_any("auc: scores and labels are not of the same rows, each once"));
    count_positives(*labels.data());
    if (known()) return Reply{{}, {}, known()->opened};
    C2D_TRY(const auto found, protocol_->learning->auc(*scores.data(), *labels.data(), to));
    Reply out;
    if (found) out.opened = Matrix{1, 1, {*found}};
    return out;
}

}  // namespace c2d::mpc
