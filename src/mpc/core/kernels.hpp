/// The inner loops: arithmetic modulo 2^64 on plain arrays. Pure; any thread.
#pragma once

#include "mpc/core/prg.hpp"

#include <span>

namespace c2d::mpc::kernel {

/// Rows of words in memory, `stride` apart. The next rows are fetched while one is worked on, since
/// a batch's rows are anywhere.
struct Rows {
    const Word* data;
    std::size_t stride;
    const Word* at(std::size_t row) const noexcept { return data + row * stride; }
};
/// out[i] += sum over j < length of row[j] * factor[j], for row number index[i] (null: number i).
void add_dots(Rows rows, std::size_t length, const std::uint32_t* index, std::size_t count, const Word* factor,
              Word* out);
/// The words of a row from the end of the part before it to `end`, and one factor per row for them.
struct Part {
    std::size_t end;
    const Word* factor;
};
/// out[j] += sum over i of row[j] * factor[i], with the factors of j's part.
void add_weighted_rows(Rows rows, std::span<const Part> parts, const std::uint32_t* index, std::size_t count,
                       Word* out);
/// out[i] += a[i] * factor.
void add_multiple(const Word* a, Word factor, Word* out, std::size_t count);
/// out[k] += sum over i of word `column` of row index[i] * u[i][first + k], for rows of u of `width` words.
void add_weighted_tails(Rows rows, std::size_t column, std::span<const std::uint32_t> index, const Word* u,
                        std::size_t width, std::size_t first, Word* out);
/// out (rows x cols) += a (rows x inner) * b (inner x cols).
void add_matmul(const Word* a, const Word* b, Word* out, std::size_t rows, std::size_t inner, std::size_t cols);
/// out[i] += a[i] * b[i].
void add_products(const Word* a, const Word* b, Word* out, std::size_t count);
/// out[i] += a[i].
void add(const Word* a, Word* out, std::size_t count);
/// out[i] ^= a[i], and out[i] ^= a[i] & b[i]: sums and products of eight bits each.
void add_bits(const std::uint8_t* a, std::uint8_t* out, std::size_t count);
void add_bit_products(const std::uint8_t* a, const std::uint8_t* b, std::uint8_t* out, std::size_t count);
/// out[i] = a[i] - b[i].
void subtract(const Word* a, const Word* b, Word* out, std::size_t count);

/// out[i] = the integer nearest to values[i] * unit, which must lie within +-2^51.
void encode(const double* values, double unit, Word* out, std::size_t count);

/// cos and sin of one turn's fraction, angle / 2^32, with 30 fractional bits.
struct Turn {
    std::int64_t cosine;
    std::int64_t sine;
};
/// Integer arithmetic only: the same bits on every machine. Error below 2^-27. Branch-free and
/// inline, so that loops over it become vector code.
inline Turn turn(std::uint32_t angle) noexcept {
    // Fold to t in [-1/8, 1/8) of a turn around the nearest quarter, then Taylor series in x = 2 pi
    // t, |x| <= pi/4, by Horner's rule: the first terms left out are below 2^-30.
    constexpr std::int64_t kOne = std::int64_t{1} << 30;
    constexpr auto over = [](std::int64_t divisor) { return (kOne + divisor / 2) / divisor; };
    constexpr auto times = [](std::int64_t a, std::int64_t b) { return (a * b) >> 30; };
    constexpr std::int64_t kTwoPi30 = 6746518852;  // 2 pi * 2^30
    const std::uint32_t quarter = (angle + 0x20000000u) >> 30;
    const auto t = static_cast<std::int32_t>(angle - (quarter << 30));
    const std::int64_t x = (std::int64_t{t} * kTwoPi30) >> 32;
    const std::int64_t x2 = times(x, x);
    std::int64_t s = kOne - times(x2, over(110));
    s = kOne - times(times(x2, s), over(72));
    s = kOne - times(times(x2, s), over(42));
    s = kOne - times(times(x2, s), over(20));
    s = kOne - times(times(x2, s), over(6));
    s = times(x, s);
    std::int64_t c = kOne - times(x2, over(90));
    c = kOne - times(times(x2, c), over(56));
    c = kOne - times(times(x2, c), over(30));
    c = kOne - times(times(x2, c), over(12));
    c = kOne - (times(x2, c) >> 1);
    // Quarters turn (c, s) into (c, s), (-s, c), (-c, -s), (s, -c).
    const std::int64_t odd = -static_cast<std::int64_t>(quarter & 1);
    const std::int64_t minus_c = -static_cast<std::int64_t>(((quarter + 1) >> 1) & 1);
    const std::int64_t minus_s = -static_cast<std::int64_t>((quarter >> 1) & 1);
    const std::int64_t cosine = (s & odd) | (c & ~odd), sine = (c & odd) | (s & ~odd);
    return {(cosine ^ minus_c) - minus_c, (sine ^ minus_s) - minus_s};
}

}  // namespace c2d::mpc::kernel
