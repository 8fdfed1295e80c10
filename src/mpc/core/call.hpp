/// The instruction set of a computation: what a session asks for, whether the computation runs in this process or in
/// another one.
#pragma once

#include <c2d/regression.hpp>

#include <span>

namespace c2d::mpc {

/// Numbered as they travel; new ones go to the end.
enum class Operation : std::uint8_t {
    exchange,
    input,
    input_labels,
    constant,
    add,
    sub,
    scale,
    mul,
    divide,
    inverse_sqrt,
    less,
    select,
    sigmoid,
    matmul,
    transpose,
    sum,
    rows,
    repeat,
    hconcat,
    vconcat,
    reveal,
    train_logistic,
    train_linear,
    standardise,
    column_statistics,
    auc,
    fit_logistic,
    fit_linear,
    log,
    bin_counts,
    weight_of_evidence,
    information_value,
    encode_bins,
    reveal_bin_counts,
    keep,
    load,
    score,
    correlations,
    variance_inflation,
    bin_points,
    contributions,
    reason_codes,
    save_checkpoint,
    load_checkpoint,
};
inline constexpr std::size_t kOperations = 44;

/// One call: tensors, and public arguments. `data` and `bytes` stay the caller's.
struct Call {
    Operation operation = Operation::exchange;
    std::vector<Tensor> tensors = {};
    /// Whole numbers, parties, indices and choices; which stand where is said in core/call.cpp.
    std::vector<std::uint64_t> integers = {};
    std::vector<double> reals = {};
    const Matrix* data = nullptr;
    BytesView bytes = {};
};

/// What a call came to: a tensor, numbers for this party, or the parties' announcements.
struct Reply {
    Tensor tensor = {};
    /// Of `load_checkpoint`, which stands for several.
    std::vector<Tensor> tensors = {};
    std::optional<Matrix> opened = {};
    std::vector<Bytes> announcements = {};
};

/// How many tensors and arguments a call has.
struct Signature {
    std::string_view name;
    std::size_t tensors_min, tensors_max;
    std::size_t integers_min, integers_max;
    std::size_t reals;
};
const Signature& signature_of(Operation operation) noexcept;
/// Fails with `invalid_argument` where a call has not the arguments that its operation takes, or an empty tensor.
Result<Unit> check_signature(const Call& call);

/// What opened reason codes are called.
inline constexpr const char* kReasonCodes = "reason_codes";
/// "points", "probability" or "logit"; of another number "score".
const char* score_kind_name(ScoreKind kind) noexcept;

/// Training options as the arguments of a call, and back.
Call train_call(Operation operation, const Tensor& x, const Tensor& y, const TrainOptions& options);
TrainOptions train_options_of(const Call& call);

/// The same of a regression.
Call fit_call(Operation operation, const Tensor& x, const Tensor& y, const RegressionOptions& options);
Result<RegressionOptions> fit_options_of(const Call& call);
bool fit_has_weights(const Call& call) noexcept;
/// What a fit came to as a reply holds it, and back: its steps are opened to all, the statistics to those who learn
/// them.
Reply fit_reply(Regression found);
Result<Regression> regression_of(Reply&& reply);

/// The parties that stand in a call from its integer `first` on. Fails with `invalid_argument` where one is none.
Result<std::vector<unsigned>> parties_of(const Call& call, std::size_t first);

}  // namespace c2d::mpc
