/// What regression asks of a protocol beside `Backend`: passes over all rows whose sums are rounded once, and products
/// that keep as many fractional bits as an algorithm says.
///
/// Algorithms over it stand in `src/mpc/ml/`, for every protocol alike. Arguments arrive checked.
#pragma once

#include "mpc/core/tensor.hpp"

#include <bit>

namespace c2d::mpc {

/// Fractional bits of what the passes give. A backend without them ignores every number of bits here.
inline constexpr unsigned kMeanBits = 30, kResidualBits = 20;
/// Of a row's curvature: as many as let `gram` take products of rows without rounding them, and where there is no room
/// for that.
inline constexpr unsigned kShortCurvatureBits = 12, kCurvatureBits = 20;
/// log2 of the number that sums over `rows` rows are divided by: the next power of two.
inline unsigned rows_log2(std::size_t rows) { return rows <= 1 ? 0 : static_cast<unsigned>(std::bit_width(rows - 1)); }

enum class LinkFunction { logistic, identity };

/// Bits that should all be 0, as a party has them: what they are nobody learns until `Glm::any`.
struct Doubts {
    Bytes bits;
};

class Glm {
public:
    virtual ~Glm() = default;

    /// A table laid out for many passes, with a column of ones as its last; `x` may go.
    class Design {
    public:
        virtual ~Design() = default;
        std::size_t rows = 0, cols = 0;
        double bound = 0;
    };
    virtual Result<std::unique_ptr<Design>> design(const TensorData& x) = 0;

    /// The model's mean of every row: the logistic function of X w + offset (may be null) at 2^kMeanBits, or that sum
    /// itself at 2^kResidualBits. `outside` gets a bit for each argument that may be out of the logistic function's
    /// domain, where the mean is none.
    virtual Result<TensorPtr> predict(Design& design, const TensorData& w, const TensorData* offset, LinkFunction link,
                                      Doubts& outside) = 0;
    /// (X^T e - penalty w) / 2^rows_log2(rows), at 2^30; |e| up to `e_max`. w without its last, and times `penalty`
    /// below 2^15.
    virtual Result<TensorPtr> weighted_sum(Design& design, const TensorData& e, double e_max, const TensorData& w,
                                           double penalty) = 0;
    /// The fractional bits that v of a `gram` should have.
    virtual unsigned curvature_bits(const Design& design, double v_max) const = 0;
    /// X^T diag(v) X / 2^rows_log2(rows), at 2^30, over the rows in `index`; |v| up to `v_max`, one for each of them;
    /// null: 1, of which nothing but the sums is sent.
    virtual Result<TensorPtr> gram(Design& design, const TensorData* v, double v_max,
                                   const std::vector<std::uint32_t>& index) = 0;

    /// Products with `fraction` fractional bits, at most as many as both factors have together. What is rounded, a
    /// factor times a factor at the sum of their bits, stays below 2^62.
    virtual Result<TensorPtr> mul_at(const TensorData& a, const TensorData& b, unsigned fraction) = 0;
    virtual Result<TensorPtr> matmul_at(const TensorData& a, const TensorData& b, unsigned fraction) = 0;
    virtual Result<TensorPtr> constant_at(const Matrix& data, unsigned fraction) = 0;
    /// a 2^power, exactly: nothing but the scale changes.
    virtual Result<TensorPtr> times_power_of_two(const TensorData& a, int power) = 0;
    /// Rounded to the nearest, for what is opened: a function of the value alone. `fraction` is less than a has.
    virtual Result<TensorPtr> rounded(const TensorData& a, unsigned fraction) = 0;
    /// n x 1.
    virtual Result<TensorPtr> diagonal(const TensorData& a) = 0;
    /// The power of two that brings a single value at 2^30 to [1/2, 1). `outside` gets two bits of whether it is in
    /// [2^-14, 2^18); where it is not, what is returned is 0.
    virtual Result<TensorPtr> normaliser(const TensorData& a, Doubts& outside) = 0;
    /// `beyond` gets a bit for each element, of whether it is beyond `bound`.
    virtual Result<Unit> doubt_above(const TensorData& a, double bound, Doubts& beyond) = 0;
    /// Whether any of these bits is 1, as a fact that all learn.
    virtual Result<bool> any(const std::vector<const Doubts*>& of) = 0;
    /// Whether each element is above 0, as facts that all learn.
    virtual Result<std::vector<bool>> above_zero(const TensorData& a) = 0;

    /// Whether any element is beyond `bound`, as a fact that all learn.
    Result<bool> any_above(const TensorData& a, double bound) {
        Doubts beyond;
        if (auto sent = doubt_above(a, bound, beyond); !sent) return std::move(sent).error();
        return any({&beyond});
    }
};

}  // namespace c2d::mpc
