#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/cleartext/cleartext.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/input_agreement.hpp"
#include "mpc/core/sampling.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace c2d::mpc::cleartext {
namespace {

/// Mann-Whitney with mid-ranks, to four decimals.
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
    const double auc = (ranks - positives * (positives + 1) / 2) / (positives * negatives);
    return std::floor(auc * 1e4 + 0.5) / 1e4;
}

class ClearLearning final : public Learning {
public:
    explicit ClearLearning(Link& link) : link_(link) {}

    Result<TensorPtr> standardise(const TensorData& x) override {
        auto out = make_tensor(x.rows, x.cols);
        const auto n = static_cast<double>(x.rows);
        for (std::size_t c = 0; c < x.cols; ++c) {
            double mean = 0, variance = 0;
            for (std::size_t r = 0; r < x.rows; ++r) mean += values_of(x)[r * x.cols + c] / n;
            for (std::size_t r = 0; r < x.rows; ++r) variance += std::pow(values_of(x)[r * x.cols + c] - mean, 2) / n;
            if (variance < std::ldexp(0x1p-14, 2 * static_cast<int>(standardise_cut(x.rows, x.bound))))
                return standardise_domain();
            for (std::size_t r = 0; r < x.rows; ++r) {
                const double z = (values_of(x)[r * x.cols + c] - mean) / std::sqrt(variance);
                if (std::fabs(z) > kInputMax) return standardise_domain();
                out->values[r * x.cols + c] = z;
            }
        }
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> train(const TensorData& x, const TensorData& y, const TrainOptions& options,
                            const TrainProgress& progress, Model model, LoopCourse& course) override {
        const bool evaluate = options.split != 0 && model == Model::logistic;
        const std::size_t rows = options.split == 0 ? x.rows : options.split, d = x.cols;
        auto w = make_tensor(d + 1, 1);
        const std::vector<std::int64_t> start = Sampler::weights(options.seed, d);
        for (std::size_t j = 0; j < d; ++j) w->values[j] = static_cast<double>(start[j]) * 0x1p-24;
        Sampler sampler(options.seed);
        std::vector<std::uint32_t> batch(options.batch_size);
        const auto check = [&](std::size_t i) -> Result<bool> {
            std::optional<double> auc;
            if (evaluate) {
                C2D_TRY(auc, auc_at(x, y, options, w->values));
            }
            return !progress || progress(i, auc);
        };
        std::size_t first = 0;
        if (const LoopPoint* const begin = course.begin()) {
            w->values = values_of(*begin->tensors.at(0));
            first = begin->step;
        }
        std::size_t look = first;
        for (std::size_t i = first; i <= options.iterations; ++i) {
            const bool evaluated = i == first && course.begin() != nullptr;
            const bool evaluates = i < options.iterations ? i % options.evaluate_every == 0 : evaluates_at_end(options);
            if (evaluates && !evaluated) {
                C2D_TRY(const bool go_on, check(i));
                if (!go_on) return training_cancelled();
            }
            if (i == options.iterations) break;
            if (i != first && i >= look) {
                auto copy = make_tensor(d + 1, 1);
                copy->values = w->values;
                C2D_CHECK(course.between({i, {}, {copy}}));
            }
            if (i >= look) look = i + std::min<std::uint64_t>(course.steps_max(), options.iterations);
            sampler.batch(i, rows, batch);
            step(x, y, batch, options, rate_at(options, i), model, w->values);
        }
        return TensorPtr(std::move(w));
    }

    Result<std::optional<double>> auc(const TensorData& scores, const TensorData& labels, unsigned to) override {
        C2D_CHECK(two_classes(labels, 0));
        std::optional<double> out;
        if (link_.party() == to) out = auc_of(values_of(scores), values_of(labels).data());
        return out;
    }

private:
    static double dot(const TensorData& x, std::size_t row, const std::vector<double>& w) {
        double z = w[x.cols];
        for (std::size_t j = 0; j < x.cols; ++j) z += values_of(x)[row * x.cols + j] * w[j];
        return z;
    }

    static void step(const TensorData& x, const TensorData& y, const std::vector<std::uint32_t>& batch,
                     const TrainOptions& options, double lr, Model model, std::vector<double>& w) {
        std::vector<double> g(x.cols + 1);
        for (std::uint32_t row : batch) {
            const double z = dot(x, row, w);
            const double e = (model == Model::logistic ? 1 / (1 + std::exp(-z)) : z) - values_of(y)[row];
            for (std::size_t j = 0; j < x.cols; ++j) g[j] += e * values_of(x)[row * x.cols + j];
            g[x.cols] += e;
        }
        for (std::size_t j = 0; j < x.cols; ++j) g[j] += options.l2 * w[j];
        for (std::size_t j = 0; j <= x.cols; ++j) w[j] -= lr * g[j];
    }

    static Result<Unit> two_classes(const TensorData& y, std::size_t first) {
        const auto begin = values_of(y).begin() + static_cast<std::ptrdiff_t>(first);
        const auto positives = std::count(begin, values_of(y).end(), 1.0);
        if (positives == 0 || begin + positives == values_of(y).end())
            return unusable_input(fmt::format("the input of party {} {}", y.owner, kOneClassOnly));
        return Unit{};
    }

    Result<std::optional<double>> auc_at(const TensorData& x, const TensorData& y, const TrainOptions& options,
                                         const std::vector<double>& w) {
        C2D_CHECK(two_classes(y, options.split));
        std::optional<double> out;
        if (link_.party() != options.auc_to) return out;
        std::vector<double> scores;
        for (std::size_t row = options.split; row < x.rows; ++row) scores.push_back(dot(x, row, w));
        out = auc_of(scores, values_of(y).data() + options.split);
        return out;
    }

    Link& link_;
};

}  // namespace

std::unique_ptr<Learning> make_learning(Link& link) { return std::make_unique<ClearLearning>(link); }

}  // namespace c2d::mpc::cleartext
