#include "mpc/core/call.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"

#include <array>
#include <bit>

namespace c2d::mpc {
namespace {

constexpr std::size_t kPartsMax = 4096;
/// Columns that are told apart.
constexpr std::size_t kColumnsMax = std::size_t{1} << 14;
/// Parties of an opening may be named again.
constexpr std::size_t kReceiversMax = 64;

/// Of a fit: steps, rows of a curvature, seed, and which of `FitFlags` hold; then the receivers.
constexpr std::size_t kFitIntegers = 4;
enum FitFlags : std::uint64_t { kHasWeight = 1, kHasOffset = 2, kHasRidge = 4, kAllFlags = 7 };
/// Columns of a fit's reply.
constexpr std::size_t kFitColumns = 4;

/// By number. Integers: of `input` and `input_labels` the owner and whether it has data; of `sigmoid` and `sum` the
/// kind; of `rows` the indices; of `repeat` rows and columns; of `reveal` the receivers; of `column_statistics` the
/// minimum, then the receivers; of `auc` the receiver; of `bin_counts` the owner and the number of bins, of
/// `encode_bins` the owner; of `score` the kind; of `contributions` the columns of each characteristic; of
/// `reason_codes` how many; of `save_checkpoint` the step. Reals: of `input` the magnitude, of `scale` the factor, of
/// `weight_of_evidence` and `information_value` the smoothing, of `score` the points at a sum of 0 and what a sum of 1
/// adds.
constexpr std::array<Signature, kOperations> kSignatures{{
    {"exchange", 0, 0, 0, 0, 0},
    {"input", 0, 0, 1, 1, 1},
    {"input_labels", 0, 0, 1, 1, 0},
    {"constant", 0, 0, 0, 0, 0},
    {"add", 2, 2, 0, 0, 0},
    {"sub", 2, 2, 0, 0, 0},
    {"scale", 1, 1, 0, 0, 1},
    {"mul", 2, 2, 0, 0, 0},
    {"divide", 2, 2, 0, 0, 0},
    {"inverse_sqrt", 1, 1, 0, 0, 0},
    {"less", 2, 2, 0, 0, 0},
    {"select", 3, 3, 0, 0, 0},
    {"sigmoid", 1, 1, 1, 1, 0},
    {"matmul", 2, 2, 0, 0, 0},
    {"transpose", 1, 1, 0, 0, 0},
    {"sum", 1, 1, 1, 1, 0},
    {"rows", 1, 1, 0, kElementsMax, 0},
    {"repeat", 1, 1, 2, 2, 0},
    {"hconcat", 0, kPartsMax, 0, 0, 0},
    {"vconcat", 0, kPartsMax, 0, 0, 0},
    {"reveal", 1, 1, 0, kReceiversMax, 0},
    {"train_logistic", 2, 2, 9, 9, 3},
    {"train_linear", 2, 2, 9, 9, 3},
    {"standardise", 1, 1, 0, 0, 0},
    {"column_statistics", 1, 2, 1, 1 + kReceiversMax, 0},
    {"auc", 2, 2, 1, 1, 0},
    {"fit_logistic", 2, 4, kFitIntegers, kFitIntegers + kReceiversMax, 2},
    {"fit_linear", 2, 4, kFitIntegers, kFitIntegers + kReceiversMax, 2},
    {"log", 1, 1, 0, 0, 0},
    {"bin_counts", 1, 1, 2, 2, 0},
    {"weight_of_evidence", 1, 1, 0, 0, 1},
    {"information_value", 1, 1, 0, 0, 1},
    {"encode_bins", 1, 1, 1, 1, 0},
    {"reveal_bin_counts", 1, 1, 0, 0, 0},
    {"keep", 1, 1, 0, 0, 0},
    {"load", 0, 0, 0, 0, 0},
    {"score", 2, 2, 1, 1, 2},
    {"correlations", 1, 1, 0, 0, 0},
    {"variance_inflation", 1, 1, 0, 0, 0},
    {"bin_points", 2, 2, 0, 0, 0},
    {"contributions", 2, 2, 0, kColumnsMax, 0},
    {"reason_codes", 2, 3, 1, 1, 0},
    {"save_checkpoint", 1, kPartsMax, 1, 1, 0},
    {"load_checkpoint", 0, 0, 0, 0, 0},
}};

bool within(std::size_t count, std::size_t min, std::size_t max) { return count >= min && count <= max; }

}  // namespace

const Signature& signature_of(Operation operation) noexcept { return kSignatures[static_cast<std::size_t>(operation)]; }

Result<Unit> check_signature(const Call& call) {
    if (static_cast<std::size_t>(call.operation) >= kOperations)
        return fail(Status::INVALID_ARGUMENT, "there is no operation {}", static_cast<unsigned>(call.operation));
    const Signature& wanted = signature_of(call.operation);
    for (const Tensor& tensor : call.tensors)
        if (!tensor) return no_tensor();
    if (!within(call.tensors.size(), wanted.tensors_min, wanted.tensors_max) ||
        !within(call.integers.size(), wanted.integers_min, wanted.integers_max) || call.reals.size() != wanted.reals)
        return fail(Status::INVALID_ARGUMENT, "{}: {} tensors, {} integers and {} reals are not its arguments",
                    wanted.name, call.tensors.size(), call.integers.size(), call.reals.size());
    return Unit{};
}

const char* score_kind_name(ScoreKind kind) noexcept {
    switch (kind) {
        case ScoreKind::points: return "points";
        case ScoreKind::probability: return "probability";
        case ScoreKind::logit: return "logit";
    }
    return "score";
}

Call train_call(Operation operation, const Tensor& x, const Tensor& y, const TrainOptions& options) {
    return {operation,
            {x, y},
            {options.batch_size, options.split, options.iterations, options.seed, options.evaluate_every,
             options.auc_to, options.precise ? 1u : 0u, options.wide_area ? 1u : 0u, options.lr_decay_every},
            {options.lr, options.l2, options.lr_decay}};
}

TrainOptions train_options_of(const Call& call) {
    TrainOptions out;
    out.batch_size = call.integers[0];
    out.split = call.integers[1];
    out.iterations = call.integers[2];
    out.seed = call.integers[3];
    out.evaluate_every = call.integers[4];
    out.auc_to = static_cast<unsigned>(std::min<std::uint64_t>(call.integers[5], kParties));
    out.precise = call.integers[6] != 0;
    out.wide_area = call.integers[7] != 0;
    out.lr_decay_every = call.integers[8];
    out.lr = call.reals[0];
    out.l2 = call.reals[1];
    out.lr_decay = call.reals[2];
    return out;
}

Call fit_call(Operation operation, const Tensor& x, const Tensor& y, const RegressionOptions& options) {
    Call out{operation, {x, y}};
    std::uint64_t flags = options.ridge ? kHasRidge : 0;
    if (options.sample_weight) out.tensors.push_back(options.sample_weight), flags |= kHasWeight;
    if (options.offset) out.tensors.push_back(options.offset), flags |= kHasOffset;
    out.integers = {options.steps_max, options.curvature_rows, options.seed, flags};
    out.integers.insert(out.integers.end(), options.statistics_to.begin(), options.statistics_to.end());
    out.reals = {options.ridge.value_or(0), options.tolerance};
    return out;
}

Result<RegressionOptions> fit_options_of(const Call& call) {
    const std::uint64_t flags = call.integers[3];
    const auto more = static_cast<std::size_t>(std::popcount(flags & (kHasWeight | kHasOffset)));
    if (flags > kAllFlags || call.tensors.size() != 2 + more)
        return fail(Status::INVALID_ARGUMENT, "{}: {} tensors do not fit its flags {}",
                    signature_of(call.operation).name, call.tensors.size(), flags);
    RegressionOptions out;
    if (flags & kHasRidge) out.ridge = call.reals[0];
    out.tolerance = call.reals[1];
    out.steps_max = call.integers[0];
    out.curvature_rows = call.integers[1];
    out.seed = call.integers[2];
    if (flags & kHasWeight) out.sample_weight = call.tensors[2];
    if (flags & kHasOffset) out.offset = call.tensors.back();
    C2D_TRY(out.statistics_to, parties_of(call, kFitIntegers));
    return out;
}

bool fit_has_weights(const Call& call) noexcept { return (call.integers[3] & kHasWeight) != 0; }

Reply fit_reply(Regression found) {
    Matrix all{1, kFitColumns, {static_cast<double>(found.steps), found.converged ? 1.0 : 0.0, 1, 0}};
    if (const auto& statistics = found.statistics) {
        all.data[2] = statistics->scale;
        all.rows += statistics->coefficients.size();
        for (std::size_t j = 0; j < statistics->coefficients.size(); ++j)
            for (const auto* column : {&statistics->coefficients, &statistics->standard_errors, &statistics->z_values,
                                       &statistics->p_values})
                all.data.push_back((*column)[j]);
    }
    return {std::move(found.weights), {}, std::move(all)};
}

Result<Regression> regression_of(Reply&& reply) {
    if (!reply.opened || reply.opened->cols != kFitColumns || reply.opened->rows == 0)
        return fail(Status::INTERNAL, "a fit came to no steps");
    const Matrix& all = *reply.opened;
    Regression out{std::move(reply.tensor), static_cast<std::size_t>(all.at(0, 0)), all.at(0, 1) != 0};
    if (all.rows == 1) return out;
    RegressionStatistics statistics;
    statistics.scale = all.at(0, 2);
    for (std::size_t j = 1; j < all.rows; ++j) {
        statistics.coefficients.push_back(all.at(j, 0));
        statistics.standard_errors.push_back(all.at(j, 1));
        statistics.z_values.push_back(all.at(j, 2));
        statistics.p_values.push_back(all.at(j, 3));
    }
    out.statistics = std::move(statistics);
    return out;
}

Result<std::vector<unsigned>> parties_of(const Call& call, std::size_t first) {
    std::vector<unsigned> out;
    for (std::size_t i = first; i < call.integers.size(); ++i) {
        if (call.integers[i] >= kParties)
            return fail(Status::INVALID_ARGUMENT, "{}: there is no party {}", signature_of(call.operation).name,
                        call.integers[i]);
        out.push_back(static_cast<unsigned>(call.integers[i]));
    }
    return out;
}

}  // namespace c2d::mpc
