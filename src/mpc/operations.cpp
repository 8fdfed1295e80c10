/// Operations: the checks that all of a kind share, then the protocol's primitive; and programs over these.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/protocols.hpp"

#include <algorithm>
#include <cmath>

namespace c2d::mpc {
namespace {

Result<Tensor> wrap(Result<TensorPtr> data) {
    if (!data) return std::move(data).error();
    return Tensor(*std::move(data));
}

Error shapes_differ(std::string_view operation, const Tensor& a, const Tensor& b) {
    return fail(Status::INVALID_ARGUMENT, "{}: shapes {}x{} and {}x{} do not fit", operation, a.rows(), a.cols(),
                b.rows(), b.cols());
}

/// All arguments hold something and have one shape.
Result<Unit> check_alike(std::string_view operation, std::initializer_list<const Tensor*> all) {
    for (const Tensor* one : all)
        if (!*one) return no_tensor();
    const Tensor& first = **all.begin();
    for (const Tensor* one : all)
        if (one->rows() != first.rows() || one->cols() != first.cols()) return shapes_differ(operation, first, *one);
    return Unit{};
}

/// A primitive that works element by element.
template <class... Data, class... Tensors>
Result<TensorPtr> elementwise(Protocol& protocol, std::string_view operation,
                              Result<TensorPtr> (Backend::*primitive)(const Data&...), const Tensors&... all) {
    C2D_CHECK(check_alike(operation, {&all...}));
    return (protocol.backend.get()->*primitive)(*all.data()...);
}

/// Parts beside each other, or one below the other.
struct Joined {
    std::vector<const TensorData*> parts;
    double bound = 0;
    std::size_t rows = 0;
};
Result<Joined> check_parts(std::string_view operation, const std::vector<Tensor>& parts,
                           std::size_t (Tensor::*common)() const noexcept) {
    if (parts.empty()) return fail(Status::INVALID_ARGUMENT, "{}: no parts", operation);
    Joined out;
    bool known = true;
    for (const Tensor& part : parts) {
        if (!part) return no_tensor();
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

Result<Tensor> Session::add(const Tensor& a, const Tensor& b) {
    return wrap(elementwise(*protocol_, "add", &Backend::add, a, b));
}

Result<Tensor> Session::sub(const Tensor& a, const Tensor& b) {
    return wrap(elementwise(*protocol_, "sub", &Backend::sub, a, b));
}

Result<Tensor> Session::scale(const Tensor& a, double factor) {
    if (!a) return no_tensor();
    if (!(std::fabs(factor) <= kFactorMax))
        return fail(Status::INVALID_ARGUMENT, "a public factor must lie within +-2^20");
    return wrap(protocol_->backend->scale(*a.data(), factor));
}

Result<Tensor> Session::mul(const Tensor& a, const Tensor& b) {
    return wrap(elementwise(*protocol_, "mul", &Backend::mul, a, b));
}

Result<Tensor> Session::divide(const Tensor& a, const Tensor& b) {
    return wrap(elementwise(*protocol_, "divide", &Backend::divide, a, b));
}

Result<Tensor> Session::reciprocal(const Tensor& a) {
    if (!a) return no_tensor();
    C2D_TRY(const Tensor one, constant({1, 1, {1}}));
    C2D_TRY(const Tensor ones, repeat(one, a.rows(), a.cols()));
    return divide(ones, a);
}

Result<Tensor> Session::inverse_sqrt(const Tensor& a) {
    return wrap(elementwise(*protocol_, "inverse_sqrt", &Backend::inverse_sqrt, a));
}

Result<Tensor> Session::less(const Tensor& a, const Tensor& b) {
    C2D_TRY(TensorPtr out, elementwise(*protocol_, "less", &Backend::less, a, b));
    out->is_bits = true;
    return Tensor(std::move(out));
}

Result<Tensor> Session::select(const Tensor& bit, const Tensor& a, const Tensor& b) {
    return wrap(elementwise(*protocol_, "select", &Backend::select, bit, a, b));
}

Result<Tensor> Session::sigmoid(const Tensor& a, SigmoidKind kind) {
    if (!a) return no_tensor();
    return wrap(protocol_->backend->sigmoid(*a.data(), kind));
}

// ---------------------------------------------------------------- of whole matrices

Result<Tensor> Session::matmul(const Tensor& a, const Tensor& b) {
    if (!a || !b) return no_tensor();
    if (a.cols() != b.rows() || a.rows() > kElementsMax / b.cols()) return shapes_differ("matmul", a, b);
    return wrap(protocol_->backend->matmul(*a.data(), *b.data()));
}

Result<Tensor> Session::transpose(const Tensor& a) {
    if (!a) return no_tensor();
    C2D_TRY(TensorPtr out, protocol_->backend->transpose(*a.data()));
    out->bound = a.data()->bound;
    return Tensor(std::move(out));
}

Result<Tensor> Session::sum(const Tensor& a, Sum which) {
    if (!a) return no_tensor();
    return wrap(protocol_->backend->sum(*a.data(), which));
}

Result<Tensor> Session::rows(const Tensor& a, const std::vector<std::size_t>& index) {
    if (!a) return no_tensor();
    if (index.empty() || index.size() > kElementsMax / a.cols())
        return fail(Status::INVALID_ARGUMENT, "rows: needs between 1 and {} indices", kElementsMax / a.cols());
    for (std::size_t row : index)
        if (row >= a.rows()) return fail(Status::INVALID_ARGUMENT, "rows: index {} of {} rows", row, a.rows());
    C2D_TRY(TensorPtr out, protocol_->backend->gather(*a.data(), index));
    out->bound = a.data()->bound;
    out->is_labels = a.data()->is_labels;
    out->is_bits = a.data()->is_bits;
    out->owner = a.data()->owner;
    return Tensor(std::move(out));
}

Result<Tensor> Session::repeat(const Tensor& a, std::size_t rows, std::size_t cols) {
    if (!a) return no_tensor();
    if (rows == 0 || cols == 0 || rows > kElementsMax / cols || (a.rows() != 1 && a.rows() != rows) ||
        (a.cols() != 1 && a.cols() != cols))
        return fail(Status::INVALID_ARGUMENT, "repeat: {}x{} cannot become {}x{}: each side must be 1 or stay as it is",
                    a.rows(), a.cols(), rows, cols);
    C2D_TRY(TensorPtr out, protocol_->backend->broadcast(*a.data(), rows, cols));
    out->bound = a.data()->bound;
    return Tensor(std::move(out));
}

Result<Tensor> Session::hconcat(const std::vector<Tensor>& parts) {
    C2D_TRY(const Joined joined, check_parts("hconcat", parts, &Tensor::rows));
    C2D_TRY(TensorPtr out, protocol_->backend->hconcat(joined.parts));
    out->bound = joined.bound;
    return Tensor(std::move(out));
}

Result<Tensor> Session::vconcat(const std::vector<Tensor>& parts) {
    C2D_TRY(const Joined joined, check_parts("vconcat", parts, &Tensor::cols));
    if (joined.rows > kElementsMax / parts[0].cols())
        return fail(Status::INVALID_ARGUMENT, "vconcat: {} rows are too many", joined.rows);
    C2D_TRY(TensorPtr out, protocol_->backend->vconcat(joined.parts));
    out->bound = joined.bound;
    return Tensor(std::move(out));
}

}  // namespace c2d::mpc
