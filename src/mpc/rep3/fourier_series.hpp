/// A function of z as a short series of odd sines in a dealt mask u, of which z + u was opened.
///
/// sin k(m - u) = sin km cos ku - cos km sin ku with m = z + u: H deals sines and cosines of u, A and B
/// multiply them by public numbers. Odd harmonics only: what they add up to is the same on both
/// sides of a quarter of the period, as a step should be. Arithmetic only; see docs/mpc/protocol.md.
#pragma once

#include "mpc/core/prg.hpp"

#include <span>

namespace c2d::mpc::rep3::fourier {

/// Splits the fractional bits of a value: dealt sines and public coefficients.
struct Scale {
    unsigned sine_bits;
    unsigned coefficient_bits;
};
/// A series: `turns` times a masked value, mod 2^32, is its angle; one coefficient for each of the
/// harmonics k = 1, 3, ….
struct Series {
    std::uint32_t turns;
    std::span<const double> coefficients;
    std::size_t terms() const noexcept { return coefficients.size(); }
};

/// H: cos(k a) and sin(k a) of each mask's angle at 2^bits, [term][i]; error below 2^-20.
void fill_sin_cos(const Series& series, const std::uint32_t* u, std::size_t count, unsigned bits, Word* cosine,
                  Word* sine);
/// The same mod 2^32.
void fill_sin_cos(const Series& series, const std::uint32_t* u, std::size_t count, unsigned bits, std::uint32_t* cosine,
                  std::uint32_t* sine);

/// A and B: adds this party's summand of factor * sum of c_k sin k(m - u), at the sum of the scale's
/// bits, to `out`. Public coefficients are rounded up or down, alike at both, by `dither`, 2 * terms
/// * count bytes known to both; null: to the nearest.
void add(const Series& series, const std::uint32_t* m, std::size_t count, Scale scale, double factor,
         const std::uint8_t* dither, const Word* cosine, const Word* sine, Word* out);
/// The same mod 2^32, to the nearest.
void add(const Series& series, const std::uint32_t* m, std::size_t count, Scale scale, double factor,
         const std::uint32_t* cosine, const std::uint32_t* sine, std::uint32_t* out);

}  // namespace c2d::mpc::rep3::fourier
