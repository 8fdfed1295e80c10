#include "mpc/rep3/division.hpp"

#include "base/try.hpp"

#include <algorithm>
#include <cmath>
#include <functional>

namespace c2d::mpc::rep3 {
namespace {

/// Fractional bits of normalised values and of the iteration.
constexpr unsigned kUnitBits = 30;
/// A divisor times its power of two lies in [2^60, 2^61).
constexpr unsigned kShiftedBits = 61;
static_assert(kShiftedBits < 62 && kDivisorLast < kShiftedBits);
/// Elements at once: bounds the memory of some thirty comparisons for each.
constexpr std::size_t kPiece = std::size_t{1} << 15;

/// ln((3 + t) / 4) = sum of c_k t^k within 6e-8 for |t| <= 1, coefficients rounded to 24 bits: interpolation at
/// Chebyshev's points. Sums are taken at 54 bits; logarithms of up to 2^60 and their parts stay below 2^7.
constexpr std::size_t kLogTerms = 8;
constexpr unsigned kLogSumBits = 54;
constexpr double kLn2 = 0.6931471805599453;
constexpr double kLogOfUnit[kLogTerms + 1] = {-0.2876820724517808,    0.3333330877716844,    -0.05555548159698211,
                                              0.01234893068114218,    -0.003087398976830345, 0.0008115560031971602,
                                              -0.0002251648889957401, 7.998577932588231e-05, -2.346330095024849e-05};
static_assert(kLogSumBits + 7 < 62);

Shares zeros(std::size_t count) { return {count, 1, Words(count), Words(count)}; }

/// Two columns, one below the other.
void append(Shares& x, const Shares& more) {
    x.p.insert(x.p.end(), more.p.begin(), more.p.end());
    x.q.insert(x.q.end(), more.q.begin(), more.q.end());
    x.rows += more.size();
}

Shares piece_of(const Shares& x, std::size_t from, std::size_t count) {
    const auto first = static_cast<std::ptrdiff_t>(from);
    const auto last = static_cast<std::ptrdiff_t>(from + count);
    return {count, 1, {x.p.begin() + first, x.p.begin() + last}, {x.q.begin() + first, x.q.begin() + last}};
}

Shares negative(Shares x) {
    multiply_by(x, ~Word{0});
    return x;
}

Result<Shares> times(Engine& engine, const Shares& a, const Shares& b, unsigned shift) {
    return engine.reshare_truncated(engine.local_products(a, b), shift, a.rows, 1);
}

/// For results: a program may open them.
Result<Shares> times_rounded(Engine& engine, const Shares& a, const Shares& b, unsigned shift) {
    return engine.reshare_rounded(engine.local_products(a, b), shift, a.rows, 1);
}

/// A public number with as many fractional bits as the sum of a logarithm.
Word log_sum(double value) { return static_cast<Word>(std::llround(std::ldexp(value, static_cast<int>(kLogSumBits)))); }

/// Which power of two lies below each element: bits [x < 2^j] for j = first … last as integers.
struct Magnitude {
    Shares below;  // [j - first][i]
    unsigned first = 0, last = 0;
    std::size_t count = 0;
    BooleanShares outside;

    /// sum over j of [2^j <= x < 2^(j+1)] f(j): a secret choice between public numbers.
    Shares choose(const std::function<Word(unsigned)>& f) const {
        Shares out = zeros(count);
        for (unsigned j = first; j < last; ++j) {
            const Word factor = f(j);
            const std::size_t low = (j - first) * count, high = low + count;
            for (std::size_t i = 0; i < count; ++i) {
                out.p[i] += factor * (below.p[high + i] - below.p[low + i]);
                out.q[i] += factor * (below.q[high + i] - below.q[low + i]);
            }
        }
        return out;
    }
};

/// One batch of comparisons. `more` holds further values that must not be negative.
Result<Magnitude> magnitude_of(Engine& engine, const Shares& x, unsigned first, unsigned last, const Shares& more) {
    Magnitude out{{}, first, last, x.size(), {}};
    const std::size_t n = x.size();
    Shares differences = zeros(0);
    for (unsigned j = first; j <= last; ++j) {
        Shares difference = x;
        add_constant(difference, Word{0} - (Word{1} << j), engine.role());
        append(differences, difference);
    }
    const std::size_t compared = differences.size();
    append(differences, more);
    C2D_TRY(BooleanShares bits, engine.msb(differences));
    if (!engine.is_helper()) {
        out.outside.assign(bits.begin(), bits.begin() + static_cast<std::ptrdiff_t>(n));
        // [x < 2^last] must be 1: A turns its summand around.
        for (std::size_t i = compared - n; i < compared; ++i) out.outside.push_back(bits[i] ^ (engine.is_a() ? 1 : 0));
        out.outside.insert(out.outside.end(), bits.begin() + static_cast<std::ptrdiff_t>(compared), bits.end());
        bits.resize(compared);
    }
    C2D_TRY(out.below, engine.to_arithmetic(bits, compared, 1));
    return out;
}

/// x in [1/2, 1) at 2^30, from x times 2^(60 - j).
Result<Shares> normalised(Engine& engine, const Shares& x, const Magnitude& magnitude) {
    const Shares power = magnitude.choose([](unsigned j) { return Word{1} << (kShiftedBits - 1 - j); });
    return times(engine, x, power, kShiftedBits - kUnitBits);
}

Word unit(double value) { return static_cast<Word>(std::llround(std::ldexp(value, static_cast<int>(kUnitBits)))); }

/// 1/u: y <- y (2 - u y). The first guess is off by 0.086, so the third by 3e-9.
Result<Shares> inverse(Engine& engine, const Shares& u) {
    Shares y = u;
    multiply_by(y, Word{0} - 2);
    add_constant(y, unit(2.9142), engine.role());
    for (int i = 0; i < 3; ++i) {
        C2D_TRY(Shares rest, times(engine, u, y, kUnitBits));
        rest = negative(std::move(rest));
        add_constant(rest, unit(2), engine.role());
        C2D_TRY(y, times(engine, y, rest, kUnitBits));
    }
    return y;
}

/// 1/sqrt(u): y <- y (3 - u y^2) / 2. The first guess is off by 0.056, so the third by 2e-9.
Result<Shares> inverse_root_of_unit(Engine& engine, const Shares& u) {
    Shares y = negative(u);
    add_constant(y, unit(1.945), engine.role());
    for (int i = 0; i < 3; ++i) {
        C2D_TRY(const Shares square, times(engine, y, y, kUnitBits));
        C2D_TRY(Shares rest, times(engine, square, u, kUnitBits));
        rest = negative(std::move(rest));
        add_constant(rest, unit(3), engine.role());
        C2D_TRY(y, times(engine, y, rest, kUnitBits + 1));
    }
    return y;
}

Result<Quotient> quotient_piece(Engine& engine, const Shares& a, const Shares& b) {
    // a / b in (-2^13, 2^13): b 2^13 +- a must not be negative.
    Shares upper = b;
    multiply_by(upper, Word{1} << kQuotientBits);
    Shares range = upper;
    subtract_from(range, a);
    add_to(upper, a);
    append(range, upper);
    C2D_TRY(Magnitude magnitude, magnitude_of(engine, b, kDivisorFirst, kDivisorLast, range));
    C2D_TRY(const Shares u, normalised(engine, b, magnitude));
    C2D_TRY(const Shares y, inverse(engine, u));
    // a 2^(37 - j) = (a / b) u 2^38, cut to 18 fractional bits; times y = 2^30 / u it is a / b at 48.
    constexpr unsigned kGuard = 2, kCut = kDivisorLast - kFractionBits - kGuard;
    static_assert(kQuotientBits + kFractionBits + kGuard + kUnitBits < 62);
    const Shares power = magnitude.choose([](unsigned j) { return Word{1} << (kDivisorLast - 1 - j); });
    C2D_TRY(const Shares dividend, times(engine, a, power, kCut));
    C2D_TRY(Shares value, times_rounded(engine, dividend, y, kUnitBits + kGuard));
    return Quotient{std::move(value), std::move(magnitude.outside)};
}

Result<Quotient> root_piece(Engine& engine, const Shares& x, Magnitudes domain, double factor, unsigned fraction) {
    C2D_TRY(Magnitude magnitude, magnitude_of(engine, x, domain.first, domain.last, zeros(0)));
    C2D_TRY(const Shares u, normalised(engine, x, magnitude));
    C2D_TRY(const Shares y, inverse_root_of_unit(engine, u));
    // x = u 2^(j + 1 - x_fraction), so 1 / sqrt(x) = y 2^((x_fraction - j - 1) / 2). Powers of two and
    // one IEEE product with sqrt(2): the same integers at every party.
    constexpr unsigned kGainBits = 22;
    const Shares gain = magnitude.choose([&](unsigned j) {
        const int exponent = static_cast<int>(domain.x_fraction) - static_cast<int>(j) - 1;
        const int half = exponent >= 0 ? exponent / 2 : (exponent - 1) / 2;
        const double odd = exponent - 2 * half != 0 ? 1.4142135623730951 : 1.0;
        return static_cast<Word>(std::llround(std::ldexp(factor * odd, half + static_cast<int>(kGainBits))));
    });
    C2D_TRY(Shares value, times_rounded(engine, gain, y, kUnitBits + kGainBits - fraction));
    return Quotient{std::move(value), std::move(magnitude.outside)};
}

/// t, t^2 … t^8 at 2^30, one below the other, for |t| <= 1.
Result<Shares> powers(Engine& engine, const Shares& t) {
    const std::size_t n = t.size();
    Shares all = t;
    for (std::size_t known = 1; known < kLogTerms; known *= 2) {
        // The highest power, times each of those that are known.
        const Shares highest = piece_of(all, (known - 1) * n, n);
        Shares factors = zeros(0);
        for (std::size_t i = 0; i < known; ++i) append(factors, highest);
        C2D_TRY(const Shares more, times(engine, all, factors, kUnitBits));
        append(all, more);
    }
    return all;
}

Result<Quotient> logarithm_piece(Engine& engine, const Shares& x, Magnitudes domain, unsigned fraction,
                                 Rounding rounding) {
    C2D_TRY(Magnitude magnitude, magnitude_of(engine, x, domain.first, domain.last, zeros(0)));
    C2D_TRY(Shares t, normalised(engine, x, magnitude));
    multiply_by(t, 4);
    add_constant(t, unit(-3), engine.role());
    C2D_TRY(const Shares all, powers(engine, t));
    // ln x = ln u + (j + 1 - x_fraction) ln 2.
    Shares sum = magnitude.choose([&](unsigned j) {
        const double exponent = static_cast<double>(j) + 1 - static_cast<double>(domain.x_fraction);
        return log_sum(exponent * kLn2);
    });
    add_constant(sum, log_sum(kLogOfUnit[0]), engine.role());
    for (std::size_t k = 1; k <= kLogTerms; ++k) {
        Shares term = piece_of(all, (k - 1) * x.size(), x.size());
        multiply_by(term, log_sum(std::ldexp(kLogOfUnit[k], -static_cast<int>(kUnitBits))));
        add_to(sum, term);
    }
    Words local = summands_of(engine.role(), sum);
    const unsigned shift = kLogSumBits - fraction;
    C2D_TRY(Shares value, rounding == Rounding::coins ? engine.reshare_truncated(std::move(local), shift, x.size(), 1)
                                                      : engine.reshare_rounded(std::move(local), shift, x.size(), 1));
    return Quotient{std::move(value), std::move(magnitude.outside)};
}

/// Works on pieces, so that the memory for comparisons does not grow with the matrix.
template <class Piece>
Result<Quotient> in_pieces(const Shares& shape, Piece piece) {
    Quotient out{zeros(0), {}};
    for (std::size_t from = 0; from < shape.size(); from += kPiece) {
        C2D_TRY(const Quotient part, piece(from, std::min(kPiece, shape.size() - from)));
        append(out.value, part.value);
        out.outside.insert(out.outside.end(), part.outside.begin(), part.outside.end());
    }
    out.value.rows = shape.rows;
    out.value.cols = shape.cols;
    return out;
}

}  // namespace

Result<Quotient> quotient(Engine& engine, const Shares& a, const Shares& b) {
    return in_pieces(b, [&](std::size_t from, std::size_t count) {
        return quotient_piece(engine, piece_of(a, from, count), piece_of(b, from, count));
    });
}

Result<Quotient> inverse_root(Engine& engine, const Shares& x, Magnitudes domain, double factor, unsigned fraction) {
    return in_pieces(x, [&](std::size_t from, std::size_t count) {
        return root_piece(engine, piece_of(x, from, count), domain, factor, fraction);
    });
}

Result<Quotient> logarithm(Engine& engine, const Shares& x, Magnitudes domain, unsigned fraction, Rounding rounding) {
    return in_pieces(x, [&](std::size_t from, std::size_t count) {
        return logarithm_piece(engine, piece_of(x, from, count), domain, fraction, rounding);
    });
}

Result<Quotient> power_of_two_below(Engine& engine, const Shares& x, unsigned first, unsigned last) {
    C2D_TRY(Magnitude magnitude, magnitude_of(engine, x, first, last, zeros(0)));
    Shares power = magnitude.choose([last](unsigned j) { return Word{1} << (last - 1 - j); });
    power.rows = x.rows;
    power.cols = x.cols;
    return Quotient{std::move(power), std::move(magnitude.outside)};
}

}  // namespace c2d::mpc::rep3
