#include "mpc/rep3/ml/standardise.hpp"

#include "base/try.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/rep3/division.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace c2d::mpc::rep3 {
namespace {

/// Fractional bits of the inverse standard deviation, and of its products with features.
constexpr unsigned kInverseBits = 22;
/// Comparisons at once, so that memory does not grow with the matrix.
constexpr std::size_t kPiece = std::size_t{1} << 19;

/// Column sums of a plane.
Words sums_of(const Words& plane, std::size_t cols) {
    Words out(cols);
    for (std::size_t i = 0; i < plane.size(); i += cols) kernel::add(plane.data() + i, out.data(), cols);
    return out;
}

/// Means by one truncation: times round(2^t / rows), with t as large as the ring allows.
Result<Shares> means(Engine& engine, const Shares& x, double magnitude) {
    Words sum = summands_of(engine.role(), {1, x.cols, sums_of(x.p, x.cols), sums_of(x.q, x.cols)});
    const unsigned bits = 62 - kFractionBits - static_cast<unsigned>(std::ilogb(magnitude)) - 2;
    const auto factor =
        static_cast<Word>(std::llround(std::ldexp(1.0, static_cast<int>(bits)) / static_cast<double>(x.rows)));
    for (Word& word : sum) word *= factor;
    return engine.reshare_truncated(std::move(sum), bits, 1, x.cols);
}

void subtract_row(Words& plane, const Words& row) {
    for (std::size_t i = 0; i < plane.size(); i += row.size())
        kernel::subtract(plane.data() + i, row.data(), plane.data() + i, row.size());
}

/// Whether all |z| <= limit: two comparisons each, one opened bit.
Result<bool> all_within(Engine& engine, const Shares& z, double limit) {
    BooleanShares outside;
    const auto bound = static_cast<Word>(std::llround(std::ldexp(limit, kFractionBits)));
    for (std::size_t from = 0; from < z.size(); from += kPiece) {
        const std::size_t count = std::min(kPiece, z.size() - from);
        Shares sides{2 * count, 1, Words(2 * count), Words(2 * count)};
        for (std::size_t i = 0; i < count; ++i) {
            sides.p[i] = z.p[from + i];
            sides.q[i] = z.q[from + i];
            sides.p[count + i] = Word{0} - z.p[from + i];
            sides.q[count + i] = Word{0} - z.q[from + i];
        }
        add_constant(sides, bound, engine.role());
        C2D_TRY(const BooleanShares bits, engine.msb(sides));
        outside.insert(outside.end(), bits.begin(), bits.end());
    }
    C2D_TRY(const bool any, engine.reveal_any(outside));
    return !any;
}

}  // namespace

Result<std::optional<Shares>> standardised(Engine& engine, const Shares& x, double magnitude, double out_max) {
    const std::size_t n = x.rows, d = x.cols;
    C2D_TRY(const Shares mean, means(engine, x, magnitude));
    Shares centred = x;
    subtract_row(centred.p, mean.p);
    subtract_row(centred.q, mean.q);
    // Sums of squares are local products; they have 32 fractional bits and are not rounded.
    const Words squares = sums_of(engine.local_products(centred, centred), d);
    C2D_TRY(const Shares spread, engine.reshare(squares, 1, d));
    const auto rows_log2 = static_cast<unsigned>(std::bit_width(n) - 1);
    // A variance of 2^-14 in this many rows, and the most that the magnitude allows.
    const unsigned first = rows_log2 + 2 * kFractionBits - 14;
    const RootDomain domain{first, std::min(first + 30, 60u), 2 * kFractionBits};
    C2D_TRY(const Quotient inverse,
            inverse_root(engine, spread, domain, std::sqrt(static_cast<double>(n)), kInverseBits));
    C2D_TRY(const bool constant_column, engine.reveal_any(inverse.outside));
    if (constant_column) return std::optional<Shares>{};

    Shares factors{n, d, {}, {}};
    for (std::size_t i = 0; i < n; ++i) {
        factors.p.insert(factors.p.end(), inverse.value.p.begin(), inverse.value.p.end());
        factors.q.insert(factors.q.end(), inverse.value.q.begin(), inverse.value.q.end());
    }
    C2D_TRY(Shares out, engine.reshare_truncated(engine.local_products(centred, factors), kInverseBits, n, d));
    // |z| <= sqrt(rows) always: with few rows there is nothing to compare.
    if (std::sqrt(static_cast<double>(n)) > out_max) {
        C2D_TRY(const bool fits, all_within(engine, out, out_max));
        if (!fits) return std::optional<Shares>{};
    }
    return std::optional<Shares>(std::move(out));
}

}  // namespace c2d::mpc::rep3
