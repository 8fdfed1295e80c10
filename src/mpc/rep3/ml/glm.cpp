#include "mpc/rep3/ml/glm.hpp"

#include "base/try.hpp"
#include "mpc/rep3/division.hpp"
#include "mpc/rep3/ml/sgd_schedule.hpp"
#include "mpc/rep3/sigmoid.hpp"
#include "mpc/rep3/tensor.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace c2d::mpc::rep3 {
namespace {

/// Logistic functions, elements of scaled rows and comparisons at once: memory does not grow with the rows.
constexpr std::size_t kLogisticAtOnce = std::size_t{1} << 16, kElementsAtOnce = std::size_t{1} << 22;
constexpr std::size_t kComparedAtOnce = std::size_t{1} << 18;
/// Sums of products stay below 2^kSumBits before they are rounded (Engine::reshare_truncated).
constexpr unsigned kSumBits = 62;
/// A sum over fewer rows than this would take too many pieces: rather round each product first.
constexpr std::size_t kPieceRowsMin = 64;
/// Values that a normaliser takes, as integers at 2^30.
constexpr unsigned kNormalFirst = 16, kNormalLast = 48;
static_assert(kMeanBits == kSigmoidBits);
/// p (1 - p) before it is rounded, p within 2^-10 of [0, 1].
static_assert(2 * kMeanBits + 1 < 62);
/// A value below 2^(kNormalLast - 30) times the power that brings it to [1/2, 1).
static_assert(kNormalLast < 62);

struct Rep3Design final : Glm::Design {
    Rep3Design(Role role, const Rep3Tensor& x)
        : blocks(raised_blocks(x, kFractionBits)), products(role, blocks, 0, x.rows), numbers(x.rows) {
        rows = x.rows;
        cols = x.cols;
        bound = x.bound;
        std::iota(numbers.begin(), numbers.end(), 0u);
    }
    Blocks blocks;
    LinearProducts products;
    std::vector<std::uint32_t> numbers;
};

void append(Shares& x, const Shares& more) {
    x.p.insert(x.p.end(), more.p.begin(), more.p.end());
    x.q.insert(x.q.end(), more.q.begin(), more.q.end());
    x.rows += more.rows;
}

Words part_of(const Words& x, std::size_t from, std::size_t count) {
    const auto first = x.begin() + static_cast<std::ptrdiff_t>(from);
    return {first, first + static_cast<std::ptrdiff_t>(count)};
}

/// Rows of which each adds less than `most` at 2^fraction, whose sum stays in the ring's range.
std::size_t piece_rows(unsigned fraction, double most) {
    const double rows = std::ceil(std::ldexp(1.0, static_cast<int>(kSumBits - fraction)) / most) - 1;
    return rows < 1 ? 1 : static_cast<std::size_t>(std::min(rows, 0x1p30));
}

/// Rows `index` of the table, each with a one.
Shares rows_with_ones(const Engine& engine, const Blocks& blocks, std::span<const std::uint32_t> index) {
    const std::size_t width = cols_of(blocks) + 1;
    Shares out{index.size(), width, Words(index.size() * width), Words(index.size() * width)};
    std::size_t column = 0;
    for (const auto& block : blocks) {
        const Shares& from = block->shares();
        for (std::size_t i = 0; i < index.size(); ++i) {
            const std::size_t at = index[i] * block->cols(), to = i * width + column;
            // What its owner makes 0 may be left out.
            if (!from.p.empty()) std::copy_n(&from.p[at], block->cols(), &out.p[to]);
            if (!from.q.empty()) std::copy_n(&from.q[at], block->cols(), &out.q[to]);
        }
        column += block->cols();
    }
    for (std::size_t i = 0; i < index.size() && !engine.is_helper(); ++i)
        out.q[i * width + width - 1] = Word{1} << kFractionBits;
    return out;
}

/// A symmetric matrix from its upper triangle.
Shares symmetric(const Shares& triangle, std::size_t width) {
    Shares out{width, width, Words(width * width), Words(width * width)};
    std::size_t from = 0;
    for (std::size_t r = 0; r < width; ++r)
        for (std::size_t c = r; c < width; ++c, ++from) {
            out.p[r * width + c] = out.p[c * width + r] = triangle.p[from];
            out.q[r * width + c] = out.q[c * width + r] = triangle.q[from];
        }
    return out;
}

class Rep3Glm final : public Glm {
public:
    explicit Rep3Glm(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

    Result<std::unique_ptr<Design>> design(const TensorData& x) override {
        return std::unique_ptr<Design>(std::make_unique<Rep3Design>(engine_->role(), tensor_of(x)));
    }

    Result<TensorPtr> predict(Design& design, const TensorData& w, const TensorData* offset, LinkFunction link,
                              Doubts& outside) override {
        auto& table = static_cast<Rep3Design&>(design);
        const Shares weights = raised(tensor_of(w), kWeightBits);
        Words more;
        if (offset != nullptr) more = summands_of(engine_->role(), raised(tensor_of(*offset), kFractionBits));
        const bool logistic = link == LinkFunction::logistic;
        Shares out{0, 1, {}, {}};
        for (std::size_t from = 0; from < table.rows; from += kLogisticAtOnce) {
            Words z(std::min(kLogisticAtOnce, table.rows - from));
            table.products.forward(table.numbers.data() + from, weights.p, weights.q, z);
            for (std::size_t i = 0; i < z.size() && !more.empty(); ++i) z[i] += more[from + i] << kWeightBits;
            C2D_TRY(const Shares part,
                    logistic ? fine_sigmoid(*engine_, z, kLogitBits, outside.bits) : residual_of(std::move(z)));
            append(out, part);
        }
        return TensorPtr(make_tensor(std::move(out), logistic ? kMeanBits : kResidualBits));
    }

    Result<TensorPtr> weighted_sum(Design& design, const TensorData& e, double e_max, const TensorData& w,
                                   double penalty) override {
        auto& table = static_cast<Rep3Design&>(design);
        const unsigned fraction = kFractionBits + tensor_of(e).fraction;
        const std::size_t width = table.cols + 1;
        Words pieces = gradient_pieces(table.products, table.numbers, tensor_of(e).shares(),
                                       piece_rows(fraction, std::max(1.0, table.bound) * e_max), width);
        // One piece more.
        const double factor = -std::ldexp(penalty, static_cast<int>(fraction - tensor_of(w).fraction));
        Words pull = summands_of(engine_->role(), tensor_of(w).shares());
        for (Word& one : pull) one *= static_cast<Word>(std::llround(factor));
        pull.back() = 0;
        pieces.insert(pieces.end(), pull.begin(), pull.end());
        C2D_TRY(Shares out,
                truncated_sum(*engine_, std::move(pieces), fraction + rows_log2(table.rows) - kMeanBits, width));
        return TensorPtr(make_tensor(std::move(out), kMeanBits));
    }

    unsigned curvature_bits(const Design& design, double v_max) const override {
        return rows_at_once(design, kShortCurvatureBits, v_max) >= kPieceRowsMin ? kShortCurvatureBits : kCurvatureBits;
    }
    Result<TensorPtr> gram(Design& design, const TensorData* v, double v_max,
                           const std::vector<std::uint32_t>& index) override {
        auto& table = static_cast<Rep3Design&>(design);
        const std::size_t rows = index.size(), width = table.cols + 1, triangle = width * (width + 1) / 2;
        const unsigned v_bits = v != nullptr ? tensor_of(*v).fraction : 0;
        const bool rounds = rows_at_once(design, v_bits, v_max) < kPieceRowsMin && v != nullptr;
        const unsigned fraction = kFractionBits + (rounds ? kCurvatureBits : kFractionBits + v_bits);
        const std::size_t piece = piece_rows(fraction, square_max(design) * v_max);
        Shares out{triangle, 1, Words(triangle), Words(triangle)};
        const std::size_t at_once = std::max<std::size_t>(1, kElementsAtOnce / width);
        for (std::size_t from = 0; from < rows; from += at_once) {
            const std::vector<std::uint32_t> some(
                index.begin() + static_cast<std::ptrdiff_t>(from),
                index.begin() + static_cast<std::ptrdiff_t>(std::min(from + at_once, rows)));
            C2D_TRY(const Shares scaled, v != nullptr ? scaled_rows(table, some, *v, from, rounds)
                                                      : rows_with_ones(*engine_, table.blocks, some));
            Words pieces;
            for (std::size_t first = 0; first < some.size(); first += piece) {
                const std::size_t count = std::min(piece, some.size() - first);
                Words sums(triangle);
                table.products.gram({some.data() + first, count}, scaled.p.data() + first * width,
                                    scaled.q.data() + first * width, sums);
                pieces.insert(pieces.end(), sums.begin(), sums.end());
            }
            C2D_TRY(const Shares sum,
                    truncated_sum(*engine_, std::move(pieces), fraction + rows_log2(rows) - kMeanBits, triangle));
            add_to(out, sum);
        }
        return TensorPtr(make_tensor(symmetric(out, width), kMeanBits));
    }

    Result<TensorPtr> mul_at(const TensorData& a, const TensorData& b, unsigned fraction) override {
        return reshare_at(engine_->local_products(tensor_of(a).shares(), tensor_of(b).shares()),
                          tensor_of(a).fraction + tensor_of(b).fraction, fraction, a.rows, a.cols);
    }
    Result<TensorPtr> matmul_at(const TensorData& a, const TensorData& b, unsigned fraction) override {
        return reshare_at(engine_->local_matmul(tensor_of(a).shares(), tensor_of(b).shares()),
                          tensor_of(a).fraction + tensor_of(b).fraction, fraction, a.rows, b.cols);
    }
    Result<TensorPtr> constant_at(const Matrix& data, unsigned fraction) override {
        Words words(data.data.size());
        kernel::encode(data.data.data(), std::ldexp(1.0, static_cast<int>(fraction)), words.data(), words.size());
        return TensorPtr(make_tensor(engine_->constant(words.data(), data.rows, data.cols), fraction));
    }
    Result<TensorPtr> times_power_of_two(const TensorData& a, int power) override {
        return TensorPtr(
            make_tensor(tensor_of(a).shares(), static_cast<unsigned>(static_cast<int>(tensor_of(a).fraction) - power)));
    }

    Result<TensorPtr> rounded(const TensorData& a, unsigned fraction) override {
        const Rep3Tensor& x = tensor_of(a);
        C2D_TRY(Shares out, engine_->reshare_rounded(summands_of(engine_->role(), x.shares()), x.fraction - fraction,
                                                     a.rows, a.cols));
        return TensorPtr(make_tensor(std::move(out), fraction));
    }

    Result<TensorPtr> diagonal(const TensorData& a) override {
        const Shares& x = tensor_of(a).shares();
        Shares out{x.rows, 1, Words(x.rows), Words(x.rows)};
        for (std::size_t i = 0; i < x.rows; ++i) {
            out.p[i] = x.p[i * x.cols + i];
            out.q[i] = x.q[i * x.cols + i];
        }
        return TensorPtr(make_tensor(std::move(out), tensor_of(a).fraction));
    }

    Result<TensorPtr> normaliser(const TensorData& a, Doubts& outside) override {
        C2D_TRY(Quotient power,
                power_of_two_below(*engine_, raised(tensor_of(a), kMeanBits), kNormalFirst, kNormalLast));
        outside.bits.insert(outside.bits.end(), power.outside.begin(), power.outside.end());
        // A value in [2^j, 2^(j+1)) at 2^30 got 2^(47-j): that is 2^(29-j) at 2^18.
        return TensorPtr(make_tensor(std::move(power.value), kNormalLast - kMeanBits));
    }

    Result<Unit> doubt_above(const TensorData& a, double bound, Doubts& beyond) override {
        const Shares& x = tensor_of(a).shares();
        const auto limit = static_cast<Word>(std::llround(std::ldexp(bound, static_cast<int>(tensor_of(a).fraction))));
        for (std::size_t from = 0; from < x.size(); from += kComparedAtOnce) {
            const std::size_t count = std::min(kComparedAtOnce, x.size() - from);
            Shares rest{count, 1, part_of(x.p, from, count), part_of(x.q, from, count)};
            multiply_by(rest, ~Word{0});
            add_constant(rest, limit, engine_->role());
            C2D_TRY(const BooleanShares bits, engine_->msb(rest));
            beyond.bits.insert(beyond.bits.end(), bits.begin(), bits.end());
        }
        return Unit{};
    }
    Result<bool> any(const std::vector<const Doubts*>& of) override {
        Bytes all;
        for (const Doubts* one : of) all.insert(all.end(), one->bits.begin(), one->bits.end());
        return engine_->reveal_any(all);
    }
    Result<std::vector<bool>> above_zero(const TensorData& a) override {
        Doubts above;
        C2D_CHECK(doubt_above(a, 0, above));
        C2D_TRY(const Bytes opened, engine_->open_bits(above.bits, tensor_of(a).shares().size()));
        return std::vector<bool>(opened.begin(), opened.end());
    }

private:
    Result<Shares> residual_of(Words z) {
        const std::size_t rows = z.size();
        return engine_->reshare_truncated(std::move(z), kLogitBits - kResidualBits, rows, 1);
    }

    static double square_max(const Design& design) {
        const double largest = std::max(1.0, design.bound);
        return largest * largest;
    }
    /// Of a row's curvature at 2^v_bits, times the row's numbers as they are.
    static std::size_t rows_at_once(const Design& design, unsigned v_bits, double v_max) {
        return piece_rows(2 * kFractionBits + v_bits, square_max(design) * v_max);
    }

    /// Rows `index` times their v, of which the first is number `from`: with all fractional bits, or rounded to
    /// kCurvatureBits.
    Result<Shares> scaled_rows(Rep3Design& table, const std::vector<std::uint32_t>& index, const TensorData& v,
                               std::size_t from, bool rounds) {
        const std::size_t rows = index.size(), width = table.cols + 1;
        const Words v_p = part_of(tensor_of(v).shares().p, from, rows);
        const Words v_q = part_of(tensor_of(v).shares().q, from, rows);
        Words scaled(rows * width);
        table.products.scale_rows(index, v_p, v_q, scaled);
        if (!rounds) return engine_->reshare(std::move(scaled), rows, width);
        const unsigned shift = kFractionBits + tensor_of(v).fraction - kCurvatureBits;
        return engine_->reshare_truncated(std::move(scaled), shift, rows, width);
    }

    Result<TensorPtr> reshare_at(Words local, unsigned has, unsigned fraction, std::size_t rows, std::size_t cols) {
        C2D_TRY(Shares out, has == fraction ? engine_->reshare(std::move(local), rows, cols)
                                            : engine_->reshare_truncated(std::move(local), has - fraction, rows, cols));
        return TensorPtr(make_tensor(std::move(out), fraction));
    }

    std::shared_ptr<Engine> engine_;
};

}  // namespace

std::unique_ptr<Glm> make_glm(std::shared_ptr<Engine> engine) { return std::make_unique<Rep3Glm>(std::move(engine)); }

}  // namespace c2d::mpc::rep3
