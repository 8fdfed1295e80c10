#include "mpc/protocol/kernels.hpp"

// 64-bit vector products exist only from AVX-512 on; the loader picks the best version of each
// loop. Sanitizers instrument before the resolver can run, so they get the plain one.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define C2D_VECTOR_CLONES __attribute__((target_clones("default", "avx2", "arch=x86-64-v4")))
#else
#define C2D_VECTOR_CLONES
#endif

namespace c2d::mpc::kernel {

C2D_VECTOR_CLONES
void add_rows_times(const Word* plane, std::size_t cols, const std::uint32_t* index,
                    std::size_t first, std::size_t count, const Word* v, Word* out) {
    for (std::size_t i = 0; i < count; ++i) {
        const Word* row = plane + (index ? index[i] : first + i) * cols;
        Word sum = 0;
        for (std::size_t j = 0; j < cols; ++j) sum += row[j] * v[j];
        out[i] += sum;
    }
}

C2D_VECTOR_CLONES
void add_transposed_times(const Word* plane, std::size_t cols, const std::uint32_t* index,
                          std::size_t count, const Word* v, Word* out) {
    for (std::size_t i = 0; i < count; ++i) {
        const Word* row = plane + index[i] * cols;
        const Word factor = v[i];
        for (std::size_t j = 0; j < cols; ++j) out[j] += row[j] * factor;
    }
}

C2D_VECTOR_CLONES
void add_matmul(const Word* a, const Word* b, Word* out, std::size_t rows, std::size_t inner,
                std::size_t cols) {
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

void add(const Word* a, Word* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] += a[i];
}

void subtract(const Word* a, const Word* b, Word* out, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) out[i] = a[i] - b[i];
}

Turn turn(std::uint32_t angle) noexcept {
    // Fold to t in [-1/8, 1/8) of a turn around the nearest quarter, then Taylor series in x = 2 pi t,
    // |x| <= pi/4: the first terms left out are below 2^-30.
    const std::uint32_t quarter = (angle + 0x20000000u) >> 30;
    const auto t = static_cast<std::int32_t>(angle - (quarter << 30));
    constexpr std::int64_t kTwoPi30 = 6746518852;  // 2 pi * 2^30
    const std::int64_t x = (std::int64_t{t} * kTwoPi30) >> 32;
    const std::int64_t x2 = (x * x) >> 30;
    constexpr std::int64_t kOne = std::int64_t{1} << 30;
    std::int64_t s = kOne - x2 / 110;
    s = kOne - ((x2 * s) >> 30) / 72;
    s = kOne - ((x2 * s) >> 30) / 42;
    s = kOne - ((x2 * s) >> 30) / 20;
    s = kOne - ((x2 * s) >> 30) / 6;
    s = (x * s) >> 30;
    std::int64_t c = kOne - x2 / 90;
    c = kOne - ((x2 * c) >> 30) / 56;
    c = kOne - ((x2 * c) >> 30) / 30;
    c = kOne - ((x2 * c) >> 30) / 12;
    c = kOne - ((x2 * c) >> 30) / 2;
    switch (quarter & 3) {
        case 0: return {c, s};
        case 1: return {-s, c};
        case 2: return {-c, -s};
        default: return {s, -c};
    }
}

C2D_VECTOR_CLONES
void harmonics(const std::uint32_t* angle, std::size_t count, std::size_t terms,
               std::int64_t* cosine, std::int64_t* sine) {
    for (std::size_t i = 0; i < count; ++i) {
        const Turn first = turn(angle[i]);
        cosine[i] = first.cosine;
        sine[i] = first.sine;
    }
    // Angle addition: e^(i(k+1)a) = e^(ika) e^(ia).
    for (std::size_t k = 1; k < terms; ++k) {
        const std::int64_t* c = cosine + (k - 1) * count;
        const std::int64_t* s = sine + (k - 1) * count;
        std::int64_t* next_c = cosine + k * count;
        std::int64_t* next_s = sine + k * count;
        for (std::size_t i = 0; i < count; ++i) {
            next_c[i] = (c[i] * cosine[i] - s[i] * sine[i]) >> 30;
            next_s[i] = (s[i] * cosine[i] + c[i] * sine[i]) >> 30;
        }
    }
}

}  // namespace c2d::mpc::kernel
