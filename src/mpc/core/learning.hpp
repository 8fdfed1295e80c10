/// Algorithms that a protocol does not build from its primitives: they are one with its messages.
///
/// Training in two to five rounds, sorting by opened comparisons, sums of squares that are not rounded: each needs what
/// only the protocol's engine can do, and costs a fraction of a program over `Backend`. What can be written over
/// `Backend` does not belong here.
#pragma once

#include "mpc/core/loop.hpp"

namespace c2d::mpc {

/// Rows of a batch.
inline constexpr std::size_t kBatchRowsMax = 8192;
/// Rows that an AUC is taken of.
inline constexpr std::size_t kAucRowsMax = std::size_t{1} << 20;
/// Rows times the square of the features' magnitude, of what is standardised.
inline constexpr double kStandardiseMax = 0x1p60;

/// k: deviations are cut by so many bits before they are squared, so that sums of squares stay below 2^60.
inline unsigned standardise_cut(std::size_t rows, double magnitude) {
    unsigned cut = 0;
    double most = static_cast<double>(rows) * magnitude * magnitude;
    while (most > 0x1p28) {
        most /= 4;
        ++cut;
    }
    return cut;
}

/// Whether a model is evaluated after the last iteration: not where an evaluation lies one iteration back.
inline bool evaluates_at_end(const TrainOptions& options) {
    return options.iterations == 1 || (options.iterations - 1) % options.evaluate_every != 0;
}

enum class Model { logistic, linear };

/// Arguments arrive checked, as those of `Backend`.
class Learning {
public:
    virtual ~Learning() = default;

    virtual Result<TensorPtr> train(const TensorData& x, const TensorData& y, const TrainOptions& options,
                                    const TrainProgress& progress, Model model, LoopCourse& course) = 0;
    /// `x.bound` is set.
    virtual Result<TensorPtr> standardise(const TensorData& x) = 0;
    virtual Result<std::optional<double>> auc(const TensorData& scores, const TensorData& labels, unsigned to) = 0;
};

}  // namespace c2d::mpc
