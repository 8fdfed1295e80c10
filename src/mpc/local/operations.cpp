/// Operations: the checks that all of a kind share, then the protocol's primitive.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/local/computation.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace c2d::mpc {
namespace {

Error shapes_differ(std::string_view operation, const Tensor& a, const Tensor& b) {
    return fail(Status::INVALID_ARGUMENT, "{}: shapes {}x{} and {}x{} do not fit", operation, a.rows(), a.cols(),
                b.rows(), b.cols());
}

/// All arguments have one shape.
Result<Unit> check_alike(const Call& call) {
    const Tensor& first = call.tensors[0];
    for (const Tensor& one : call.tensors)
        if (one.rows() != first.rows() || one.cols() != first.cols())
            return shapes_differ(signature_of(call.operation).name, first, one);
    return Unit{};
}

template <class... Data>
Result<TensorPtr> apply(Backend& backend, Result<TensorPtr> (Backend::*primitive)(const Data&...), const Call& call) {
    return [&]<std::size_t... i>(std::index_sequence<i...>) { return (backend.*primitive)(*call.tensors[i].data()...); }
    (std::index_sequence_for<Data...>());
}

/// Parts beside each other, or one below the other.
struct Concatenated {
    std::vector<const TensorData*> parts;
    double bound = 0;
    std::size_t rows = 0;
};
Result<Concatenated> check_parts(const Call& call, std::size_t (Tensor::*common)() const noexcept) {
    const auto& parts = call.tensors;
    const std::string_view operation = signature_of(call.operation).name;
    if (parts.empty()) return fail(Status::INVALID_ARGUMENT, "{}: no parts", operation);
    Concatenated out;
    bool known = true;
    for (const Tensor& part : parts) {
        if ((part.*common)() != (parts[0].*common)()) return shapes_differ(operation, parts[0], part);
        known = known && part.data()->bound > 0;
        out.bound = std::max(out.bound, part.data()->bound);
        out.rows += part.rows();
        out.parts.push_back(part.data());
    }
    if (!known) out.bound = 0;
    return out;
}

}  // namespace

// ---------------------------------------------------------------- element by element

/// A primitive that works element by element.
template <auto primitive>
Result<Reply> LocalComputation::elementwise(const Call& call, const TrainProgress&) {
    C2D_CHECK(check_alike(call));
    if (call.operation == Operation::divide || call.operation == Operation::inverse_sqrt ||
        call.operation == Operation::log)
        guard_.count("domain");
    return made(call, apply(*protocol_->backend, primitive, call));
}

Result<Reply> LocalComputation::less(const Call& call, const TrainProgress&) {
    C2D_CHECK(check_alike(call));
    C2D_TRY(TensorPtr out, apply(*protocol_->backend, &Backend::less, call));
    out->is_bits = true;
    return made(call, std::move(out));
}

Result<Reply> LocalComputation::scale(const Call& call, const TrainProgress&) {
    const double factor = call.reals[0];
    if (!(std::fabs(factor) <= kFactorMax))
        return fail(Status::INVALID_ARGUMENT, "a public factor must lie within +-2^20");
    return made(call, protocol_->backend->scale(*call.tensors[0].data(), factor));
}

Result<Reply> LocalComputation::sigmoid(const Call& call, const TrainProgress&) {
    if (call.integers[0] > static_cast<std::uint64_t>(SigmoidKind::comparison))
        return fail(Status::INVALID_ARGUMENT, "there is no such sigmoid");
    if (static_cast<SigmoidKind>(call.integers[0]) == SigmoidKind::series) guard_.count("domain");
    return made(call, protocol_->backend->sigmoid(*call.tensors[0].data(), static_cast<SigmoidKind>(call.integers[0])));
}

// ---------------------------------------------------------------- of whole matrices

Result<Reply> LocalComputation::matmul(const Call& call, const TrainProgress&) {
    const Tensor &a = call.tensors[0], &b = call.tensors[1];
    if (a.cols() != b.rows() || a.rows() > kElementsMax / b.cols()) return shapes_differ("matmul", a, b);
    return made(call, protocol_->backend->matmul(*a.data(), *b.data()));
}

Result<Reply> LocalComputation::transpose(const Call& call, const TrainProgress&) {
    const Tensor& a = call.tensors[0];
    C2D_TRY(TensorPtr out, protocol_->backend->transpose(*a.data()));
    out->bound = a.data()->bound;
    return made(call, std::move(out));
}

Result<Reply> LocalComputation::sum(const Call& call, const TrainProgress&) {
    if (call.integers[0] > static_cast<std::uint64_t>(Sum::all))
        return fail(Status::INVALID_ARGUMENT, "there is no such sum");
    return made(call, protocol_->backend->sum(*call.tensors[0].data(), static_cast<Sum>(call.integers[0])));
}

Result<Reply> LocalComputation::rows(const Call& call, const TrainProgress&) {
    const Tensor& a = call.tensors[0];
    const std::vector<std::size_t> index(call.integers.begin(), call.integers.end());
    if (index.empty() || index.size() > kElementsMax / a.cols())
        return fail(Status::INVALID_ARGUMENT, "rows: needs between 1 and {} indices", kElementsMax / a.cols());
    for (std::size_t row : index)
        if (row >= a.rows()) return fail(Status::INVALID_ARGUMENT, "rows: index {} of {} rows", row, a.rows());
    C2D_TRY(TensorPtr out, protocol_->backend->gather(*a.data(), index));
    out->bound = a.data()->bound;
    out->is_labels = a.data()->is_labels;
    out->is_bits = a.data()->is_bits;
    out->owner = a.data()->owner;
    out->rows_unknown = a.data()->rows_unknown;
    return made(call, std::move(out));
}

Result<Reply> LocalComputation::repeat(const Call& call, const TrainProgress&) {
    const Tensor& a = call.tensors[0];
    const std::size_t rows = call.integers[0], cols = call.integers[1];
    if (rows == 0 || cols == 0 || rows > kElementsMax / cols || (a.rows() != 1 && a.rows() != rows) ||
        (a.cols() != 1 && a.cols() != cols))
        return fail(Status::INVALID_ARGUMENT, "repeat: {}x{} cannot become {}x{}: each side must be 1 or stay as it is",
                    a.rows(), a.cols(), rows, cols);
    C2D_TRY(TensorPtr out, protocol_->backend->broadcast(*a.data(), rows, cols));
    out->bound = a.data()->bound;
    return made(call, std::move(out));
}

Result<Reply> LocalComputation::hconcat(const Call& call, const TrainProgress&) {
    C2D_TRY(const Concatenated joined, check_parts(call, &Tensor::rows));
    C2D_TRY(TensorPtr out, protocol_->backend->hconcat(joined.parts));
    out->bound = joined.bound;
    return made(call, std::move(out));
}

Result<Reply> LocalComputation::vconcat(const Call& call, const TrainProgress&) {
    C2D_TRY(const Concatenated joined, check_parts(call, &Tensor::cols));
    if (joined.rows > kElementsMax / call.tensors[0].cols())
        return fail(Status::INVALID_ARGUMENT, "vconcat: {} rows are too many", joined.rows);
    C2D_TRY(TensorPtr out, protocol_->backend->vconcat(joined.parts));
    out->bound = joined.bound;
    return made(call, std::move(out));
}

// ---------------------------------------------------------------- which is which

LocalComputation::Handler LocalComputation::handler_of(Operation operation) noexcept {
    using Self = LocalComputation;
    // By number.
    static constexpr std::array<Handler, kOperations> kHandlers{
        &Self::run_exchange,
        &Self::input,
        &Self::input_labels,
        &Self::constant,
        &Self::elementwise<&Backend::add>,
        &Self::elementwise<&Backend::sub>,
        &Self::scale,
        &Self::elementwise<&Backend::mul>,
        &Self::elementwise<&Backend::divide>,
        &Self::elementwise<&Backend::inverse_sqrt>,
        &Self::less,
        &Self::elementwise<&Backend::select>,
        &Self::sigmoid,
        &Self::matmul,
        &Self::transpose,
        &Self::sum,
        &Self::rows,
        &Self::repeat,
        &Self::hconcat,
        &Self::vconcat,
        &Self::reveal,
        &Self::train_logistic,
        &Self::train_linear,
        &Self::standardise,
        &Self::column_statistics,
        &Self::auc,
        &Self::fit_logistic,
        &Self::fit_linear,
        &Self::elementwise<&Backend::log>,
        &Self::bin_counts,
        &Self::weight_of_evidence,
        &Self::information_value,
        &Self::encode_bins,
        &Self::reveal_bin_counts,
        &Self::keep,
        &Self::load,
        &Self::score,
        &Self::correlations,
        &Self::variance_inflation,
        &Self::bin_points,
        &Self::contributions,
        &Self::reason_codes,
        &Self::save_checkpoint,
        &Self::load_checkpoint,
    };
    return kHandlers[static_cast<std::size_t>(operation)];
}

}  // namespace c2d::mpc
