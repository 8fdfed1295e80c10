#include "mpc/rep3/ml/standardise.hpp"

#include "base/try.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/core/learning.hpp"
#include "mpc/rep3/division.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace c2d::mpc::rep3 {
namespace {

/// Fractional bits of the inverse standard deviation, and of its products with features.
constexpr unsigned kInverseBits = 22;
/// What a mean may be off by before another pass.
constexpr double kMeanError = 0x1p-12;
/// Comparisons at once, so that memory does not grow with the matrix.
constexpr std::size_t kPiece = std::size_t{1} << 19;

/// Column sums of a plane.
Words sums_of(const Words& plane, std::size_t cols) {
    Words out(cols);
    for (std::size_t i = 0; i < plane.size(); i += cols) kernel::add(plane.data() + i, out.data(), cols);
    return out;
}

/// Means by one truncation: times round(2^bits / rows).
Result<Shares> means(Engine& engine, const Shares& x, unsigned bits, double factor) {
    Words sum = summands_of(engine.role(), {1, x.cols, sums_of(x.p, x.cols), sums_of(x.q, x.cols)});
    for (Word& word : sum) word *= static_cast<Word>(factor);
    return engine.reshare_rounded(std::move(sum), bits, 1, x.cols);
}

void subtract_row(Words& plane, const Words& row) {
    for (std::size_t i = 0; i < plane.size(); i += row.size())
        kernel::subtract(plane.data() + i, row.data(), plane.data() + i, row.size());
}

/// Columns around their means. `bits` is as large as the ring allows; where that leaves a factor of few digits, what
/// the mean is off by is smaller than the mean, and a mean of the rest has digits to spare.
Result<Shares> centred_columns(Engine& engine, Shares x, double magnitude) {
    const auto rows = static_cast<double>(x.rows);
    for (double bound = magnitude; bound > kMeanError;) {
        const unsigned bits = 60 - kFractionBits - static_cast<unsigned>(std::max(0, std::ilogb(bound)));
        const double exact = std::ldexp(1.0, static_cast<int>(bits)) / rows, factor = std::nearbyint(exact);
        C2D_TRY(const Shares mean, means(engine, x, bits, factor));
        subtract_row(x.p, mean.p);
        subtract_row(x.q, mean.q);
        bound = bound * std::fabs(factor - exact) / exact + std::ldexp(2.0, -static_cast<int>(kFractionBits));
    }
    return x;
}

/// Of each column, of values cut by `cut` bits.
Result<Shares> sums_of_squares(Engine& engine, const Shares& x, unsigned cut) {
    if (cut == 0) return engine.reshare(sums_of(engine.local_products(x, x), x.cols), 1, x.cols);
    C2D_TRY(const Shares coarse, engine.reshare_truncated(summands_of(engine.role(), x), cut, x.rows, x.cols));
    return sums_of_squares(engine, coarse, 0);
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
    const unsigned cut = standardise_cut(n, magnitude);
    C2D_TRY(const Shares centred, centred_columns(engine, x, magnitude));
    // Sums of squares are local products; they have 32 fractional bits (2 fewer for each that is cut) and are not
    // rounded.
    C2D_TRY(const Shares spread, sums_of_squares(engine, centred, cut));
    const auto rows_log2 = static_cast<unsigned>(std::bit_width(n) - 1);
    // A variance of 2^(2 cut - 14) in this many rows, and the most that the magnitude allows.
    const unsigned first = rows_log2 + 2 * kFractionBits - 14;
    const Magnitudes domain{first, std::min(first + 30, 60u), 2 * (kFractionBits - cut)};
    C2D_TRY(const Quotient inverse,
            inverse_root(engine, spread, domain, std::ldexp(std::sqrt(static_cast<double>(n)), static_cast<int>(cut)),
                         kInverseBits));
    C2D_TRY(const bool constant_column, engine.reveal_any(inverse.outside));
    if (constant_column) return std::optional<Shares>{};

    Shares factors{n, d, {}, {}};
    for (std::size_t i = 0; i < n; ++i) {
        factors.p.insert(factors.p.end(), inverse.value.p.begin(), inverse.value.p.end());
        factors.q.insert(factors.q.end(), inverse.value.q.begin(), inverse.value.q.end());
    }
    C2D_TRY(Shares out, engine.reshare_rounded(engine.local_products(centred, factors), kInverseBits + cut, n, d));
    // |z| <= sqrt(rows) always: with few rows there is nothing to compare.
    if (std::sqrt(static_cast<double>(n)) > out_max) {
        C2D_TRY(const bool fits, all_within(engine, out, out_max));
        if (!fits) return std::optional<Shares>{};
    }
    return std::optional<Shares>(std::move(out));
}

}  // namespace c2d::mpc::rep3
