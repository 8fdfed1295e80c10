#include "mpc/core/kernels.hpp"

#include "base/target_clones.hpp"

#include <algorithm>
#include <bit>

namespace c2d::mpc::kernel {

namespace {

/// Rows worked on at once, and how many of those steps ahead memory is asked for.
constexpr std::size_t kRowsAtOnce = 4, kStepsAhead = 2;
constexpr std::size_t kWordsPerLine = 8;

inline std::size_t number(const std::uint32_t* index, std::size_t i) { return index ? index[i] : i; }

inline void fetch_ahead(Rows rows, std::size_t length, const std::uint32_t* index, std::size_t i, std::size_t count) {
    const std::size_t first = i + kRowsAtOnce * kStepsAhead;
    for (std::size_t r = first; r < std::min(first + kRowsAtOnce, count); ++r) {
        const Word* row = rows.at(number(index, r));
        for (std::size_t j = 0; j < length; j += kWordsPerLine) __builtin_prefetch(row + j);
    }
}

inline void add_four(const Word* const row[kRowsAtOnce], std::size_t first, std::size_t last, const Word* factor,
                     Word* __restrict out) {
    const Word f0 = factor[0], f1 = factor[1], f2 = factor[2], f3 = factor[3];
    const Word *r0 = row[0], *r1 = row[1], *r2 = row[2], *r3 = row[3];
    for (std::size_t j = first; j < last; ++j) out[j] += r0[j] * f0 + r1[j] * f1 + r2[j] * f2 + r3[j] * f3;
}

}  // namespace

C2D_VECTOR_CLONES
void add_dots(Rows rows, std::size_t length, const std::uint32_t* index, std::size_t count, const Word* factor,
              Word* out) {
    std::size_t i = 0;
    for (; i + kRowsAtOnce <= count; i += kRowsAtOnce) {
        fetch_ahead(rows, length, index, i, count);
        const Word *r0 = rows.at(number(index, i)), *r1 = rows.at(number(index, i + 1)),
                   *r2 = rows.at(number(index, i + 2)), *r3 = rows.at(number(index, i + 3));
        Word s0 = 0, s1 = 0, s2 = 0, s3 = 0;
        for (std::size_t j = 0; j < length; ++j) {
            const Word f = factor[j];
            s0 += r0[j] * f;
            s1 += r1[j] * f;
            s2 += r2[j] * f;
            s3 += r3[j] * f;
        }
        out[i] += s0;
        out[i + 1] += s1;
        out[i + 2] += s2;
        out[i + 3] += s3;
    }
    for (; i < count; ++i) {
        const Word* row = rows.at(number(index, i));
        Word sum = 0;
        for (std::size_t j = 0; j < length; ++j) sum += row[j] * factor[j];
        out[i] += sum;
    }
}

C2D_VECTOR_CLONES
void add_weighted_rows(Rows rows, std::span<const Part> parts, const std::uint32_t* index, std::size_t count,
                       Word* out) {
    const std::size_t length = parts.empty() ? 0 : parts.back().end;
    std::size_t i = 0;
    for (; i + kRowsAtOnce <= count; i += kRowsAtOnce) {
        fetch_ahead(rows, length, index, i, count);
        const Word* row[kRowsAtOnce];
        for (std::size_t r = 0; r < kRowsAtOnce; ++r) row[r] = rows.at(number(index, i + r));
        std::size_t begin = 0;
        for (const Part& part : parts) {
            add_four(row, begin, part.end, part.factor + i, out);
            begin = part.end;
        }
    }
    for (; i < count; ++i) {
        const Word* row = rows.at(number(index, i));
        std::size_t j = 0;
        for (const Part& part : parts)
            for (; j < part.end; ++j) out[j] += row[j] * part.factor[i];
    }
}

C2D_VECTOR_CLONES
void add_multiple(const Word* a, Word factor, Word* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] += a[i] * factor;
}

C2D_VECTOR_CLONES
void add_weighted_tails(Rows rows, std::size_t column, std::span<const std::uint32_t> index, const Word* u,
                        std::size_t width, std::size_t first, Word* out) {
    const std::size_t length = width - first;
    std::size_t i = 0;
    for (; i + kRowsAtOnce <= index.size(); i += kRowsAtOnce) {
        const Word factor[kRowsAtOnce] = {rows.at(index[i])[column], rows.at(index[i + 1])[column],
                                          rows.at(index[i + 2])[column], rows.at(index[i + 3])[column]};
        const Word* const row[kRowsAtOnce] = {u + i * width + first, u + (i + 1) * width + first,
                                              u + (i + 2) * width + first, u + (i + 3) * width + first};
        add_four(row, 0, length, factor, out);
    }
    for (; i < index.size(); ++i) {
        const Word factor = rows.at(index[i])[column];
        for (std::size_t k = 0; k < length; ++k) out[k] += u[i * width + first + k] * factor;
    }
}

C2D_VECTOR_CLONES
void add_matmul(const Word* a, const Word* b, Word* out, std::size_t rows, std::size_t inner, std::size_t cols) {
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t k = 0; k < inner; ++k) {
            const Word factor = a[i * inner + k];
            for (std::size_t j = 0; j < cols; ++j) out[i * cols + j] += factor * b[k * cols + j];
        }
}

C2D_VECTOR_CLONES
void add_products(const Word* a, const Word* b, Word* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] += a[i] * b[i];
}

C2D_VECTOR_CLONES
void add(const Word* a, Word* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] += a[i];
}

C2D_VECTOR_CLONES
void add_bits(const std::uint8_t* a, std::uint8_t* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] ^= a[i];
}

C2D_VECTOR_CLONES
void add_bit_products(const std::uint8_t* a, const std::uint8_t* b, std::uint8_t* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] ^= a[i] & b[i];
}

C2D_VECTOR_CLONES
void subtract(const Word* a, const Word* b, Word* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] = a[i] - b[i];
}

C2D_VECTOR_CLONES
void encode(const double* values, double unit, Word* out, std::size_t count) {
    // Added to 1.5 * 2^52, whose last digit is 1, a number is rounded by the addition itself, and
    // the significand counts from there.
    constexpr double kMiddle = 0x1.8p52;
    for (std::size_t i = 0; i < count; ++i)
        out[i] = std::bit_cast<Word>(values[i] * unit + kMiddle) - std::bit_cast<Word>(kMiddle);
}

}  // namespace c2d::mpc::kernel
