/// The sigmoid of logits within +-16 as a short sine series in a dealt mask: one opening, no clamp.
///
/// sigmoid(z) = 1/2 + sum over k = 1, 3 … 15 of c_k sin(2 pi k z / P), P = 512/9: error below 0.0017
/// on |z| <= 20 and 0.012 up to 24. z + u is opened to A and B mod 512 (32 bits), H knows u. The
/// arithmetic only; `narrow_steps` sends the messages. See docs/mpc.md.
#pragma once

#include "mpc/protocol/rep3/engine.hpp"

namespace c2d::mpc::narrow {

/// Odd harmonics only: what they add up to is the same on both sides of P/4, as a step should be.
inline constexpr std::size_t kTerms = 8;
/// Logits are opened mod 2^9, with 23 fractional bits.
inline constexpr unsigned kRangeBits = 9, kMaskedBits = 32 - kRangeBits;

/// Splits the fractional bits of a value: dealt sines and public coefficients.
struct Scale {
    unsigned sine_bits;
    unsigned coefficient_bits;
};

/// H: cos(k a) and sin(k a) of each mask's angle at 2^sine_bits, [term][i], for the
/// odd k from 1 on.
void dealt_waves(const std::uint32_t* u, std::size_t count, Scale scale, Word* cosine, Word* sine);
/// H: a table of 64 bits, of which the one of u's digit, in steps of 8, is set.
Word dealt_table(std::uint32_t u);

/// A and B: adds this party's summand of factor * sum of c_k sin(...) at 2^value_bits to `out`.
/// `dither` holds 2 * kTerms * count bytes known to both: public coefficients are rounded up or
/// down by them, without bias, and alike.
void add_series(const std::uint32_t* m, std::size_t count, Scale scale, double factor,
                const std::uint8_t* dither, const Word* cosine, const Word* sine, Word* out);
/// A and B: this party's XOR share of "z is within the domain": always for |z| < 16, never for
/// 24 <= |z| < 488.
unsigned in_domain(std::uint32_t m, Word table);

}  // namespace c2d::mpc::narrow
