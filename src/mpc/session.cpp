/// A session: the calls that are made of its methods, and the programs over these.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/engine/remote.hpp"
#include "mpc/local/computation.hpp"

#include <cmath>
#include <cstdlib>

namespace c2d::mpc {
namespace {

Result<Tensor> tensor_of(Result<Reply>&& reply) {
    if (!reply) return std::move(reply).error();
    return std::move(reply->tensor);
}

std::vector<std::uint64_t> integers_of(const std::vector<unsigned>& values) { return {values.begin(), values.end()}; }

std::vector<double> row_of(const Matrix& all, std::size_t row) {
    const auto first = all.data.begin() + static_cast<std::ptrdiff_t>(row * all.cols);
    return {first, first + static_cast<std::ptrdiff_t>(all.cols)};
}

}  // namespace

std::size_t Tensor::rows() const noexcept { return data_ ? data_->rows : 0; }
std::size_t Tensor::cols() const noexcept { return data_ ? data_->cols : 0; }

Session::Session(std::unique_ptr<Computation> computation) : computation_(std::move(computation)) {}
Session::~Session() = default;

unsigned Session::party() const noexcept { return computation_->party(); }
const Link::Stats& Session::stats() const noexcept { return computation_->stats(); }
std::vector<Disclosure> Session::disclosures() const { return computation_->disclosures(); }
std::optional<Resumed> Session::resumed() const { return computation_->resumed(); }
double Session::iterations_per_second() const noexcept { return computation_->iterations_per_second(); }

Result<std::unique_ptr<Session>> Session::open(SessionOptions options) {
    C2D_TRY(auto computation, LocalComputation::open(std::move(options)));
    return std::unique_ptr<Session>(new Session(std::move(computation)));
}

Result<std::unique_ptr<Session>> Session::from_environment(BackendKind kind) {
    const char* fd = std::getenv("C2D_PEER_FD");
    const char* party = std::getenv("C2D_PARTY");
    if (!fd || !party || !*fd || !*party)
        return fail(Status::INVALID_ARGUMENT, "C2D_PEER_FD and C2D_PARTY must be set: the operator runs without peers");
    char *fd_end = nullptr, *party_end = nullptr;
    const long fd_number = std::strtol(fd, &fd_end, 10);
    const long party_number = std::strtol(party, &party_end, 10);
    if (*fd_end || *party_end || fd_number < 0 || fd_number > 1 << 20 || party_number < 0 ||
        party_number >= static_cast<long>(kParties))
        return fail(Status::INVALID_ARGUMENT, "C2D_PEER_FD or C2D_PARTY is not a number in range");
    // Beside a provider the engine has the peers, and knows what may be opened.
    const char* const engine = std::getenv("C2D_ENGINE");
    if (engine && *engine) {
        C2D_TRY(auto remote,
                engine::open_remote(static_cast<int>(fd_number), static_cast<unsigned>(party_number), kind));
        return std::unique_ptr<Session>(new Session(std::move(remote)));
    }
    SessionOptions options;
    C2D_TRY(options.link, relay_link(static_cast<int>(fd_number), static_cast<unsigned>(party_number)));
    options.backend = kind;
    return open(std::move(options));
}

Result<Reply> Session::run(const Call& call, const TrainProgress& progress) {
    // Here, too: an argument that holds no tensor belongs to no computation.
    for (const Tensor& tensor : call.tensors)
        if (!tensor) return no_tensor();
    return computation_->run(call, progress);
}

Result<Tensor> Session::make(const Call& call) { return tensor_of(run(call, {})); }

// ---------------------------------------------------------------- in and out

Result<Unit> Session::note_rule(const Bytes32& digest) { return computation_->note_rule(digest); }

Result<std::vector<Bytes>> Session::exchange(BytesView announcement) {
    C2D_TRY(Reply reply, run({.operation = Operation::exchange, .bytes = announcement}, {}));
    return std::move(reply.announcements);
}

Result<Alignment> Session::align(const std::optional<std::vector<IdColumn>>& ids, const AlignOptions& options) {
    return computation_->align(ids, options);
}

Result<Joined> Session::join(const std::optional<std::vector<IdColumn>>& ids, const std::vector<Tensor>& columns,
                             const AlignOptions& options) {
    for (const Tensor& column : columns)
        if (!column) return no_tensor();
    return computation_->join(ids, columns, options);
}

Result<Tensor> Session::input(unsigned owner, const Matrix* data, double magnitude_max) {
    return make({Operation::input, {}, {owner}, {magnitude_max}, data});
}

Result<Tensor> Session::input_labels(unsigned owner, const Matrix* data) {
    return make({Operation::input_labels, {}, {owner}, {}, data});
}

Result<Tensor> Session::constant(const Matrix& data) { return make({Operation::constant, {}, {}, {}, &data}); }

namespace {

Result<Bytes32> binding_of(const Reply& reply) {
    if (reply.announcements.size() != 1) return fail(Status::INTERNAL, "what is kept came without a binding");
    return Bytes32::from(reply.announcements[0]);
}

}  // namespace

Result<Bytes32> Session::keep(const Tensor& a, std::string_view name) {
    C2D_TRY(const Reply reply, run({.operation = Operation::keep, .tensors = {a}, .bytes = as_bytes(name)}, {}));
    return binding_of(reply);
}

Result<Tensor> Session::load(std::string_view name) {
    return make({.operation = Operation::load, .bytes = as_bytes(name)});
}

Result<Unit> Session::save_checkpoint(std::uint64_t step, const std::vector<Tensor>& state) {
    C2D_CHECK(run({.operation = Operation::save_checkpoint, .tensors = state, .integers = {step}}, {}));
    return Unit{};
}

Result<std::optional<LoadedCheckpoint>> Session::load_checkpoint() {
    C2D_TRY(Reply reply, run({.operation = Operation::load_checkpoint}, {}));
    std::optional<LoadedCheckpoint> out;
    if (reply.tensors.empty()) return out;
    if (!reply.opened || reply.opened->data.size() != 1)
        return fail(Status::INTERNAL, "a loaded checkpoint came without its step");
    out = LoadedCheckpoint{static_cast<std::uint64_t>(reply.opened->data[0]), std::move(reply.tensors)};
    return out;
}

Result<Tensor> Session::score(const Tensor& features, const Tensor& model, const ScoreOptions& options) {
    const auto fair = [](double x) { return x > 0 && x <= 1e6; };
    if (!fair(options.odds) || !fair(options.double_after) || !(std::fabs(options.points) <= 1e6))
        return fail(
            Status::INVALID_ARGUMENT,
            "score: expected points within +-10^6, odds and double_after above 0 and at most 10^6; found {}, {}, {}",
            options.points, options.odds, options.double_after);
    const double factor = options.double_after / std::log(2.0);
    return make({Operation::score,
                 {features, model},
                 {static_cast<std::uint64_t>(options.kind)},
                 {options.points - factor * std::log(options.odds), -factor}});
}

Result<std::optional<Matrix>> Session::reveal(const Tensor& a, const std::vector<unsigned>& to) {
    C2D_TRY(Reply reply, run({Operation::reveal, {a}, integers_of(to)}, {}));
    return std::move(reply.opened);
}

// ---------------------------------------------------------------- element by element

Result<Tensor> Session::add(const Tensor& a, const Tensor& b) { return make({Operation::add, {a, b}}); }
Result<Tensor> Session::sub(const Tensor& a, const Tensor& b) { return make({Operation::sub, {a, b}}); }
Result<Tensor> Session::scale(const Tensor& a, double factor) { return make({Operation::scale, {a}, {}, {factor}}); }
Result<Tensor> Session::mul(const Tensor& a, const Tensor& b) { return make({Operation::mul, {a, b}}); }
Result<Tensor> Session::divide(const Tensor& a, const Tensor& b) { return make({Operation::divide, {a, b}}); }
Result<Tensor> Session::inverse_sqrt(const Tensor& a) { return make({Operation::inverse_sqrt, {a}}); }
Result<Tensor> Session::less(const Tensor& a, const Tensor& b) { return make({Operation::less, {a, b}}); }
Result<Tensor> Session::log(const Tensor& a) { return make({Operation::log, {a}}); }

Result<Tensor> Session::reciprocal(const Tensor& a) {
    if (!a) return no_tensor();
    C2D_TRY(const Tensor one, constant({1, 1, {1}}));
    C2D_TRY(const Tensor ones, repeat(one, a.rows(), a.cols()));
    return divide(ones, a);
}

Result<Tensor> Session::select(const Tensor& bit, const Tensor& a, const Tensor& b) {
    return make({Operation::select, {bit, a, b}});
}

Result<Tensor> Session::sigmoid(const Tensor& a, SigmoidKind kind) {
    return make({Operation::sigmoid, {a}, {static_cast<std::uint64_t>(kind)}});
}

// ---------------------------------------------------------------- of whole matrices

Result<Tensor> Session::matmul(const Tensor& a, const Tensor& b) { return make({Operation::matmul, {a, b}}); }
Result<Tensor> Session::transpose(const Tensor& a) { return make({Operation::transpose, {a}}); }

Result<Tensor> Session::sum(const Tensor& a, Sum which) {
    return make({Operation::sum, {a}, {static_cast<std::uint64_t>(which)}});
}

Result<Tensor> Session::rows(const Tensor& a, const std::vector<std::size_t>& index) {
    return make({Operation::rows, {a}, {index.begin(), index.end()}});
}

Result<Tensor> Session::repeat(const Tensor& a, std::size_t rows, std::size_t cols) {
    return make({Operation::repeat, {a}, {rows, cols}});
}

Result<Tensor> Session::hconcat(const std::vector<Tensor>& parts) { return make({Operation::hconcat, parts}); }
Result<Tensor> Session::vconcat(const std::vector<Tensor>& parts) { return make({Operation::vconcat, parts}); }

Result<Tensor> Session::contributions(const Tensor& features, const Tensor& model,
                                      const std::vector<std::size_t>& columns) {
    return make({Operation::contributions, {features, model}, {columns.begin(), columns.end()}});
}

Result<Tensor> Session::reason_codes(const Tensor& contributions, const Tensor& baseline, std::size_t count,
                                     const Tensor& shares) {
    Call call{Operation::reason_codes, {contributions, baseline}, {count}};
    if (shares) call.tensors.push_back(shares);
    return make(call);
}

// ---------------------------------------------------------------- models and statistics

Result<Tensor> Session::train_logistic(const Tensor& features, const Tensor& labels, const TrainOptions& options,
                                       const TrainProgress& progress) {
    return tensor_of(run(train_call(Operation::train_logistic, features, labels, options), progress));
}

Result<Tensor> Session::train_linear(const Tensor& features, const Tensor& targets, const TrainOptions& options,
                                     const TrainProgress& progress) {
    return tensor_of(run(train_call(Operation::train_linear, features, targets, options), progress));
}

Result<Regression> Session::fit_logistic(const Tensor& features, const Tensor& labels,
                                         const RegressionOptions& options) {
    C2D_TRY(Reply reply, run(fit_call(Operation::fit_logistic, features, labels, options), {}));
    return regression_of(std::move(reply));
}

Result<Regression> Session::fit_linear(const Tensor& features, const Tensor& targets,
                                       const RegressionOptions& options) {
    C2D_TRY(Reply reply, run(fit_call(Operation::fit_linear, features, targets, options), {}));
    return regression_of(std::move(reply));
}

Result<Tensor> Session::standardise(const Tensor& a) { return make({Operation::standardise, {a}}); }

Result<std::optional<ColumnStatistics>> Session::column_statistics(const Tensor& a, const Tensor& included,
                                                                   std::size_t count_min,
                                                                   const std::vector<unsigned>& to) {
    Call call{Operation::column_statistics, {a}, {count_min}};
    if (included) call.tensors.push_back(included);
    call.integers.insert(call.integers.end(), to.begin(), to.end());
    C2D_TRY(const Reply reply, run(call, {}));
    std::optional<ColumnStatistics> out;
    if (reply.opened) out = ColumnStatistics{reply.opened->data[0], row_of(*reply.opened, 1), row_of(*reply.opened, 2)};
    return out;
}

Result<Tensor> Session::bin_counts(unsigned owner, const Matrix* bins, std::size_t count, const Tensor& labels) {
    return make({Operation::bin_counts, {labels}, {owner, count}, {}, bins});
}

Result<Tensor> Session::weight_of_evidence(const Tensor& counts, double smoothing) {
    return make({Operation::weight_of_evidence, {counts}, {}, {smoothing}});
}

Result<Tensor> Session::information_value(const Tensor& counts, double smoothing) {
    return make({Operation::information_value, {counts}, {}, {smoothing}});
}

Result<std::optional<Matrix>> Session::reveal_bin_counts(const Tensor& counts) {
    C2D_TRY(Reply reply, run({Operation::reveal_bin_counts, {counts}}, {}));
    return std::move(reply.opened);
}

Result<Tensor> Session::correlations(const Tensor& features) { return make({Operation::correlations, {features}}); }

Result<Tensor> Session::variance_inflation(const Tensor& correlations) {
    return make({Operation::variance_inflation, {correlations}});
}

Result<Tensor> Session::bin_points(const Tensor& values, const Tensor& model) {
    return make({Operation::bin_points, {values, model}});
}

Result<Tensor> Session::encode_bins(unsigned owner, const Matrix* bins, const Tensor& values) {
    return make({Operation::encode_bins, {values}, {owner}, {}, bins});
}

Result<std::optional<double>> Session::auc(const Tensor& scores, const Tensor& labels, unsigned to) {
    C2D_TRY(const Reply reply, run({Operation::auc, {scores, labels}, {to}}, {}));
    return reply.opened ? std::optional(reply.opened->data[0]) : std::nullopt;
}

}  // namespace c2d::mpc
