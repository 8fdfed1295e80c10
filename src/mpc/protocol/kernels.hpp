/// The inner loops: arithmetic modulo 2^64 on plain arrays. Pure; any thread.
#pragma once

#include "mpc/correlation/prg.hpp"

namespace c2d::mpc::kernel {

/// out[i] += sum_j plane[index[i] * cols + j] * v[j]. A null index means 0, 1, 2, … from `first`.
void add_rows_times(const Word* plane, std::size_t cols, const std::uint32_t* index,
                    std::size_t first, std::size_t count, const Word* v, Word* out);
/// out[j] += sum_i plane[index[i] * cols + j] * v[i].
void add_transposed_times(const Word* plane, std::size_t cols, const std::uint32_t* index,
                          std::size_t count, const Word* v, Word* out);
/// out (rows x cols) += a (rows x inner) * b (inner x cols).
void add_matmul(const Word* a, const Word* b, Word* out, std::size_t rows, std::size_t inner,
                std::size_t cols);
/// out[i] += a[i] * b[i].
void add_products(const Word* a, const Word* b, Word* out, std::size_t count);
/// out[i] += a[i].
void add(const Word* a, Word* out, std::size_t count);
/// out[i] = a[i] - b[i].
void subtract(const Word* a, const Word* b, Word* out, std::size_t count);

/// cos and sin of one turn's fraction, angle / 2^32, with 30 fractional bits.
struct Turn {
    std::int64_t cosine;
    std::int64_t sine;
};
/// Integer arithmetic only: the same bits on every machine. Error below 2^-27.
Turn turn(std::uint32_t angle) noexcept;

/// cos(k a) and sin(k a), 30 fractional bits, for k = 1 … terms and all angles; laid out
/// [k-1][i]. The same bits on every machine; error below 2^-20 for 32 terms.
void harmonics(const std::uint32_t* angle, std::size_t count, std::size_t terms,
               std::int64_t* cosine, std::int64_t* sine);

}  // namespace c2d::mpc::kernel
