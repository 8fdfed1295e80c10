#include "mpc/rep3/backend.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/core/piecewise_sigmoid.hpp"
#include "mpc/rep3/division.hpp"
#include "mpc/rep3/sigmoid.hpp"
#include "mpc/rep3/tensor.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace c2d::mpc::rep3 {
namespace {

Words encode(const Matrix& data, unsigned fraction) {
    Words out(data.data.size());
    kernel::encode(data.data.data(), std::ldexp(1.0, static_cast<int>(fraction)), out.data(), out.size());
    return out;
}

/// The two operands at the larger of their scales.
struct Aligned {
    Shares a, b;
    unsigned fraction;
};
Aligned align(const TensorData& a, const TensorData& b) {
    const unsigned fraction = std::max(tensor_of(a).fraction, tensor_of(b).fraction);
    return {raised(tensor_of(a), fraction), raised(tensor_of(b), fraction), fraction};
}

/// The most fractional bits that any of them has.
unsigned finest(const std::vector<const TensorData*>& parts) {
    unsigned out = 0;
    for (const TensorData* part : parts) out = std::max(out, tensor_of(*part).fraction);
    return out;
}

class Rep3Backend final : public Backend {
public:
    explicit Rep3Backend(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

    Result<TensorPtr> input(unsigned owner, const Matrix* data, std::size_t rows, std::size_t cols,
                            InputKind kind) override {
        const unsigned fraction = kind == InputKind::values ? kFractionBits : 0;
        Words words = data ? encode(*data, fraction) : Words{};
        C2D_TRY(Block block, engine_->input(owner, std::move(words), rows, cols));
        auto out = make_tensor(Blocks{std::make_shared<Block>(std::move(block))}, fraction);
        if (data && kind == InputKind::labels) out->own_labels.assign(data->data.begin(), data->data.end());
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> constant(const Matrix& data) override {
        const Words words = encode(data, kFractionBits);
        return TensorPtr(make_tensor(engine_->constant(words.data(), data.rows, data.cols), kFractionBits));
    }

    Result<KeptTensor> save(const TensorData& a) override {
        C2D_TRY(const Shares fresh,
                engine_->reshare(summands_of(engine_->role(), tensor_of(a).shares()), a.rows, a.cols));
        KeptTensor out{a.rows, a.cols, tensor_of(a).fraction, ClearedBytes(fresh.size() * 16)};
        std::memcpy(out.shares.data(), fresh.p.data(), fresh.size() * 8);
        std::memcpy(out.shares.data() + fresh.size() * 8, fresh.q.data(), fresh.size() * 8);
        return out;
    }
    Result<TensorPtr> restore(const KeptTensor& kept, const Bytes32& context) override {
        const std::size_t count = kept.rows * kept.cols;
        Shares out{kept.rows, kept.cols, Words(count), Words(count)};
        std::memcpy(out.p.data(), kept.shares.data(), count * 8);
        std::memcpy(out.q.data(), kept.shares.data() + count * 8, count * 8);
        C2D_TRY(const bool same, engine_->holds_the_same(out, context));
        if (!same) return fail(Status::CORRUPT, "a share is not what its pair kept");
        return TensorPtr(make_tensor(std::move(out), kept.fraction));
    }

    Result<TensorPtr> add(const TensorData& a, const TensorData& b) override {
        Aligned both = align(a, b);
        add_to(both.a, both.b);
        return TensorPtr(make_tensor(std::move(both.a), both.fraction));
    }
    Result<TensorPtr> sub(const TensorData& a, const TensorData& b) override {
        Aligned both = align(a, b);
        subtract_from(both.a, both.b);
        return TensorPtr(make_tensor(std::move(both.a), both.fraction));
    }

    Result<TensorPtr> scale(const TensorData& a, double factor) override {
        Shares x = tensor_of(a).shares();
        if (factor == std::trunc(factor)) {
            multiply_by(x, static_cast<Word>(static_cast<std::int64_t>(factor)));
            return TensorPtr(make_tensor(std::move(x), tensor_of(a).fraction));
        }
        multiply_by(x, static_cast<Word>(std::llround(std::ldexp(factor, kFractionBits))));
        return reshare_to_scale(summands_of(engine_->role(), x), tensor_of(a).fraction + kFractionBits, a.rows, a.cols);
    }

    Result<TensorPtr> mul(const TensorData& a, const TensorData& b) override {
        return reshare_to_scale(engine_->local_products(tensor_of(a).shares(), tensor_of(b).shares()),
                                tensor_of(a).fraction + tensor_of(b).fraction, a.rows, a.cols);
    }

    Result<TensorPtr> matmul(const TensorData& a, const TensorData& b) override {
        return reshare_to_scale(engine_->local_matmul(tensor_of(a).shares(), tensor_of(b).shares()),
                                tensor_of(a).fraction + tensor_of(b).fraction, a.rows, b.cols);
    }

    Result<TensorPtr> transpose(const TensorData& a) override {
        const Shares& x = tensor_of(a).shares();
        Shares out{x.cols, x.rows, Words(x.size()), Words(x.size())};
        for (std::size_t r = 0; r < x.rows; ++r)
            for (std::size_t c = 0; c < x.cols; ++c) {
                out.p[c * x.rows + r] = x.p[r * x.cols + c];
                out.q[c * x.rows + r] = x.q[r * x.cols + c];
            }
        return TensorPtr(make_tensor(std::move(out), tensor_of(a).fraction));
    }

    Result<TensorPtr> gather(const TensorData& a, const std::vector<std::size_t>& index) override {
        const Rep3Tensor& x = tensor_of(a);
        auto out = make_tensor(rows_of(x.blocks, index), x.fraction);
        if (!x.own_labels.empty())
            for (const std::size_t row : index) out->own_labels.push_back(x.own_labels[row]);
        return TensorPtr(std::move(out));
    }

    Result<TensorPtr> hconcat(const std::vector<const TensorData*>& parts) override {
        const unsigned fraction = finest(parts);
        Blocks out;
        for (const TensorData* part : parts) {
            const Blocks blocks = raised_blocks(tensor_of(*part), fraction);
            out.insert(out.end(), blocks.begin(), blocks.end());
        }
        return TensorPtr(make_tensor(std::move(out), fraction));
    }

    Result<TensorPtr> vconcat(const std::vector<const TensorData*>& parts) override {
        const unsigned fraction = finest(parts);
        Shares out{0, parts[0]->cols, {}, {}}, room;
        for (const TensorData* part : parts) {
            const Shares& x = at_scale(tensor_of(*part), fraction, room);
            out.p.insert(out.p.end(), x.p.begin(), x.p.end());
            out.q.insert(out.q.end(), x.q.begin(), x.q.end());
            out.rows += x.rows;
        }
        return TensorPtr(make_tensor(std::move(out), fraction));
    }

    Result<TensorPtr> less(const TensorData& a, const TensorData& b) override {
        Aligned both = align(a, b);
        subtract_from(both.a, both.b);
        C2D_TRY(const BooleanShares bits, engine_->msb(both.a));
        C2D_TRY(Shares out, engine_->to_arithmetic(bits, a.rows, a.cols));
        return TensorPtr(make_tensor(std::move(out), 0));
    }

    Result<TensorPtr> select(const TensorData& bit, const TensorData& a, const TensorData& b) override {
        if (tensor_of(bit).fraction != 0)
            return fail(Status::INVALID_ARGUMENT, "select needs a result of less, or labels");
        Aligned both = align(a, b);
        subtract_from(both.a, both.b);
        C2D_TRY(Shares out, engine_->reshare(engine_->local_products(tensor_of(bit).shares(), both.a), a.rows, a.cols));
        add_to(out, both.b);
        return TensorPtr(make_tensor(std::move(out), both.fraction));
    }

    Result<TensorPtr> sum(const TensorData& a, Sum which) override {
        const Shares& x = tensor_of(a).shares();
        const std::size_t rows = which == Sum::each_row ? x.rows : 1;
        const std::size_t cols = which == Sum::each_column ? x.cols : 1;
        Shares out{rows, cols, Words(rows * cols), Words(rows * cols)};
        for (std::size_t r = 0; r < x.rows; ++r)
            for (std::size_t c = 0; c < x.cols; ++c) {
                const std::size_t to = which == Sum::each_row ? r : cols == 1 ? 0 : c;
                out.p[to] += x.p[r * x.cols + c];
                out.q[to] += x.q[r * x.cols + c];
            }
        return TensorPtr(make_tensor(std::move(out), tensor_of(a).fraction));
    }

    Result<TensorPtr> broadcast(const TensorData& a, std::size_t rows, std::size_t cols) override {
        const Shares& x = tensor_of(a).shares();
        Shares out{rows, cols, Words(rows * cols), Words(rows * cols)};
        for (std::size_t r = 0; r < rows; ++r)
            for (std::size_t c = 0; c < cols; ++c) {
                const std::size_t from = (x.rows == 1 ? 0 : r) * x.cols + (x.cols == 1 ? 0 : c);
                out.p[r * cols + c] = x.p[from];
                out.q[r * cols + c] = x.q[from];
            }
        return TensorPtr(make_tensor(std::move(out), tensor_of(a).fraction));
    }

    Result<TensorPtr> divide(const TensorData& a, const TensorData& b) override {
        // Both at 16 bits, at least: the domain is stated for values, not for their scales.
        C2D_TRY(const Shares dividend, at_16(*engine_, a));
        C2D_TRY(const Shares divisor, at_16(*engine_, b));
        C2D_TRY(Quotient out, quotient(*engine_, dividend, divisor));
        C2D_TRY(const bool outside, engine_->reveal_any(out.outside));
        if (outside) return division_domain();
        return TensorPtr(make_tensor(std::move(out.value), kFractionBits));
    }

    Result<TensorPtr> inverse_sqrt(const TensorData& a) override {
        C2D_TRY(const Shares x, at_16(*engine_, a));
        constexpr Magnitudes kDomain{kDivisorFirst, kDivisorLast, kFractionBits};
        C2D_TRY(Quotient out, inverse_root(*engine_, x, kDomain, 1.0, kFractionBits));
        C2D_TRY(const bool outside, engine_->reveal_any(out.outside));
        if (outside) return root_domain();
        return TensorPtr(make_tensor(std::move(out.value), kFractionBits));
    }
    Result<TensorPtr> log(const TensorData& a) override {
        C2D_TRY(const Shares x, at_16(*engine_, a));
        constexpr Magnitudes kDomain{kDivisorFirst, kDivisorLast, kFractionBits};
        C2D_TRY(Quotient out, logarithm(*engine_, x, kDomain, kFractionBits, Rounding::nearest));
        C2D_TRY(const bool outside, engine_->reveal_any(out.outside));
        if (outside) return log_domain();
        return TensorPtr(make_tensor(std::move(out.value), kFractionBits));
    }

    Result<TensorPtr> round(const TensorData& a) override {
        const Rep3Tensor& x = tensor_of(a);
        if (x.fraction == 0) return TensorPtr(make_tensor(x.blocks, 0));
        C2D_TRY(Shares out,
                engine_->reshare_rounded(summands_of(engine_->role(), x.shares()), x.fraction, a.rows, a.cols));
        return TensorPtr(make_tensor(std::move(out), 0));
    }

    Result<TensorPtr> sigmoid(const TensorData& a, SigmoidKind kind) override {
        if (kind == SigmoidKind::comparison) return piecewise_sigmoid(a);
        const unsigned fraction = std::max(tensor_of(a).fraction, kFractionBits);
        const Words local = summands_of(engine_->role(), raised(tensor_of(a), fraction));
        C2D_TRY(Sigmoid p, sigmoid_of(*engine_, local, fraction, 1.0));
        C2D_TRY(const bool outside, engine_->reveal_any(p.outside));
        if (outside) return sigmoid_domain();
        p.value.resize(local.size());
        return reshare_to_scale(std::move(p.value), kSigmoidBits, a.rows, a.cols);
    }

    Result<std::optional<Matrix>> reveal(const TensorData& a, const std::vector<unsigned>& to) override {
        std::optional<Matrix> out;
        for (unsigned party = 0; party < kParties; ++party) {
            if (std::find(to.begin(), to.end(), party) == to.end()) continue;
            C2D_TRY(const Words words, engine_->open_to(party, tensor_of(a).shares()));
            if (party != engine_->link().party()) continue;
            out = Matrix{a.rows, a.cols, std::vector<double>(words.size())};
            for (std::size_t i = 0; i < words.size(); ++i)
                out->data[i] = std::ldexp(static_cast<double>(static_cast<std::int64_t>(words[i])),
                                          -static_cast<int>(tensor_of(a).fraction));
        }
        return out;
    }

private:
    /// One batch of comparisons with all knots, then one product: intercept + slope x.
    Result<TensorPtr> piecewise_sigmoid(const TensorData& a) {
        constexpr auto kSteps = piecewise::steps();
        C2D_TRY(const Shares x, at_16(*engine_, a));
        const std::size_t n = x.size();
        Shares below{kSteps.size() * n, 1, {}, {}};
        for (const piecewise::Step& step : kSteps) {
            Shares difference = x;
            add_constant(difference, Word{0} - static_cast<Word>(step.knot), engine_->role());
            below.p.insert(below.p.end(), difference.p.begin(), difference.p.end());
            below.q.insert(below.q.end(), difference.q.begin(), difference.q.end());
        }
        C2D_TRY(const BooleanShares bits, engine_->msb(below));
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
        C2D_TRY(Shares out, engine_->reshare_rounded(engine_->local_products(slope, x), kFractionBits, a.rows, a.cols));
        add_to(out, intercept);
        return TensorPtr(make_tensor(std::move(out), kFractionBits));
    }

    /// Ends a product: back to 16 fractional bits if it has more, exactly, since a program may open it.
    Result<TensorPtr> reshare_to_scale(Words local, unsigned fraction, std::size_t rows, std::size_t cols) {
        if (fraction <= kFractionBits) {
            C2D_TRY(Shares out, engine_->reshare(std::move(local), rows, cols));
            return TensorPtr(make_tensor(std::move(out), fraction));
        }
        C2D_TRY(Shares out, engine_->reshare_rounded(std::move(local), fraction - kFractionBits, rows, cols));
        return TensorPtr(make_tensor(std::move(out), kFractionBits));
    }

    std::shared_ptr<Engine> engine_;
};

}  // namespace

std::unique_ptr<Backend> make_backend(std::shared_ptr<Engine> engine) {
    return std::make_unique<Rep3Backend>(std::move(engine));
}

}  // namespace c2d::mpc::rep3
