#include "mpc/protocol/rep3/narrow_series.hpp"

#include "mpc/protocol/kernels.hpp"
#include "base/target_clones.hpp"

#include <array>
#include <bit>
#include <cmath>

namespace c2d::mpc::narrow {
namespace {

/// Least maximal error on |z| <= 16, with four times the weight there of 16 to 20 (Lawson's
/// iteration).
constexpr std::array kSeries = {0.624022910822, 0.178230208783, 0.080443507246, 0.039243076068,
                                0.019491265942, 0.009723492387, 0.004856107090, 0.003232681577};
static_assert(kSeries.size() == kTerms);
/// Periods in the range of a masked logit: a masked logit times this is its angle, mod 2^32.
constexpr std::uint32_t kPeriods = 9;

constexpr unsigned kDigitBits = 6;
constexpr unsigned kDigitShift = 32 - kDigitBits;
static_assert(64 == 1u << kDigitBits && kRangeBits - kDigitBits == 3);

/// Items per block: the waves of one block stay in the first cache.
constexpr std::size_t kBlock = 64;

/// e^(ika) of a block of angles, k = 1, 3, …, by angle addition of twice the angle.
struct Waves {
    std::int64_t twice_c[kBlock], twice_s[kBlock], c[kBlock], s[kBlock];
};

inline void first_wave(Waves& waves, const std::uint32_t* masked, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const kernel::Turn turn = kernel::turn(masked[i] * kPeriods);
        const std::int64_t c = waves.c[i] = turn.cosine;
        const std::int64_t s = waves.s[i] = turn.sine;
        waves.twice_c[i] = (c * c - s * s) >> 30;
        waves.twice_s[i] = (c * s) >> 29;
    }
}
inline void next_wave(Waves& waves, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) {
        const std::int64_t c = waves.c[i], s = waves.s[i];
        waves.c[i] = (c * waves.twice_c[i] - s * waves.twice_s[i]) >> 30;
        waves.s[i] = (s * waves.twice_c[i] + c * waves.twice_s[i]) >> 30;
    }
}

}  // namespace

C2D_VECTOR_CLONES
void dealt_waves(const std::uint32_t* u, std::size_t count, Scale scale, Word* cosine, Word* sine) {
    const unsigned drop = 30 - scale.sine_bits;
    const std::int64_t half = std::int64_t{1} << (drop - 1);
    Waves waves;
    for (std::size_t at = 0; at < count; at += kBlock) {
        const std::size_t n = std::min(kBlock, count - at);
        first_wave(waves, u + at, n);
        for (std::size_t k = 0; k < kTerms; ++k) {
            if (k != 0) next_wave(waves, n);
            Word* c = cosine + k * count + at;
            Word* s = sine + k * count + at;
            for (std::size_t i = 0; i < n; ++i) {
                c[i] = static_cast<Word>((waves.c[i] + half) >> drop);
                s[i] = static_cast<Word>((waves.s[i] + half) >> drop);
            }
        }
    }
}

Word dealt_table(std::uint32_t u) { return Word{1} << (u >> kDigitShift); }

C2D_VECTOR_CLONES
void add_series(const std::uint32_t* m, std::size_t count, Scale scale, double factor,
                const std::uint8_t* dither, const Word* cosine, const Word* sine, Word* out) {
    // sin k(m - u) = sin km cos ku - cos km sin ku. The public factors are integers that both
    // parties compute bit for bit alike: an ulp of difference times a uniform share would be
    // garbage.
    const unsigned drop = 60 - scale.coefficient_bits;
    Waves waves;
    for (std::size_t at = 0; at < count; at += kBlock) {
        const std::size_t n = std::min(kBlock, count - at);
        first_wave(waves, m + at, n);
        for (std::size_t k = 0; k < kTerms; ++k) {
            if (k != 0) next_wave(waves, n);
            const std::int64_t weight = std::llround(kSeries[k] * factor * 0x1p30);
            const Word* c = cosine + k * count + at;
            const Word* s = sine + k * count + at;
            const std::uint8_t* up_c = dither + 2 * k * count + at;
            const std::uint8_t* up_s = up_c + count;
            for (std::size_t i = 0; i < n; ++i) {
                const std::int64_t fraction_s = std::int64_t{2 * up_s[i] + 1} << (drop - 9);
                const std::int64_t fraction_c = std::int64_t{2 * up_c[i] + 1} << (drop - 9);
                out[at + i] +=
                    static_cast<Word>((weight * waves.s[i] + fraction_s) >> drop) * c[i] -
                    static_cast<Word>((weight * waves.c[i] + fraction_c) >> drop) * s[i];
            }
        }
    }
}

unsigned in_domain(std::uint32_t m, Word table) {
    // digit(m) - digit(u) is floor(z / 8) or one more: -2 … 2, five neighbouring bits of the table.
    return static_cast<unsigned>(
               std::popcount(std::rotr(table, int(m >> kDigitShift) - 2) & 0x1f)) &
           1;
}

}  // namespace c2d::mpc::narrow
