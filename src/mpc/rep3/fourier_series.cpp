#include "mpc/rep3/fourier_series.hpp"

#include "base/target_clones.hpp"
#include "mpc/core/kernels.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace c2d::mpc::rep3::fourier {
namespace {

/// Items per block: the sines of one block stay in the first cache.
constexpr std::size_t kBlock = 64;
/// As dither: the middle, which rounds to the nearest.
constexpr auto kNearest = [] {
    std::array<std::uint8_t, kBlock> out{};
    out.fill(128);
    return out;
}();

/// e^(ika) of a block of angles, k = 1, 3, …, by angle addition of twice the angle.
struct SinCos {
    std::int64_t twice_c[kBlock], twice_s[kBlock], c[kBlock], s[kBlock];
};

inline void first_harmonic(SinCos& angles, std::uint32_t turns, const std::uint32_t* masked, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const kernel::Turn turn = kernel::turn(masked[i] * turns);
        const std::int64_t c = angles.c[i] = turn.cosine;
        const std::int64_t s = angles.s[i] = turn.sine;
        angles.twice_c[i] = (c * c - s * s) >> 30;
        angles.twice_s[i] = (c * s) >> 29;
    }
}
inline void next_harmonic(SinCos& angles, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t c = angles.c[i], s = angles.s[i];
        angles.c[i] = (c * angles.twice_c[i] - s * angles.twice_s[i]) >> 30;
        angles.s[i] = (s * angles.twice_c[i] + c * angles.twice_s[i]) >> 30;
    }
}

template <class W>
[[gnu::always_inline]] inline void fill(const Series& series, const std::uint32_t* u, std::size_t count, unsigned bits,
                                        W* cosine, W* sine) {
    const unsigned drop = 30 - bits;
    const std::int64_t half = std::int64_t{1} << (drop - 1);
    SinCos angles;
    for (std::size_t at = 0; at < count; at += kBlock) {
        const std::size_t n = std::min(kBlock, count - at);
        first_harmonic(angles, series.turns, u + at, n);
        for (std::size_t k = 0; k < series.terms(); ++k) {
            if (k != 0) next_harmonic(angles, n);
            W* c = cosine + k * count + at;
            W* s = sine + k * count + at;
            for (std::size_t i = 0; i < n; ++i) {
                c[i] = static_cast<W>((angles.c[i] + half) >> drop);
                s[i] = static_cast<W>((angles.s[i] + half) >> drop);
            }
        }
    }
}

template <class W>
[[gnu::always_inline]] inline void add_series(const Series& series, const std::uint32_t* m, std::size_t count,
                                              Scale scale, double factor, const std::uint8_t* dither, const W* cosine,
                                              const W* sine, W* out) {
    // The public factors are integers that both parties compute bit for bit alike: an ulp of
    // difference times a uniform share would be garbage.
    const unsigned drop = 60 - scale.coefficient_bits;
    SinCos angles;
    for (std::size_t at = 0; at < count; at += kBlock) {
        const std::size_t n = std::min(kBlock, count - at);
        first_harmonic(angles, series.turns, m + at, n);
        for (std::size_t k = 0; k < series.terms(); ++k) {
            if (k != 0) next_harmonic(angles, n);
            const std::int64_t weight = std::llround(series.coefficients[k] * factor * 0x1p30);
            const W* c = cosine + k * count + at;
            const W* s = sine + k * count + at;
            const std::uint8_t* up_c = dither ? dither + 2 * k * count + at : kNearest.data();
            const std::uint8_t* up_s = dither ? up_c + count : kNearest.data();
            for (std::size_t i = 0; i < n; ++i) {
                const std::int64_t fraction_s = std::int64_t{2 * up_s[i] + 1} << (drop - 9);
                const std::int64_t fraction_c = std::int64_t{2 * up_c[i] + 1} << (drop - 9);
                out[at + i] += static_cast<W>((weight * angles.s[i] + fraction_s) >> drop) * c[i] -
                               static_cast<W>((weight * angles.c[i] + fraction_c) >> drop) * s[i];
            }
        }
    }
}

}  // namespace

C2D_VECTOR_CLONES
void fill_sin_cos(const Series& series, const std::uint32_t* u, std::size_t count, unsigned bits, Word* cosine,
                  Word* sine) {
    fill(series, u, count, bits, cosine, sine);
}
C2D_VECTOR_CLONES
void fill_sin_cos(const Series& series, const std::uint32_t* u, std::size_t count, unsigned bits, std::uint32_t* cosine,
                  std::uint32_t* sine) {
    fill(series, u, count, bits, cosine, sine);
}

C2D_VECTOR_CLONES
void add(const Series& series, const std::uint32_t* m, std::size_t count, Scale scale, double factor,
         const std::uint8_t* dither, const Word* cosine, const Word* sine, Word* out) {
    add_series(series, m, count, scale, factor, dither, cosine, sine, out);
}
C2D_VECTOR_CLONES
void add(const Series& series, const std::uint32_t* m, std::size_t count, Scale scale, double factor,
         const std::uint32_t* cosine, const std::uint32_t* sine, std::uint32_t* out) {
    add_series(series, m, count, scale, factor, nullptr, cosine, sine, out);
}

}  // namespace c2d::mpc::rep3::fourier
