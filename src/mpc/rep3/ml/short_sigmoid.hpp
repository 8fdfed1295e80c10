/// The sigmoid of logits within +-16 as a short sine series in a dealt mask: one opening, no clamp.
///
/// sigmoid(z) = 1/2 + sum over k = 1, 3 … 15 of c_k sin(2 pi k z / P), P = 512/9: error below 0.0017
/// on |z| <= 20 and 0.012 up to 24. z + u is opened to A and B mod 512 (32 bits), H knows u. The
/// arithmetic only; `logistic_3_rounds` sends the messages. docs/mpc/protocol.md, Figure 17.
#pragma once

#include "mpc/rep3/fourier_series.hpp"

#include <array>

namespace c2d::mpc::rep3::short_sigmoid {

/// Logits are opened mod 2^9, with 23 fractional bits.
inline constexpr unsigned kRangeBits = 9, kMaskedBits = 32 - kRangeBits;

/// Least maximal error on |z| <= 16, with four times the weight there of 16 to 20 (Lawson's
/// iteration).
inline constexpr std::array kCoefficients = {0.624022910822, 0.178230208783, 0.080443507246, 0.039243076068,
                                             0.019491265942, 0.009723492387, 0.004856107090, 0.003232681577};
inline constexpr std::size_t kTerms = kCoefficients.size();
/// Nine periods in the range of a masked logit.
inline constexpr fourier::Series kSeries{9, kCoefficients};

/// H: a table of 64 bits, of which the one of u's digit, in steps of 8, is set.
Word dealt_table(std::uint32_t u);
/// A and B: this party's XOR share of "z is within the domain": always for |z| < 16, never for
/// 24 <= |z| < 488.
unsigned in_domain(std::uint32_t m, Word table);

}  // namespace c2d::mpc::rep3::short_sigmoid
