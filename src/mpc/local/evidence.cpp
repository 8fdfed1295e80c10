/// Bins and what follows from them: arguments, what is agreed before anything is shared, and what may become of the
/// results.

#include "mpc/ml/evidence.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/input_agreement.hpp"
#include "mpc/guard/derive.hpp"
#include "mpc/local/computation.hpp"

#include <cmath>
#include <numeric>

namespace c2d::mpc {
namespace {

constexpr std::size_t kRowsMax = std::size_t{1} << 22;
/// What is opened of an information value.
constexpr unsigned kValueBits = 10;

Error one_class() { return fail(Status::DOMAIN, "weight of evidence: the labels are of one class only"); }

/// Why the owner's bins cannot be taken, or empty.
std::string problem_of_bins(const Matrix& data, std::size_t count, std::size_t rows_min) {
    std::string problem = problem_of(data, static_cast<double>(count), InputKind::values);
    if (!problem.empty()) return problem;
    std::vector<std::size_t> sizes(count * data.cols);
    for (std::size_t i = 0; i < data.data.size(); ++i) {
        const double bin = data.data[i];
        if (!(bin >= 0 && bin < static_cast<double>(count)) || bin != std::floor(bin))
            return fmt::format("has {} (row {}, column {}), which is no bin's number from 0 to {}", bin, i / data.cols,
                               i % data.cols, count - 1);
        ++sizes[static_cast<std::size_t>(bin) * data.cols + i % data.cols];
    }
    for (std::size_t i = 0; i < sizes.size(); ++i)
        if (sizes[i] != 0 && sizes[i] < rows_min)
            return fmt::format("has {} rows in bin {} of column {}; the minimum is {}: join it with another", sizes[i],
                               i / data.cols, i % data.cols, rows_min);
    return {};
}

Result<Unit> check_counts(const Call& call) {
    const std::string_view name = signature_of(call.operation).name;
    const double smoothing = call.reals[0];
    if (call.tensors[0].data()->counted == 0)
        return fail(Status::INVALID_ARGUMENT, "{} needs what bin_counts returned", name);
    if (!(smoothing >= ml::kSmoothingMin && smoothing <= ml::kSmoothingMax))
        return fail(Status::INVALID_ARGUMENT, "{}: smoothing must lie in 1/16 to 64, found {}", name, smoothing);
    return Unit{};
}

}  // namespace

Result<Bins> LocalComputation::agreed_bins(const Call& call, std::size_t count, std::size_t rows_min) {
    const std::uint64_t owner = call.integers[0];
    const std::string_view name = signature_of(call.operation).name;
    if (owner > 1) return fail(Status::INVALID_ARGUMENT, "{}: bins are of party 0 or 1, found {}", name, owner);
    if ((owner == party()) != (call.data != nullptr))
        return fail(Status::INVALID_ARGUMENT, "{}: exactly the owner of the bins passes them", name);
    if (count < 2 || count > kBinsMax)
        return fail(Status::INVALID_ARGUMENT, "{}: a column has 2 to {} bins, found {}", name, kBinsMax, count);
    const std::string problem = call.data ? problem_of_bins(*call.data, count, rows_min) : std::string();
    C2D_TRY(const Announcement shape, announce_input(*link_, static_cast<unsigned>(owner), call.data, problem));
    if (shape.rows > kRowsMax || shape.cols > kElementsMax / count)
        return fail(Status::LIMIT, "{}: {} rows of {} columns are too many", name, shape.rows, shape.cols);
    Bins out{static_cast<unsigned>(owner), shape.rows, shape.cols, count};
    if (call.data) out.numbers.assign(call.data->data.begin(), call.data->data.end());
    return out;
}

Result<Reply> LocalComputation::bin_counts(const Call& call, const TrainProgress&) {
    const TensorData& labels = *call.tensors[0].data();
    if (!labels.is_bits || labels.cols != 1)
        return fail(Status::INVALID_ARGUMENT, "bin_counts needs labels from input_labels, or bits from less");
    if (labels.rows_unknown)
        return fail(Status::UNSUPPORTED,
                    "bin_counts: nobody knows which rows a joined table has, so nobody can say in which bins they are");
    C2D_TRY(const Bins bins, agreed_bins(call, call.integers[1], guard_.rules().rows));
    if (bins.rows != labels.rows)
        return fail(Status::INVALID_ARGUMENT, "bin_counts: bins of {} rows and {} labels", bins.rows, labels.rows);
    return made(call, ml::bin_counts(*protocol_, bins, labels));
}

Result<Reply> LocalComputation::weight_of_evidence(const Call& call, const TrainProgress&) {
    C2D_CHECK(check_counts(call));
    const TensorData& counts = *call.tensors[0].data();
    guard_.count("domain");
    C2D_TRY(const TensorPtr found, ml::weight_of_evidence(*protocol_, counts, call.reals[0]));
    if (!found) return one_class();
    C2D_TRY(TensorPtr out, protocol_->glm->rounded(*found, kFractionBits));
    // A bin without any of a class, in a table of this many rows.
    out->bound = std::ceil(std::log1p(static_cast<double>(counts.counted) / call.reals[0]));
    return made(call, std::move(out));
}

Result<Reply> LocalComputation::information_value(const Call& call, const TrainProgress&) {
    C2D_CHECK(check_counts(call));
    guard_.count("domain", 2);
    C2D_TRY(const TensorPtr found, ml::information_value(*protocol_, *call.tensors[0].data(), call.reals[0]));
    if (!found) return one_class();
    return made(call, protocol_->glm->rounded(*found, kValueBits));
}

Result<Reply> LocalComputation::reveal_bin_counts(const Call& call, const TrainProgress&) {
    const TensorData& counts = *call.tensors[0].data();
    if (counts.counted == 0) return fail(Status::INVALID_ARGUMENT, "reveal_bin_counts needs what bin_counts returned");
    C2D_CHECK(guard_.open_label_counts(counts));
    if (known()) return Reply{{}, {}, known()->opened};
    C2D_TRY(const TensorPtr units, ml::rounded_ones(*protocol_, counts));
    Reply out;
    C2D_TRY(out.opened, protocol_->backend->reveal(*units, {counts.owner}));
    // The oracle does not round by itself.
    if (out.opened)
        for (double& one : out.opened->data) one = ml::kCountUnit * std::round(one);
    return out;
}

/// Each column's weight times its values; the intercept goes to every bin of the first one, of which each row has one.
Result<Reply> LocalComputation::bin_points(const Call& call, const TrainProgress&) {
    const TensorData &values = *call.tensors[0].data(), &model = *call.tensors[1].data();
    if (model.cols != 1 || model.rows != values.cols + 1)
        return fail(Status::INVALID_ARGUMENT,
                    "bin_points: a model of {} columns is {} x 1, weights and then the bias; found {} x {}",
                    values.cols, values.cols + 1, model.rows, model.cols);
    Backend& backend = *protocol_->backend;
    std::vector<std::size_t> index(values.cols);
    std::iota(index.begin(), index.end(), std::size_t{0});
    C2D_TRY(const TensorPtr weights, backend.gather(model, index));
    C2D_TRY(const TensorPtr lying, backend.transpose(*weights));
    C2D_TRY(const TensorPtr factors, backend.broadcast(*lying, values.rows, values.cols));
    C2D_TRY(const TensorPtr products, backend.mul(values, *factors));
    C2D_TRY(const TensorPtr bias, backend.gather(model, {values.cols}));
    Matrix first{1, values.cols, std::vector<double>(values.cols)};
    first.data[0] = 1;
    C2D_TRY(const TensorPtr place, backend.constant(first));
    C2D_TRY(const TensorPtr biases, backend.broadcast(*bias, 1, values.cols));
    C2D_TRY(const TensorPtr row, backend.mul(*biases, *place));
    C2D_TRY(const TensorPtr rows, backend.broadcast(*row, values.rows, values.cols));
    C2D_TRY(TensorPtr out, backend.add(*products, *rows));
    out->bound = kFeatureMax;
    return made(call, std::move(out));
}

Result<Reply> LocalComputation::encode_bins(const Call& call, const TrainProgress&) {
    const TensorData& values = *call.tensors[0].data();
    C2D_TRY(const Bins bins, agreed_bins(call, values.rows, 0));
    if (bins.cols != values.cols)
        return fail(Status::INVALID_ARGUMENT, "encode_bins: bins of {} columns and values of {}", bins.cols,
                    values.cols);
    C2D_TRY(TensorPtr out, protocol_->binning->look_up(bins, values));
    out->bound = values.bound;
    out->provenance = of_encoded(values.provenance, *out, inputs_++, bins.owner);
    return Reply{Tensor(std::move(out))};
}

}  // namespace c2d::mpc
