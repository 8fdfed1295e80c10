#include "mpc/core/backend.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/core/piecewise_sigmoid.hpp"
#include "mpc/rep3/division.hpp"
#include "mpc/rep3/engine.hpp"
#include "mpc/rep3/ml/auc.hpp"
#include "mpc/rep3/ml/standardise.hpp"
#include "mpc/rep3/ml/training.hpp"
#include "mpc/rep3/sigmoid.hpp"

#include <algorithm>
#include <cmath>

namespace c2d::mpc {
namespace {

struct Rep3Tensor final : TensorData {
    /// As they came in: a training reads inputs where they stand, without a copy.
    Blocks blocks;
    /// Fractional bits: 16, 0 for bits and labels, 24 for a trained model.
    unsigned fraction = kFractionBits;

    /// One matrix; made when it is first asked for, if there are several blocks or parts of one are
    /// left out.
    const Shares& shares() const {
        if (blocks.size() == 1 && blocks[0]->is_whole()) return blocks[0]->shares();
        if (!joined_) joined_ = joined(blocks);
        return *joined_;
    }

private:
    mutable std::optional<Shares> joined_;
};

const Rep3Tensor& of(const TensorData& data) { return static_cast<const Rep3Tensor&>(data); }

std::shared_ptr<Rep3Tensor> make(Blocks blocks, unsigned fraction) {
    auto out = std::make_shared<Rep3Tensor>();
    out->rows = blocks[0]->rows();
    out->cols = cols_of(blocks);
    out->blocks = std::move(blocks);
    out->fraction = fraction;
    return out;
}
std::shared_ptr<Rep3Tensor> make(Shares shares, unsigned fraction) {
    return make(blocks_of(Owner::nobody, std::move(shares)), fraction);
}

Words encode(const Matrix& data, unsigned fraction) {
    Words out(data.data.size());
    kernel::encode(data.data.data(), std::ldexp(1.0, static_cast<int>(fraction)), out.data(), out.size());
    return out;
}

/// Moves a value to more fractional bits, exactly.
Shares raised(const Rep3Tensor& x, unsigned fraction) {
    Shares out = x.shares();
    if (fraction != x.fraction) multiply_by(out, Word{1} << (fraction - x.fraction));
    return out;
}
/// The same without a copy where nothing changes; else the value stands in `room`.
const Shares& at_scale(const Rep3Tensor& x, unsigned fraction, Shares& room) {
    return fraction == x.fraction ? x.shares() : room = raised(x, fraction);
}
/// The same as it came in, whose blocks are shared where nothing changes.
Blocks raised_blocks(const Rep3Tensor& x, unsigned fraction) {
    if (fraction == x.fraction) return x.blocks;
    return multiplied(x.blocks, Word{1} << (fraction - x.fraction));
}

/// The two operands at the larger of their scales.
struct Aligned {
    Shares a, b;
    unsigned fraction;
};
Aligned align(const TensorData& a, const TensorData& b) {
    const unsigned fraction = std::max(of(a).fraction, of(b).fraction);
    return {raised(of(a), fraction), raised(of(b), fraction), fraction};
}

/// The most fractional bits that any of them has.
unsigned finest(const std::vector<const TensorData*>& parts) {
    unsigned out = 0;
    for (const TensorData* part : parts) out = std::max(out, of(*part).fraction);
    return out;
}

class Rep3Backend final : public Backend {
public:
    explicit Rep3Backend(std::unique_ptr<Engine> engine) : engine_(std::move(engine)) {}
    const char* name() const noexcept override { return "rep3"; }

    Result<std::shared_ptr<TensorData>> input(unsigned owner, const Matrix* data, std::size_t rows, std::size_t cols,
                                              bool labels) override {
        const unsigned fraction = labels ? 0 : kFractionBits;
        Words words = data ? encode(*data, fraction) : Words{};
        C2D_TRY(Block block, engine_->input(owner, std::move(words), rows, cols));
        return std::shared_ptr<TensorData>(make(Blocks{std::make_shared<Block>(std::move(block))}, fraction));
    }

    Result<TensorPtr> constant(const Matrix& data) override {
        const Words words = encode(data, kFractionBits);
        return TensorPtr(make(engine_->constant(words.data(), data.rows, data.cols), kFractionBits));
    }

    Result<TensorPtr> add(const TensorData& a, const TensorData& b, bool negative) override {
        Aligned both = align(a, b);
        if (negative)
            subtract_from(both.a, both.b);
        else
            add_to(both.a, both.b);
        return TensorPtr(make(std::move(both.a), both.fraction));
    }

    Result<TensorPtr> scale(const TensorData& a, double factor) override {
        Shares x = of(a).shares();
        if (factor == std::trunc(factor)) {
            multiply_by(x, static_cast<Word>(static_cast<std::int64_t>(factor)));
            return TensorPtr(make(std::move(x), of(a).fraction));
        }
        multiply_by(x, static_cast<Word>(std::llround(std::ldexp(factor, kFractionBits))));
        return settle(summands_of(engine_->role(), x), of(a).fraction + kFractionBits, a.rows, a.cols);
    }

    Result<TensorPtr> mul(const TensorData& a, const TensorData& b) override {
        return settle(engine_->products_of(of(a).shares(), of(b).shares()), of(a).fraction + of(b).fraction, a.rows,
                      a.cols);
    }

    Result<TensorPtr> matmul(const TensorData& a, const TensorData& b) override {
        return settle(engine_->matmul_of(of(a).shares(), of(b).shares()), of(a).fraction + of(b).fraction, a.rows,
                      b.cols);
    }

    Result<std::shared_ptr<TensorData>> transpose(const TensorData& a) override {
        const Shares& x = of(a).shares();
        Shares out{x.cols, x.rows, Words(x.size()), Words(x.size())};
        for (std::size_t r = 0; r < x.rows; ++r)
            for (std::size_t c = 0; c < x.cols; ++c) {
                out.p[c * x.rows + r] = x.p[r * x.cols + c];
                out.q[c * x.rows + r] = x.q[r * x.cols + c];
            }
        return std::shared_ptr<TensorData>(make(std::move(out), of(a).fraction));
    }

    Result<std::shared_ptr<TensorData>> rows(const TensorData& a, const std::vector<std::size_t>& index) override {
        return std::shared_ptr<TensorData>(make(rows_of(of(a).blocks, index), of(a).fraction));
    }

    Result<std::shared_ptr<TensorData>> hconcat(const std::vector<const TensorData*>& parts) override {
        const unsigned fraction = finest(parts);
        Blocks out;
        for (const TensorData* part : parts) {
            const Blocks blocks = raised_blocks(of(*part), fraction);
            out.insert(out.end(), blocks.begin(), blocks.end());
        }
        return std::shared_ptr<TensorData>(make(std::move(out), fraction));
    }

    Result<std::shared_ptr<TensorData>> vconcat(const std::vector<const TensorData*>& parts) override {
        const unsigned fraction = finest(parts);
        Shares out{0, parts[0]->cols, {}, {}}, room;
        for (const TensorData* part : parts) {
            const Shares& x = at_scale(of(*part), fraction, room);
            out.p.insert(out.p.end(), x.p.begin(), x.p.end());
            out.q.insert(out.q.end(), x.q.begin(), x.q.end());
            out.rows += x.rows;
        }
        return std::shared_ptr<TensorData>(make(std::move(out), fraction));
    }

    Result<std::shared_ptr<TensorData>> less(const TensorData& a, const TensorData& b) override {
        Aligned both = align(a, b);
        subtract_from(both.a, both.b);
        C2D_TRY(const Bits bits, engine_->msb(both.a));
        C2D_TRY(Shares out, engine_->to_arithmetic(bits, a.rows, a.cols));
        return std::shared_ptr<TensorData>(make(std::move(out), 0));
    }

    Result<TensorPtr> select(const TensorData& bit, const TensorData& a, const TensorData& b) override {
        if (of(bit).fraction != 0) return fail(Status::INVALID_ARGUMENT, "select needs a result of less, or labels");
        Aligned both = align(a, b);
        subtract_from(both.a, both.b);
        C2D_TRY(Shares out, engine_->finish(engine_->products_of(of(bit).shares(), both.a), a.rows, a.cols));
        add_to(out, both.b);
        return TensorPtr(make(std::move(out), both.fraction));
    }

    Result<TensorPtr> sum(const TensorData& a, Sum which) override {
        const Shares& x = of(a).shares();
        const std::size_t rows = which == Sum::each_row ? x.rows : 1;
        const std::size_t cols = which == Sum::each_column ? x.cols : 1;
        Shares out{rows, cols, Words(rows * cols), Words(rows * cols)};
        for (std::size_t r = 0; r < x.rows; ++r)
            for (std::size_t c = 0; c < x.cols; ++c) {
                const std::size_t to = which == Sum::each_row ? r : cols == 1 ? 0 : c;
                out.p[to] += x.p[r * x.cols + c];
                out.q[to] += x.q[r * x.cols + c];
            }
        return TensorPtr(make(std::move(out), of(a).fraction));
    }

    Result<std::shared_ptr<TensorData>> repeat(const TensorData& a, std::size_t rows, std::size_t cols) override {
        const Shares& x = of(a).shares();
        Shares out{rows, cols, Words(rows * cols), Words(rows * cols)};
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < cols; ++c) {
                const std::size_t from = (x.rows == 1 ? 0 : r) * x.cols + (x.cols == 1 ? 0 : c);
                out.p[r * cols + c] = x.p[from];
                out.q[r * cols + c] = x.q[from];
            }
        return std::shared_ptr<TensorData>(make(std::move(out), of(a).fraction));
    }

    Result<TensorPtr> divide(const TensorData& a, const TensorData& b) override {
        // Both at 16 bits, at least: the domain is stated for values, not for their scales.
        C2D_TRY(const Shares dividend, at_16(a));
        C2D_TRY(const Shares divisor, at_16(b));
        C2D_TRY(Quotient out, quotient(*engine_, dividend, divisor));
        C2D_TRY(const bool outside, engine_->any(out.outside));
        if (outside) return division_domain();
        return TensorPtr(make(std::move(out.value), kFractionBits));
    }

    Result<TensorPtr> inverse_sqrt(const TensorData& a) override {
        C2D_TRY(const Shares x, at_16(a));
        constexpr RootDomain kDomain{kDivisorFirst, kDivisorLast, kFractionBits};
        C2D_TRY(Quotient out, inverse_root(*engine_, x, kDomain, 1.0, kFractionBits));
        C2D_TRY(const bool outside, engine_->any(out.outside));
        if (outside) return root_domain();
        return TensorPtr(make(std::move(out.value), kFractionBits));
    }

    Result<TensorPtr> sigmoid(const TensorData& a, SigmoidKind kind) override {
        if (kind == SigmoidKind::comparison) return piecewise_sigmoid(a);
        const unsigned fraction = std::max(of(a).fraction, kFractionBits);
        const Words local = summands_of(engine_->role(), raised(of(a), fraction));
        C2D_TRY(Sigmoid p, sigmoid_of(*engine_, local, fraction, 1.0));
        C2D_TRY(const bool outside, engine_->any(p.outside));
        if (outside) return fail(Status::DOMAIN, "sigmoid: an argument is beyond +-{}", kLogitMax);
        p.value.resize(local.size());
        return settle(std::move(p.value), kSigmoidBits, a.rows, a.cols);
    }

    Result<std::optional<Matrix>> reveal(const TensorData& a, const std::vector<unsigned>& to) override {
        std::optional<Matrix> out;
        for (unsigned party = 0; party < kParties; ++party) {
            if (std::find(to.begin(), to.end(), party) == to.end()) continue;
            C2D_TRY(const Words words, engine_->open_to(party, of(a).shares()));
            if (party != engine_->link().party()) continue;
            out = Matrix{a.rows, a.cols, std::vector<double>(words.size())};
            for (std::size_t i = 0; i < words.size(); ++i)
                out->data[i] = std::ldexp(static_cast<double>(static_cast<std::int64_t>(words[i])),
                                          -static_cast<int>(of(a).fraction));
        }
        return out;
    }

    Result<TensorPtr> train(const TensorData& x, const TensorData& y, const TrainOptions& options,
                            const TrainProgress& progress, Model model) override {
        const std::size_t rows = options.split == 0 ? x.rows : options.split;
        const bool evaluate = options.split != 0 && model == Model::logistic;
        const Blocks features = raised_blocks(of(x), kFractionBits);
        const Shares labels = raised(of(y), model == Model::linear ? kFractionBits : of(y).fraction);
        Shares test_labels, inverse;
        std::optional<LinearProducts> test;
        if (evaluate) {
            test.emplace(engine_->role(), features, rows, x.rows - rows);
            test_labels = tail(labels, options.split);
            C2D_TRY(inverse, input_inverse(y, options.split));
        }
        const AtCheck at_check = [&](std::size_t iteration, const Shares& w) -> Result<bool> {
            std::optional<double> auc;
            if (evaluate) {
                C2D_TRY(const Shares scores, score(*engine_, *test, w));
                C2D_TRY(auc, open_auc(scores, test_labels, inverse, options.auc_to));
            }
            return !progress || progress(iteration, auc);
        };
        C2D_TRY(Shares w, mpc::train(*engine_, features, labels, rows, options, at_check, model));
        return TensorPtr(make(std::move(w), kWeightBits));
    }

    Result<std::shared_ptr<TensorData>> standardise(const TensorData& x) override {
        C2D_TRY(auto out, standardised(*engine_, raised(of(x), kFractionBits), x.bound, kInputMax));
        if (!out) return standardise_domain();
        return std::shared_ptr<TensorData>(make(*std::move(out), kFractionBits));
    }

    Result<std::optional<double>> auc(const TensorData& scores, const TensorData& labels, unsigned to) override {
        C2D_TRY(const Shares inverse, input_inverse(labels, 0));
        C2D_TRY(const Shares at16, at_16(scores));
        return open_auc(at16, of(labels).shares(), inverse, to);
    }

private:
    /// A value with 16 fractional bits, whatever it had.
    Result<Shares> at_16(const TensorData& a) {
        if (of(a).fraction <= kFractionBits) return raised(of(a), kFractionBits);
        return engine_->finish_truncated(summands_of(engine_->role(), of(a).shares()), of(a).fraction - kFractionBits,
                                         a.rows, a.cols);
    }

    /// One batch of comparisons with all knots, then one product: intercept + slope x.
    Result<TensorPtr> piecewise_sigmoid(const TensorData& a) {
        constexpr auto kSteps = piecewise::steps();
        C2D_TRY(const Shares x, at_16(a));
        const std::size_t n = x.size();
        Shares below{kSteps.size() * n, 1, {}, {}};
        for (const piecewise::Step& step : kSteps) {
            Shares difference = x;
            add_constant(difference, Word{0} - static_cast<Word>(step.knot), engine_->role());
            below.p.insert(below.p.end(), difference.p.begin(), difference.p.end());
            below.q.insert(below.q.end(), difference.q.begin(), difference.q.end());
        }
        C2D_TRY(const Bits bits, engine_->msb(below));
        C2D_TRY(const Shares under, engine_->to_arithmetic(bits, below.rows, 1));
        Shares slope{a.rows, a.cols, Words(n), Words(n)}, intercept = slope;
        for (std::size_t k = 0; k < kSteps.size(); ++k) {
            const auto by_slope = static_cast<Word>(kSteps[k].slope);
            const auto by_intercept = static_cast<Word>(kSteps[k].intercept);
            // 1 - [x < knot]: the constant 1 belongs to m, which H does not hold.
            for (std::size_t i = 0; i < n; ++i) {
                const Word p = Word{0} - under.p[k * n + i];
                const Word q = (engine_->is_helper() ? 0 : 1) - under.q[k * n + i];
                slope.p[i] += by_slope * p;
                slope.q[i] += by_slope * q;
                intercept.p[i] += by_intercept * p;
                intercept.q[i] += by_intercept * q;
            }
        }
        C2D_TRY(Shares out, engine_->finish_truncated(engine_->products_of(slope, x), kFractionBits, a.rows, a.cols));
        add_to(out, intercept);
        return TensorPtr(make(std::move(out), kFractionBits));
    }

    /// Ends a product: back to 16 fractional bits if it has more.
    Result<TensorPtr> settle(Words local, unsigned fraction, std::size_t rows, std::size_t cols) {
        if (fraction <= kFractionBits) {
            C2D_TRY(Shares out, engine_->finish(std::move(local), rows, cols));
            return TensorPtr(make(std::move(out), fraction));
        }
        C2D_TRY(Shares out, engine_->finish_truncated(std::move(local), fraction - kFractionBits, rows, cols));
        return TensorPtr(make(std::move(out), kFractionBits));
    }

    static Shares tail(const Shares& x, std::size_t first) {
        Shares out{x.rows - first, x.cols, {}, {}};
        out.p.assign(x.p.begin() + static_cast<std::ptrdiff_t>(first * x.cols), x.p.end());
        out.q.assign(x.q.begin() + static_cast<std::ptrdiff_t>(first * x.cols), x.q.end());
        return out;
    }

    /// The label owner, who can count them, shares 1 / (2 P N): nobody else learns P.
    Result<Shares> input_inverse(const TensorData& labels, std::size_t first) {
        Matrix one{1, 1, {0}};
        std::string problem;
        Word word = 0;
        const bool mine = engine_->link().party() == labels.owner;
        if (mine) {
            const ClassCounts counts = count_classes(labels.own_labels, first);
            if (counts.positives == 0 || counts.negatives == 0)
                problem = "has labels of one class only in the rows to evaluate: there is no AUC";
            else
                word = (Word{1} << 60) / (counts.positives * counts.negatives);
        }
        C2D_CHECK(announce_input(engine_->link(), labels.owner, mine ? &one : nullptr, problem));
        C2D_TRY(const Block out, engine_->input(labels.owner, mine ? Words{word} : Words{}, 1, 1));
        return out.whole();
    }

    Result<std::optional<double>> open_auc(const Shares& scores, const Shares& labels, const Shares& inverse,
                                           unsigned to) {
        C2D_TRY(const Shares auc, auc_of(*engine_, scores, labels, inverse));
        C2D_TRY(const Words words, engine_->open_to(to, auc));
        std::optional<double> out;
        if (!words.empty())
            out = std::ldexp(static_cast<double>(static_cast<std::int64_t>(words[0])), -static_cast<int>(kAucBits));
        return out;
    }

    std::unique_ptr<Engine> engine_;
};

}  // namespace

Result<std::unique_ptr<Backend>> rep3_backend(Link& link, Random& random) {
    C2D_TRY(auto engine, Engine::open(link, random));
    return std::unique_ptr<Backend>(std::make_unique<Rep3Backend>(std::move(engine)));
}

}  // namespace c2d::mpc
