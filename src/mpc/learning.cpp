/// Models: what training, standardising and an AUC take, before the protocol's own algorithm runs.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/sampling.hpp"
#include "mpc/protocols.hpp"

namespace c2d::mpc {
namespace {

/// Who ends a training early must not keep the others waiting for as long as the session lives.
Result<Tensor> trained(Link& link, Result<TensorPtr> model) {
    if (model.status() == Status::CANCELLED) link.leave(model.error());
    if (!model) return std::move(model).error();
    return Tensor(*std::move(model));
}

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

}  // namespace

TrainProgress Session::measured(const TrainProgress& progress) {
    rate_ = 0;
    const auto start = std::chrono::steady_clock::now();
    return [this, start, progress](std::size_t iteration, std::optional<double> auc) {
        const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
        if (iteration != 0) rate_ = static_cast<double>(iteration) / time.count();
        return !progress || progress(iteration, auc);
    };
}

Result<Tensor> Session::train_logistic(const Tensor& features, const Tensor& labels, const TrainOptions& options,
                                       const TrainProgress& progress) {
    if (!features || !labels) return no_tensor();
    if (!labels.data()->is_labels || labels.rows() != features.rows())
        return fail(Status::INVALID_ARGUMENT, "training needs {} labels from input_labels, found {}", features.rows(),
                    labels.rows());
    C2D_CHECK(check_training(features, options));
    if (options.split != 0 && options.split + 2 > features.rows())
        return fail(Status::INVALID_ARGUMENT, "split {} leaves less than 2 of {} rows to evaluate on (0: train on all)",
                    options.split, features.rows());
    if (options.split != 0 && features.rows() - options.split > kAucRowsMax)
        return fail(Status::LIMIT, "at most {} rows can be evaluated on", kAucRowsMax);
    return trained(*link_, protocol_->learning->train(*features.data(), *labels.data(), options, measured(progress),
                                                      Model::logistic));
}

Result<Tensor> Session::train_linear(const Tensor& features, const Tensor& targets, const TrainOptions& options,
                                     const TrainProgress& progress) {
    if (!features || !targets) return no_tensor();
    const double bound = targets.data()->bound;
    if (targets.cols() != 1 || targets.rows() != features.rows() || !(bound > 0 && bound <= kInputMax))
        return fail(Status::INVALID_ARGUMENT,
                    "linear training needs {} targets from input, of magnitude at most {}; found "
                    "{}x{} up to {}",
                    features.rows(), kInputMax, targets.rows(), targets.cols(), bound);
    C2D_CHECK(check_training(features, options));
    return trained(*link_, protocol_->learning->train(*features.data(), *targets.data(), options, measured(progress),
                                                      Model::linear));
}

Result<Tensor> Session::standardise(const Tensor& a) {
    if (!a) return no_tensor();
    const double bound = a.data()->bound, rows = static_cast<double>(a.rows());
    if (!(bound > 0 && rows >= 2 && rows * bound * bound <= kStandardiseMax))
        return fail(Status::INVALID_ARGUMENT,
                    "standardise: needs 2 rows or more of inputs, rows times the square of their "
                    "magnitude at most 2^60; found {} rows up to {}",
                    a.rows(), bound);
    C2D_TRY(auto out, protocol_->learning->standardise(*a.data()));
    out->bound = kInputMax;
    return Tensor(std::move(out));
}

Result<std::optional<double>> Session::auc(const Tensor& scores, const Tensor& labels, unsigned to) {
    if (!scores || !labels) return no_tensor();
    if (!labels.data()->is_labels || scores.cols() != 1 || scores.rows() != labels.rows())
        return fail(Status::INVALID_ARGUMENT, "auc needs a column of scores and as many labels from input_labels");
    if (scores.rows() < 2 || scores.rows() > kAucRowsMax || to >= kParties)
        return fail(Status::INVALID_ARGUMENT, "auc: 2 to {} rows, to one of the parties", kAucRowsMax);
    return protocol_->learning->auc(*scores.data(), *labels.data(), to);
}

}  // namespace c2d::mpc
