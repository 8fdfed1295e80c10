/// The oracle: every party holds every value as a double. For tests only, chosen by operator code.

#include "mpc/core/backend.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/piecewise_sigmoid.hpp"
#include "mpc/core/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace c2d::mpc {
namespace {

struct ClearTensor final : TensorData {
    std::vector<double> values;
};

const std::vector<double>& of(const TensorData& data) { return static_cast<const ClearTensor&>(data).values; }

std::shared_ptr<ClearTensor> make(std::size_t rows, std::size_t cols) {
    auto out = std::make_shared<ClearTensor>();
    out->rows = rows;
    out->cols = cols;
    out->values.resize(rows * cols);
    return out;
}

double sigmoid_at(double z) { return 1 / (1 + std::exp(-z)); }

/// Mann-Whitney with mid-ranks.
double auc_of(const std::vector<double>& scores, const double* labels) {
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
    double ranks = 0, positives = 0;
    for (std::size_t i = 0; i < order.size();) {
        std::size_t end = i;
        while (end < order.size() && scores[order[end]] == scores[order[i]]) ++end;
        const double rank = (static_cast<double>(i + 1) + static_cast<double>(end)) / 2;
        for (; i < end; ++i) {
            positives += labels[order[i]];
            ranks += labels[order[i]] * rank;
        }
    }
    const double negatives = static_cast<double>(order.size()) - positives;
    return (ranks - positives * (positives + 1) / 2) / (positives * negatives);
}

class ClearBackend final : public Backend {
public:
    explicit ClearBackend(Link& link) : link_(link) {}
    const char* name() const noexcept override { return "clear"; }

    Result<std::shared_ptr<TensorData>> input(unsigned owner, const Matrix* data, std::size_t rows, std::size_t cols,
                                              bool) override {
        auto out = make(rows, cols);
        std::span<std::uint8_t> bytes{reinterpret_cast<std::uint8_t*>(out->values.data()),
                                      out->values.size() * sizeof(double)};
        if (data) {
            out->values = data->data;
            bytes = {reinterpret_cast<std::uint8_t*>(out->values.data()), bytes.size()};
            for (unsigned peer = 0; peer < kParties; ++peer)
                if (peer != owner) C2D_CHECK(link_.send(peer, bytes));
        } else {
            C2D_CHECK(link_.receive(owner, bytes));
        }
        return std::shared_ptr<TensorData>(std::move(out));
    }

    Result<TensorPtr> constant(const Matrix& data) override {
        auto out = make(data.rows, data.cols);
        out->values = data.data;
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> add(const TensorData& a, const TensorData& b, bool negative) override {
        return each(a, [&](std::size_t i) { return of(a)[i] + (negative ? -of(b)[i] : of(b)[i]); });
    }
    Result<TensorPtr> scale(const TensorData& a, double factor) override {
        return each(a, [&](std::size_t i) { return of(a)[i] * factor; });
    }
    Result<TensorPtr> mul(const TensorData& a, const TensorData& b) override {
        return each(a, [&](std::size_t i) { return of(a)[i] * of(b)[i]; });
    }
    Result<std::shared_ptr<TensorData>> less(const TensorData& a, const TensorData& b) override {
        auto out = make(a.rows, a.cols);
        for (std::size_t i = 0; i < out->values.size(); ++i) out->values[i] = of(a)[i] < of(b)[i] ? 1.0 : 0.0;
        return std::shared_ptr<TensorData>(std::move(out));
    }
    Result<TensorPtr> select(const TensorData& bit, const TensorData& a, const TensorData& b) override {
        return each(a, [&](std::size_t i) { return of(bit)[i] != 0 ? of(a)[i] : of(b)[i]; });
    }
    Result<TensorPtr> sum(const TensorData& a, Sum which) override {
        auto out = make(which == Sum::each_row ? a.rows : 1, which == Sum::each_column ? a.cols : 1);
        for (std::size_t r = 0; r < a.rows; ++r)
            for (std::size_t c = 0; c < a.cols; ++c)
                out->values[which == Sum::each_row ? r : which == Sum::each_column ? c : 0] += of(a)[r * a.cols + c];
        return TensorPtr(std::move(out));
    }
    Result<std::shared_ptr<TensorData>> repeat(const TensorData& a, std::size_t rows, std::size_t cols) override {
        auto out = make(rows, cols);
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < cols; ++c)
                out->values[r * cols + c] = of(a)[(a.rows == 1 ? 0 : r) * a.cols + (a.cols == 1 ? 0 : c)];
        return std::shared_ptr<TensorData>(std::move(out));
    }
    Result<TensorPtr> divide(const TensorData& a, const TensorData& b) override {
        for (std::size_t i = 0; i < of(b).size(); ++i)
            if (!(of(b)[i] >= kDivisorMin && of(b)[i] < kDivisorMax && std::fabs(of(a)[i]) < kQuotientMax * of(b)[i]))
                return division_domain();
        return each(a, [&](std::size_t i) { return of(a)[i] / of(b)[i]; });
    }
    Result<TensorPtr> inverse_sqrt(const TensorData& a) override {
        for (const double x : of(a))
            if (!(x >= kDivisorMin && x < kDivisorMax)) return root_domain();
        return each(a, [&](std::size_t i) { return 1 / std::sqrt(of(a)[i]); });
    }

    Result<TensorPtr> sigmoid(const TensorData& a, SigmoidKind kind) override {
        if (kind == SigmoidKind::comparison)
            return each(a, [&](std::size_t i) { return piecewise::value_at(of(a)[i]); });
        for (double z : of(a))
            if (std::fabs(z) > kLogitMax) return fail(Status::DOMAIN, "sigmoid: an argument is beyond +-{}", kLogitMax);
        return each(a, [&](std::size_t i) { return sigmoid_at(of(a)[i]); });
    }

    Result<TensorPtr> matmul(const TensorData& a, const TensorData& b) override {
        auto out = make(a.rows, b.cols);
        for (std::size_t i = 0; i < a.rows; ++i)
            for (std::size_t k = 0; k < a.cols; ++k)
                for (std::size_t j = 0; j < b.cols; ++j)
                    out->values[i * b.cols + j] += of(a)[i * a.cols + k] * of(b)[k * b.cols + j];
        return TensorPtr(std::move(out));
    }

    Result<std::shared_ptr<TensorData>> transpose(const TensorData& a) override {
        auto out = make(a.cols, a.rows);
        for (std::size_t r = 0; r < a.rows; ++r)
            for (std::size_t c = 0; c < a.cols; ++c) out->values[c * a.rows + r] = of(a)[r * a.cols + c];
        return std::shared_ptr<TensorData>(std::move(out));
    }

    Result<std::shared_ptr<TensorData>> rows(const TensorData& a, const std::vector<std::size_t>& index) override {
        auto out = make(index.size(), a.cols);
        for (std::size_t i = 0; i < index.size(); ++i)
            std::copy_n(&of(a)[index[i] * a.cols], a.cols, &out->values[i * a.cols]);
        return std::shared_ptr<TensorData>(std::move(out));
    }

    Result<std::shared_ptr<TensorData>> hconcat(const std::vector<const TensorData*>& parts) override {
        std::size_t cols = 0, offset = 0;
        for (const TensorData* part : parts) cols += part->cols;
        auto out = make(parts[0]->rows, cols);
        for (const TensorData* part : parts) {
            for (std::size_t r = 0; r < out->rows; ++r)
                std::copy_n(&of(*part)[r * part->cols], part->cols, &out->values[r * cols + offset]);
            offset += part->cols;
        }
        return std::shared_ptr<TensorData>(std::move(out));
    }

    Result<std::shared_ptr<TensorData>> vconcat(const std::vector<const TensorData*>& parts) override {
        auto out = make(0, parts[0]->cols);
        for (const TensorData* part : parts) {
            out->values.insert(out->values.end(), of(*part).begin(), of(*part).end());
            out->rows += part->rows;
        }
        return std::shared_ptr<TensorData>(std::move(out));
    }

    Result<std::shared_ptr<TensorData>> standardise(const TensorData& x) override {
        auto out = make(x.rows, x.cols);
        const auto n = static_cast<double>(x.rows);
        for (std::size_t c = 0; c < x.cols; ++c) {
            double mean = 0, variance = 0;
            for (std::size_t r = 0; r < x.rows; ++r) mean += of(x)[r * x.cols + c] / n;
            for (std::size_t r = 0; r < x.rows; ++r) variance += std::pow(of(x)[r * x.cols + c] - mean, 2) / n;
            if (variance < 0x1p-14) return standardise_domain();
            for (std::size_t r = 0; r < x.rows; ++r) {
                const double z = (of(x)[r * x.cols + c] - mean) / std::sqrt(variance);
                if (std::fabs(z) > kInputMax) return standardise_domain();
                out->values[r * x.cols + c] = z;
            }
        }
        return std::shared_ptr<TensorData>(std::move(out));
    }

    Result<std::optional<Matrix>> reveal(const TensorData& a, const std::vector<unsigned>& to) override {
        std::optional<Matrix> out;
        if (std::find(to.begin(), to.end(), link_.party()) != to.end()) out = Matrix{a.rows, a.cols, of(a)};
        return out;
    }

    Result<TensorPtr> train(const TensorData& x, const TensorData& y, const TrainOptions& options,
                            const TrainProgress& progress, Model model) override {
        const bool evaluate = options.split != 0 && model == Model::logistic;
        const std::size_t rows = options.split == 0 ? x.rows : options.split, d = x.cols;
        auto w = make(d + 1, 1);
        const std::vector<std::int64_t> start = Sampler::weights(options.seed, d);
        for (std::size_t j = 0; j < d; ++j) w->values[j] = static_cast<double>(start[j]) * 0x1p-24;
        Sampler sampler(options.seed);
        std::vector<std::uint32_t> batch(options.batch_size);
        for (std::size_t i = 0; i < options.iterations; ++i) {
            sampler.batch(i, rows, batch);
            if (i % options.evaluate_every == 0) {
                std::optional<double> auc;
                if (evaluate) {
                    C2D_TRY(auc, auc_at(x, y, options, w->values));
                }
                if (progress && !progress(i, auc))
                    return fail(Status::CANCELLED, "the progress callback ended the training");
            }
            step(x, y, batch, options, rate_at(options, i), model, w->values);
        }
        return TensorPtr(std::move(w));
    }

    Result<std::optional<double>> auc(const TensorData& scores, const TensorData& labels, unsigned to) override {
        C2D_CHECK(two_classes(labels, 0));
        std::optional<double> out;
        if (link_.party() == to) out = auc_of(of(scores), of(labels).data());
        return out;
    }

private:
    template <class F>
    Result<TensorPtr> each(const TensorData& shape, F f) {
        auto out = make(shape.rows, shape.cols);
        for (std::size_t i = 0; i < out->values.size(); ++i) out->values[i] = f(i);
        return TensorPtr(std::move(out));
    }

    static double dot(const TensorData& x, std::size_t row, const std::vector<double>& w) {
        double z = w[x.cols];
        for (std::size_t j = 0; j < x.cols; ++j) z += of(x)[row * x.cols + j] * w[j];
        return z;
    }

    static void step(const TensorData& x, const TensorData& y, const std::vector<std::uint32_t>& batch,
                     const TrainOptions& options, double lr, Model model, std::vector<double>& w) {
        std::vector<double> g(x.cols + 1);
        for (std::uint32_t row : batch) {
            const double z = dot(x, row, w);
            const double e = (model == Model::logistic ? sigmoid_at(z) : z) - of(y)[row];
            for (std::size_t j = 0; j < x.cols; ++j) g[j] += e * of(x)[row * x.cols + j];
            g[x.cols] += e;
        }
        for (std::size_t j = 0; j < x.cols; ++j) g[j] += options.l2 * w[j];
        for (std::size_t j = 0; j <= x.cols; ++j) w[j] -= lr * g[j];
    }

    static Result<Unit> two_classes(const TensorData& y, std::size_t first) {
        const auto begin = of(y).begin() + static_cast<std::ptrdiff_t>(first);
        const auto positives = std::count(begin, of(y).end(), 1.0);
        if (positives == 0 || begin + positives == of(y).end())
            return fail(Status::DOMAIN,
                        "the input of party {} has labels of one class only in the rows to "
                        "evaluate: there is no AUC",
                        y.owner);
        return Unit{};
    }

    Result<std::optional<double>> auc_at(const TensorData& x, const TensorData& y, const TrainOptions& options,
                                         const std::vector<double>& w) {
        C2D_CHECK(two_classes(y, options.split));
        std::optional<double> out;
        if (link_.party() != options.auc_to) return out;
        std::vector<double> scores;
        for (std::size_t row = options.split; row < x.rows; ++row) scores.push_back(dot(x, row, w));
        out = auc_of(scores, of(y).data() + options.split);
        return out;
    }

    Link& link_;
};

}  // namespace

std::unique_ptr<Backend> clear_backend(Link& link) { return std::make_unique<ClearBackend>(link); }

}  // namespace c2d::mpc
