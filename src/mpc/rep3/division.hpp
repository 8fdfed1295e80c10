/// Quotients, inverse square roots and logarithms on shares.
///
/// A divisor is brought to [1/2, 1) by a secret power of two, which comparisons with all powers of
/// the domain give, and then inverted by Newton's iteration. The same comparisons say whether it
/// was in the domain: the caller opens one bit for all elements (`Engine::reveal_any`). docs/mpc/protocol.md, Figure
/// 16.
#pragma once

#include "mpc/rep3/engine.hpp"

#include <array>

namespace c2d::mpc::rep3 {

struct Quotient {
    Shares value;
    /// Shares of 0 where all was in the domain; empty at H.
    BooleanShares outside;
};

/// Divisors of `quotient`, as integers: [2^kDivisorFirst, 2^kDivisorLast).
inline constexpr unsigned kDivisorFirst = 8, kDivisorLast = 38;
/// |dividend| < 2^kQuotientBits * divisor.
inline constexpr unsigned kQuotientBits = 13;

/// a / b at 2^16, element by element; both have the same number of fractional bits, whichever.
/// Error at most 2^-15 + |a / b| 2^-26. The last step rounds to the nearest; the iteration rounds by coins, some 14
/// bits below.
Result<Quotient> quotient(Engine& engine, const Shares& a, const Shares& b);

/// Numbers with `x_fraction` fractional bits that are integers in [2^first, 2^last), last <= 60.
struct Magnitudes {
    unsigned first, last, x_fraction;
};

/// factor / sqrt(x) at 2^`fraction` (at most 22), last - first <= 32. The result must stay below
/// 2^(30 - 22) in magnitude. Relative error 2^-25, beside the last place.
Result<Quotient> inverse_root(Engine& engine, const Shares& x, Magnitudes domain, double factor, unsigned fraction);

/// What becomes of a result's last place: by a coin where it stays shared, to the nearest where it may be opened.
enum class Rounding : std::uint8_t { coins, nearest };

/// ln(x) at 2^`fraction`; error 2^-21, beside the last place.
Result<Quotient> logarithm(Engine& engine, const Shares& x, Magnitudes domain, unsigned fraction, Rounding rounding);

/// For x in [2^j, 2^(j+1)), first <= j < last, the integer 2^(last - 1 - j): a secret choice. last <= 62.
Result<Quotient> power_of_two_below(Engine& engine, const Shares& x, unsigned first, unsigned last);

}  // namespace c2d::mpc::rep3
