#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/backend.hpp"
#include "mpc/core/sampling.hpp"
#include "mpc/rep3/ml/auc.hpp"
#include "mpc/rep3/ml/standardise.hpp"
#include "mpc/rep3/ml/training.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>

namespace c2d::mpc {
namespace {

constexpr std::size_t kAnnouncementMax = std::size_t{1} << 20;
constexpr double kFactorMax = 0x1p20;

Error shapes(const char* operation, const TensorData& a, const TensorData& b) {
    return fail(Status::INVALID_ARGUMENT, "{}: shapes {}x{} and {}x{} do not fit", operation, a.rows, a.cols, b.rows,
                b.cols);
}
bool same_shape(const TensorData& a, const TensorData& b) { return a.rows == b.rows && a.cols == b.cols; }
/// Every tensor argument must hold something.
template <class... Tensors>
Result<Unit> need(const Tensors&... tensors) {
    if ((... && static_cast<bool>(tensors))) return Unit{};
    return fail(Status::INVALID_ARGUMENT, "an empty tensor handle");
}
Result<Tensor> wrap(Result<TensorPtr> data) {
    if (!data) return std::move(data).error();
    return Tensor(*std::move(data));
}
/// Who ends a training early must not keep the others waiting for as long as the session lives.
Result<Tensor> trained(Link& link, Result<TensorPtr> model) {
    if (model.status() == Status::CANCELLED) link.leave(model.error());
    return wrap(std::move(model));
}

/// Why the owner's values cannot be taken, or empty.
std::string problem_of(const Matrix& data, double magnitude_max, bool labels) {
    if (data.rows == 0 || data.cols == 0 || data.rows > kElementsMax / data.cols) return "is empty or too large";
    if (data.data.size() != data.rows * data.cols) return "has a wrong number of values";
    for (std::size_t i = 0; i < data.data.size(); ++i) {
        const double x = data.data[i];
        if (!std::isfinite(x))
            return fmt::format("has a value that is missing or not finite (row {}, column {})", i / data.cols,
                               i % data.cols);
        if (labels && x != 0 && x != 1) return fmt::format("has a label that is not 0 or 1 (row {})", i);
        if (std::fabs(x) <= magnitude_max) continue;
        return fmt::format("has a value beyond +-{} (row {}, column {}); are its columns standardised?", magnitude_max,
                           i / data.cols, i % data.cols);
    }
    return {};
}

}  // namespace

std::size_t Tensor::rows() const noexcept { return data_ ? data_->rows : 0; }
std::size_t Tensor::cols() const noexcept { return data_ ? data_->cols : 0; }

ClassCounts count_classes(const std::vector<std::uint8_t>& labels, std::size_t first) {
    ClassCounts out;
    for (std::size_t i = first; i < labels.size(); ++i) ++(labels[i] ? out.positives : out.negatives);
    return out;
}

Error division_domain() {
    return fail(Status::DOMAIN,
                "divide: a divisor is not in [{}, {}), or a quotient is beyond +-{} (is it positive, "
                "and are both scaled alike?)",
                kDivisorMin, kDivisorMax, kQuotientMax);
}
Error root_domain() {
    return fail(Status::DOMAIN, "inverse_sqrt: an argument is not in [{}, {})", kDivisorMin, kDivisorMax);
}

Error standardise_domain() {
    return fail(Status::DOMAIN,
                "standardise: a column's standard deviation is below 2^-7 (is it constant?), or a "
                "value lies beyond {} of them (an outlier?)",
                kInputMax);
}

Result<Announcement> announce_input(Link& link, unsigned owner, const Matrix* data, const std::string& problem) {
    std::uint8_t header[17] = {};
    Announcement out;
    if (link.party() == owner) {
        if (problem.empty()) out = {data->rows, data->cols};
        std::memcpy(header, &out, sizeof out);
        header[16] = problem.empty() ? 0 : 1;
        for (unsigned peer = 0; peer < kParties; ++peer)
            if (peer != owner) C2D_CHECK(link.send(peer, header));
        if (!problem.empty()) return fail(Status::DOMAIN, "the input of party {} {}", owner, problem);
        return out;
    }
    C2D_CHECK(link.receive(owner, header));
    std::memcpy(&out, header, sizeof out);
    if (header[16] != 0)
        return fail(Status::DOMAIN,
                    "the input of party {} is not usable (its own message says why; for example "
                    "columns that are not standardised)",
                    owner);
    if (out.rows == 0 || out.cols == 0 || out.cols > kElementsMax || out.rows > kElementsMax / out.cols)
        return fail(Status::PEER, "party {} announced a malformed shape", owner);
    return out;
}

Session::Session(std::unique_ptr<Backend> backend, std::unique_ptr<Link> link)
    : link_(std::move(link)), backend_(std::move(backend)) {}
Session::~Session() = default;

unsigned Session::party() const noexcept { return link_->party(); }
const Link::Stats& Session::stats() const noexcept { return link_->stats(); }

Result<std::unique_ptr<Session>> Session::open(SessionOptions options) {
    if (!options.link) return fail(Status::INVALID_ARGUMENT, "a session needs a link");
    auto random = options.random ? options.random : Random::system();
    options.link->set_cancel(options.cancel);
    const bool clear = options.backend == BackendKind::clear;
    std::unique_ptr<Session> session(new Session(nullptr, std::move(options.link)));
    // Programs that do not agree on the protocol must not exchange a share.
    const std::string hello = clear ? "c2d-mpc/2 clear" : "c2d-mpc/2 rep3";
    C2D_TRY(const std::vector<Bytes> hellos, session->exchange(as_bytes(hello)));
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (as_text(hellos[peer]) != hello)
            return fail(Status::PEER, "party {} speaks another protocol than {}", peer, hello);
    if (clear) {
        session->backend_ = clear_backend(*session->link_);
    } else {
        C2D_TRY(session->backend_, rep3_backend(*session->link_, *random));
    }
    return session;
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
    SessionOptions options;
    C2D_TRY(options.link, relay_link(static_cast<int>(fd_number), static_cast<unsigned>(party_number)));
    options.backend = kind;
    return open(std::move(options));
}

Result<std::vector<Bytes>> Session::exchange(BytesView announcement) {
    if (announcement.size() > kAnnouncementMax)
        return fail(Status::LIMIT, "an announcement may have {} bytes", kAnnouncementMax);
    const auto length = static_cast<std::uint32_t>(announcement.size());
    Bytes message(4);
    std::memcpy(message.data(), &length, 4);
    message.insert(message.end(), announcement.begin(), announcement.end());
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (peer != party()) C2D_CHECK(link_->send(peer, message));
    std::vector<Bytes> out(kParties);
    out[party()].assign(announcement.begin(), announcement.end());
    for (unsigned peer = 0; peer < kParties; ++peer) {
        if (peer == party()) continue;
        std::uint8_t head[4];
        C2D_CHECK(link_->receive(peer, head));
        std::uint32_t count = 0;
        std::memcpy(&count, head, 4);
        if (count > kAnnouncementMax) return fail(Status::PEER, "party {} announces {} bytes", peer, count);
        out[peer].resize(count);
        C2D_CHECK(link_->receive(peer, out[peer]));
    }
    return out;
}

Result<Tensor> Session::input(unsigned owner, const Matrix* data, double magnitude_max) {
    if (owner >= kParties || (owner == party()) != (data != nullptr))
        return fail(Status::INVALID_ARGUMENT, "exactly the owner of an input passes data");
    if (!(magnitude_max > 0 && magnitude_max <= kFactorMax))
        return fail(Status::INVALID_ARGUMENT, "magnitude_max must lie in (0, 2^20]");
    const std::string problem = data ? problem_of(*data, magnitude_max, false) : std::string();
    C2D_TRY(const Announcement shape, announce_input(*link_, owner, data, problem));
    C2D_TRY(auto tensor, backend_->input(owner, data, shape.rows, shape.cols, false));
    tensor->bound = magnitude_max;
    return Tensor(std::move(tensor));
}

Result<Tensor> Session::input_labels(unsigned owner, const Matrix* data) {
    if (owner >= kParties || (owner == party()) != (data != nullptr))
        return fail(Status::INVALID_ARGUMENT, "exactly the owner of an input passes data");
    std::string problem = data ? problem_of(*data, 1, true) : std::string();
    if (data && problem.empty() && data->cols != 1) problem = "has more than one column of labels";
    C2D_TRY(const Announcement shape, announce_input(*link_, owner, data, problem));
    if (shape.cols != 1) return fail(Status::PEER, "party {} announced {} columns of labels", owner, shape.cols);
    C2D_TRY(auto tensor, backend_->input(owner, data, shape.rows, 1, true));
    tensor->is_labels = tensor->is_bits = true;
    tensor->owner = owner;
    tensor->bound = 1;
    if (data) tensor->own_labels.assign(data->data.begin(), data->data.end());
    return Tensor(std::move(tensor));
}

Result<Tensor> Session::constant(const Matrix& data) {
    const std::string problem = problem_of(data, kFactorMax, false);
    if (!problem.empty()) return fail(Status::INVALID_ARGUMENT, "the constant {}", problem);
    return wrap(backend_->constant(data));
}

Result<Tensor> Session::add(const Tensor& a, const Tensor& b) {
    C2D_CHECK(need(a, b));
    if (!same_shape(*a.data(), *b.data())) return shapes("add", *a.data(), *b.data());
    return wrap(backend_->add(*a.data(), *b.data(), false));
}

Result<Tensor> Session::sub(const Tensor& a, const Tensor& b) {
    C2D_CHECK(need(a, b));
    if (!same_shape(*a.data(), *b.data())) return shapes("sub", *a.data(), *b.data());
    return wrap(backend_->add(*a.data(), *b.data(), true));
}

Result<Tensor> Session::scale(const Tensor& a, double factor) {
    C2D_CHECK(need(a));
    if (!(std::fabs(factor) <= kFactorMax))
        return fail(Status::INVALID_ARGUMENT, "a public factor must lie within +-2^20");
    return wrap(backend_->scale(*a.data(), factor));
}

Result<Tensor> Session::mul(const Tensor& a, const Tensor& b) {
    C2D_CHECK(need(a, b));
    if (!same_shape(*a.data(), *b.data())) return shapes("mul", *a.data(), *b.data());
    return wrap(backend_->mul(*a.data(), *b.data()));
}

Result<Tensor> Session::matmul(const Tensor& a, const Tensor& b) {
    C2D_CHECK(need(a, b));
    if (a.cols() != b.rows() || a.rows() > kElementsMax / b.cols()) return shapes("matmul", *a.data(), *b.data());
    return wrap(backend_->matmul(*a.data(), *b.data()));
}

Result<Tensor> Session::transpose(const Tensor& a) {
    C2D_CHECK(need(a));
    C2D_TRY(auto out, backend_->transpose(*a.data()));
    out->bound = a.data()->bound;
    return Tensor(std::move(out));
}

Result<Tensor> Session::rows(const Tensor& a, const std::vector<std::size_t>& index) {
    C2D_CHECK(need(a));
    if (index.empty() || index.size() > kElementsMax / a.cols())
        return fail(Status::INVALID_ARGUMENT, "rows: needs between 1 and {} indices", kElementsMax / a.cols());
    for (std::size_t row : index)
        if (row >= a.rows()) return fail(Status::INVALID_ARGUMENT, "rows: index {} of {} rows", row, a.rows());
    C2D_TRY(auto out, backend_->rows(*a.data(), index));
    out->bound = a.data()->bound;
    out->is_labels = a.data()->is_labels;
    out->is_bits = a.data()->is_bits;
    out->owner = a.data()->owner;
    if (!a.data()->own_labels.empty())
        for (std::size_t row : index) out->own_labels.push_back(a.data()->own_labels[row]);
    return Tensor(std::move(out));
}

Result<Tensor> Session::hconcat(const std::vector<Tensor>& parts) {
    if (parts.empty()) return fail(Status::INVALID_ARGUMENT, "hconcat: no parts");
    std::vector<const TensorData*> data;
    double bound = 0;
    bool known = true;
    for (const Tensor& part : parts) {
        C2D_CHECK(need(part));
        if (part.rows() != parts[0].rows()) return shapes("hconcat", *parts[0].data(), *part.data());
        known = known && part.data()->bound > 0;
        bound = std::max(bound, part.data()->bound);
        data.push_back(part.data());
    }
    C2D_TRY(auto out, backend_->hconcat(data));
    out->bound = known ? bound : 0;
    return Tensor(std::move(out));
}

Result<Tensor> Session::vconcat(const std::vector<Tensor>& parts) {
    if (parts.empty()) return fail(Status::INVALID_ARGUMENT, "vconcat: no parts");
    std::vector<const TensorData*> data;
    double bound = 0;
    bool known = true;
    std::size_t rows = 0;
    for (const Tensor& part : parts) {
        C2D_CHECK(need(part));
        if (part.cols() != parts[0].cols()) return shapes("vconcat", *parts[0].data(), *part.data());
        known = known && part.data()->bound > 0;
        bound = std::max(bound, part.data()->bound);
        rows += part.rows();
        data.push_back(part.data());
    }
    if (rows > kElementsMax / parts[0].cols())
        return fail(Status::INVALID_ARGUMENT, "vconcat: {} rows are too many", rows);
    C2D_TRY(auto out, backend_->vconcat(data));
    out->bound = known ? bound : 0;
    return Tensor(std::move(out));
}

Result<Tensor> Session::sum(const Tensor& a, Sum which) {
    C2D_CHECK(need(a));
    return wrap(backend_->sum(*a.data(), which));
}

Result<Tensor> Session::repeat(const Tensor& a, std::size_t rows, std::size_t cols) {
    C2D_CHECK(need(a));
    if (rows == 0 || cols == 0 || rows > kElementsMax / cols || (a.rows() != 1 && a.rows() != rows) ||
        (a.cols() != 1 && a.cols() != cols))
        return fail(Status::INVALID_ARGUMENT, "repeat: {}x{} cannot become {}x{}: each side must be 1 or stay as it is",
                    a.rows(), a.cols(), rows, cols);
    C2D_TRY(auto out, backend_->repeat(*a.data(), rows, cols));
    out->bound = a.data()->bound;
    return Tensor(std::move(out));
}

Result<Tensor> Session::divide(const Tensor& a, const Tensor& b) {
    C2D_CHECK(need(a, b));
    if (!same_shape(*a.data(), *b.data())) return shapes("divide", *a.data(), *b.data());
    return wrap(backend_->divide(*a.data(), *b.data()));
}

Result<Tensor> Session::reciprocal(const Tensor& a) {
    C2D_CHECK(need(a));
    C2D_TRY(const Tensor one, constant({1, 1, {1}}));
    C2D_TRY(const Tensor ones, repeat(one, a.rows(), a.cols()));
    return divide(ones, a);
}

Result<Tensor> Session::inverse_sqrt(const Tensor& a) {
    C2D_CHECK(need(a));
    return wrap(backend_->inverse_sqrt(*a.data()));
}

Result<Tensor> Session::less(const Tensor& a, const Tensor& b) {
    C2D_CHECK(need(a, b));
    if (!same_shape(*a.data(), *b.data())) return shapes("less", *a.data(), *b.data());
    C2D_TRY(auto out, backend_->less(*a.data(), *b.data()));
    out->is_bits = true;
    return Tensor(std::move(out));
}

Result<Tensor> Session::select(const Tensor& bit, const Tensor& a, const Tensor& b) {
    C2D_CHECK(need(bit, a, b));
    if (!same_shape(*a.data(), *b.data())) return shapes("select", *a.data(), *b.data());
    if (!same_shape(*bit.data(), *a.data())) return shapes("select", *bit.data(), *a.data());
    return wrap(backend_->select(*bit.data(), *a.data(), *b.data()));
}

Result<Tensor> Session::sigmoid(const Tensor& a, SigmoidKind kind) {
    C2D_CHECK(need(a));
    return wrap(backend_->sigmoid(*a.data(), kind));
}

Result<std::optional<Matrix>> Session::reveal(const Tensor& a, const std::vector<unsigned>& to) {
    C2D_CHECK(need(a));
    for (unsigned party : to)
        if (party >= kParties) return fail(Status::INVALID_ARGUMENT, "reveal: there is no party {}", party);
    return backend_->reveal(*a.data(), to);
}

Result<Unit> Session::check_training(const Tensor& features, const TrainOptions& options) const {
    const double bound = features.data()->bound;
    if (!(bound > 0 && bound <= kInputMax))
        return fail(Status::INVALID_ARGUMENT, "features must be inputs of magnitude at most {}", kInputMax);
    if (options.split > features.rows())
        return fail(Status::INVALID_ARGUMENT, "split {} is more than {} rows (0: train on all)", options.split,
                    features.rows());
    if (options.batch_size == 0 || static_cast<double>(options.batch_size) * bound > kBatchMagnitudeMax)
        return fail(Status::INVALID_ARGUMENT, "batch_size {} with features up to {}: the product must lie in 1 to {}",
                    options.batch_size, bound, kBatchMagnitudeMax);
    if (!(options.lr_decay > 0 && options.lr_decay <= 1))
        return fail(Status::INVALID_ARGUMENT, "lr_decay must lie in (0, 1], found {}", options.lr_decay);
    const double last_rate = options.iterations == 0 ? options.lr : rate_at(options, options.iterations - 1);
    if (!(last_rate >= 0x1p-24 && options.lr <= 1))
        return fail(Status::INVALID_ARGUMENT, "lr must lie in 2^-24 to 1, found {} falling to {}", options.lr,
                    last_rate);
    if (!(options.l2 >= 0 && options.l2 <= 256))
        return fail(Status::INVALID_ARGUMENT, "l2 must lie in 0 to 256, found {}", options.l2);
    if (options.iterations == 0 || options.evaluate_every == 0 || options.auc_to >= kParties)
        return fail(Status::INVALID_ARGUMENT, "iterations and evaluate_every must be positive, auc_to a party");
    return Unit{};
}

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
    C2D_CHECK(need(features, labels));
    if (!labels.data()->is_labels || labels.rows() != features.rows())
        return fail(Status::INVALID_ARGUMENT, "training needs {} labels from input_labels, found {}", features.rows(),
                    labels.rows());
    C2D_CHECK(check_training(features, options));
    if (options.split != 0 && options.split + 2 > features.rows())
        return fail(Status::INVALID_ARGUMENT, "split {} leaves less than 2 of {} rows to evaluate on (0: train on all)",
                    options.split, features.rows());
    if (options.split != 0 && features.rows() - options.split > kAucRowsMax)
        return fail(Status::LIMIT, "at most {} rows can be evaluated on", kAucRowsMax);
    return trained(*link_,
                   backend_->train(*features.data(), *labels.data(), options, measured(progress), Model::logistic));
}

Result<Tensor> Session::train_linear(const Tensor& features, const Tensor& targets, const TrainOptions& options,
                                     const TrainProgress& progress) {
    C2D_CHECK(need(features, targets));
    const double bound = targets.data()->bound;
    if (targets.cols() != 1 || targets.rows() != features.rows() || !(bound > 0 && bound <= kInputMax))
        return fail(Status::INVALID_ARGUMENT,
                    "linear training needs {} targets from input, of magnitude at most {}; found "
                    "{}x{} up to {}",
                    features.rows(), kInputMax, targets.rows(), targets.cols(), bound);
    C2D_CHECK(check_training(features, options));
    return trained(*link_,
                   backend_->train(*features.data(), *targets.data(), options, measured(progress), Model::linear));
}

Result<Tensor> Session::standardise(const Tensor& a) {
    C2D_CHECK(need(a));
    const double bound = a.data()->bound, rows = static_cast<double>(a.rows());
    if (!(bound > 0 && rows >= 2 && rows * bound * bound <= kStandardiseMax))
        return fail(Status::INVALID_ARGUMENT,
                    "standardise: needs 2 rows or more of inputs, rows times the square of their "
                    "magnitude at most 2^28; found {} rows up to {}",
                    a.rows(), bound);
    C2D_TRY(auto out, backend_->standardise(*a.data()));
    out->bound = kInputMax;
    return Tensor(std::move(out));
}

Result<std::optional<double>> Session::auc(const Tensor& scores, const Tensor& labels, unsigned to) {
    C2D_CHECK(need(scores, labels));
    if (!labels.data()->is_labels || scores.cols() != 1 || scores.rows() != labels.rows())
        return fail(Status::INVALID_ARGUMENT, "auc needs a column of scores and as many labels from input_labels");
    if (scores.rows() < 2 || scores.rows() > kAucRowsMax || to >= kParties)
        return fail(Status::INVALID_ARGUMENT, "auc: 2 to {} rows, to one of the parties", kAucRowsMax);
    return backend_->auc(*scores.data(), *labels.data(), to);
}

}  // namespace c2d::mpc
