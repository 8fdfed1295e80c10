#include "mpc/rep3/ml/learning.hpp"

#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/input_agreement.hpp"
#include "mpc/rep3/ml/auc.hpp"
#include "mpc/rep3/ml/standardise.hpp"
#include "mpc/rep3/ml/training.hpp"
#include "mpc/rep3/tensor.hpp"

#include <algorithm>

namespace c2d::mpc::rep3 {
namespace {

Shares tail(const Shares& x, std::size_t first) {
    Shares out{x.rows - first, x.cols, {}, {}};
    out.p.assign(x.p.begin() + static_cast<std::ptrdiff_t>(first * x.cols), x.p.end());
    out.q.assign(x.q.begin() + static_cast<std::ptrdiff_t>(first * x.cols), x.q.end());
    return out;
}

/// At the labels' owner how many are 1 from row `first` on; nothing elsewhere. Of a joined table it is told.
Result<std::optional<Word>> count_ones(Engine& engine, const Rep3Tensor& labels, std::size_t first) {
    if (!labels.rows_unknown) {
        if (engine.link().party() != labels.owner) return std::optional<Word>();
        const auto begin = labels.own_labels.begin() + static_cast<std::ptrdiff_t>(first);
        return std::optional(static_cast<Word>(std::count(begin, labels.own_labels.end(), std::uint8_t{1})));
    }
    Shares ones{1, 1, Words(1), Words(1)};
    for (std::size_t row = first; row < labels.rows; ++row) {
        ones.p[0] += labels.shares().p[row];
        ones.q[0] += labels.shares().q[row];
    }
    C2D_TRY(const Words opened, engine.open_to(labels.owner, ones));
    return opened.empty() ? std::optional<Word>() : std::optional(opened[0]);
}

/// The AUC of rows whose labels an owner can count: nobody else learns how many are positive.
class Evaluation {
public:
    /// Of the labels from row `first` on. Fails with `domain` at all parties where they are of one class.
    static Result<Evaluation> open(Engine& engine, const Rep3Tensor& labels, std::size_t first) {
        Matrix one{1, 1, {0}};
        C2D_TRY(const std::optional<Word> ones, count_ones(engine, labels, first));
        const bool mine = ones.has_value();
        const Word pairs = mine ? *ones * (labels.rows - first - *ones) : 0;
        const Word inverse = pairs == 0 ? 0 : inverse_of_pairs(pairs);
        const std::string problem(mine && inverse == 0 ? kOneClassOnly : "");
        C2D_CHECK(announce_input(engine.link(), labels.owner, mine ? &one : nullptr, problem));
        C2D_TRY(const Block shared, engine.input(labels.owner, mine ? Words{inverse} : Words{}, 1, 1));
        return Evaluation(engine, tail(labels.shares(), first), shared.whole());
    }

    /// Of scores at 2^16, to one party.
    Result<std::optional<double>> auc(const Shares& scores, unsigned to) const {
        C2D_TRY(const Shares auc, auc_of(*engine_, scores, labels_, inverse_));
        C2D_TRY(const Words words, engine_->open_to(to, auc));
        std::optional<double> out;
        if (!words.empty()) out = static_cast<double>(words[0]) / static_cast<double>(kAucUnit);
        return out;
    }

private:
    Evaluation(Engine& engine, Shares labels, Shares inverse)
        : engine_(&engine), labels_(std::move(labels)), inverse_(std::move(inverse)) {}

    Engine* engine_;
    Shares labels_, inverse_;
};

class Rep3Learning final : public Learning {
public:
    explicit Rep3Learning(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

    Result<TensorPtr> train(const TensorData& x, const TensorData& y, const TrainOptions& options,
                            const TrainProgress& progress, Model model, LoopCourse& course) override {
        const std::size_t rows = options.split == 0 ? x.rows : options.split;
        const Blocks features = raised_blocks(tensor_of(x), kFractionBits);
        const Rep3Tensor& labels = tensor_of(y);
        std::optional<LinearProducts> test;
        std::optional<Evaluation> evaluation;
        if (options.split != 0 && model == Model::logistic) {
            test.emplace(engine_->role(), features, rows, x.rows - rows);
            C2D_TRY(evaluation, Evaluation::open(*engine_, labels, rows));
        }
        const AtCheck at_check = [&](std::size_t iteration, const Shares& w) -> Result<bool> {
            std::optional<double> auc;
            if (evaluation) {
                C2D_TRY(const Shares scores, score(*engine_, *test, w));
                C2D_TRY(auc, evaluation->auc(scores, options.auc_to));
            }
            return !progress || progress(iteration, auc);
        };
        const Shares targets = raised(labels, model == Model::linear ? kFractionBits : labels.fraction);
        C2D_TRY(Shares w,
                rep3::train(*engine_, features, targets, rows, options, at_check, model, x.bound, course_of(course)));
        return TensorPtr(make_tensor(std::move(w), kWeightBits));
    }

    Result<TensorPtr> standardise(const TensorData& x) override {
        C2D_TRY(auto out, standardised(*engine_, raised(tensor_of(x), kFractionBits), x.bound, kInputMax));
        if (!out) return standardise_domain();
        return TensorPtr(make_tensor(*std::move(out), kFractionBits));
    }

    Result<std::optional<double>> auc(const TensorData& scores, const TensorData& labels, unsigned to) override {
        C2D_TRY(const Evaluation evaluation, Evaluation::open(*engine_, tensor_of(labels), 0));
        C2D_TRY(const Shares ordinary, at_16(*engine_, scores));
        return evaluation.auc(ordinary, to);
    }

private:
    Course course_of(LoopCourse& course) {
        Course out;
        if (!course.is_on()) return out;
        if (const LoopPoint* const begin = course.begin()) {
            out.iteration = begin->step;
            out.fell_back = begin->numbers.at(0) != 0;
            out.weights = tensor_of(*begin->tensors.at(0)).shares();
        }
        out.segment_max = [&course] { return course.steps_max(); };
        out.between = [this, &course](std::size_t iteration, bool fell_back, const Shares& weights) -> Result<Unit> {
            // What comes next goes over the link by itself.
            C2D_CHECK(engine_->flush());
            return course.between({iteration, {fell_back ? 1u : 0u}, {make_tensor(weights, kWeightBits)}});
        };
        return out;
    }

    std::shared_ptr<Engine> engine_;
};

}  // namespace

std::unique_ptr<Learning> make_learning(std::shared_ptr<Engine> engine) {
    return std::make_unique<Rep3Learning>(std::move(engine));
}

}  // namespace c2d::mpc::rep3
