#include "mpc/rep3/carry.hpp"

#include "base/target_clones.hpp"

#include <algorithm>

namespace c2d::mpc::rep3::carry {
namespace {

/// Digits stand in bit-reversed order: then "join neighbours" is "join the two halves of the word"
/// on every level of the tree.
constexpr unsigned kPosition[kDigits] = {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15};

/// Items per block: what a block needs stays in the first cache.
constexpr std::size_t kBlock = 512;

/// 32 bits of twice each word of a block: eight digits. The carry into bit 63 of m + lambda is the
/// carry out of 2 m + 2 lambda.
inline void halves(const Word* words, std::size_t count, unsigned shift, std::uint32_t* out) {
    for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::uint32_t>(words[i] << 1 >> shift);
}

C2D_VECTOR_CLONES
void deal_block(const Word* lambda, std::size_t count, std::size_t stride, std::size_t first, std::uint8_t* tables) {
    std::uint32_t half[kBlock];
    for (std::size_t d = first; d < kDigits; ++d) {
        if (d % 8 == 0 || d == first) halves(lambda, count, d < 8 ? 0 : 32, half);
        std::uint8_t* low = tables + kTableBytes * (d - first) * stride;
        std::uint8_t* high = low + stride;
        const unsigned shift = 4 * (d % 8);
        for (std::size_t i = 0; i < count; ++i) {
            // The `digit` highest of 16 bits.
            const std::uint32_t table = 0xffff0000u >> ((half[i] >> shift) & 15);
            low[i] = static_cast<std::uint8_t>(table);
            high[i] = static_cast<std::uint8_t>(table >> 8);
        }
    }
    // The last digit's table is complemented where lambda's own top bit is set.
    std::uint8_t* last = tables + kTableBytes * (kDigits - 1 - first) * stride;
    for (std::size_t i = 0; i < count; ++i) {
        const auto top = static_cast<std::uint8_t>(0 - (lambda[i] >> 63));
        last[i] ^= top;
        last[stride + i] ^= top;
    }
}

C2D_VECTOR_CLONES
void look_up_block(const std::uint8_t* tables, std::size_t stride, std::size_t first, const Word* m, std::size_t count,
                   bool is_a, std::uint32_t* digits) {
    std::uint32_t half[kBlock];
    const std::uint32_t mine = is_a ? 1 : 0;
    for (std::size_t d = first; d < kDigits; ++d) {
        if (d % 8 == 0 || d == first) halves(m, count, d < 8 ? 0 : 32, half);
        const std::uint8_t* low = tables + kTableBytes * (d - first) * stride;
        const std::uint8_t* high = low + stride;
        const unsigned shift = 4 * (d % 8), position = kPosition[d];
        for (std::size_t i = 0; i < count; ++i) {
            const std::uint32_t table = low[i] | std::uint32_t{high[i]} << 8;
            // Bits 0 to 15 as dealt; entry 16 is 1 where entry 0 is 0, since no digit exceeds 15.
            const std::uint32_t row = table | ((table ^ mine) & 1) << 16;
            const std::uint32_t at = row >> ((half[i] >> shift) & 15);
            const std::uint32_t both = (at & 1) | ((at ^ at >> 1) & 1) << 16;
            digits[i] |= both << position;
        }
    }
}

C2D_VECTOR_CLONES
void factors_of(const std::uint32_t* digits, std::size_t count, unsigned half, std::uint8_t* left,
                std::uint8_t* right) {
    const std::uint32_t mask = (1u << half) - 1;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t generate = digits[i], propagate = digits[i] >> 16;
        const std::uint32_t high = (propagate >> half) & mask;
        const std::uint32_t l = high | high << half;
        const std::uint32_t r = (generate & mask) | (propagate & mask) << half;
        left[i] = static_cast<std::uint8_t>(l);
        right[i] = static_cast<std::uint8_t>(r);
        if (half != 8) continue;
        left[count + i] = static_cast<std::uint8_t>(l >> 8);
        right[count + i] = static_cast<std::uint8_t>(r >> 8);
    }
}

C2D_VECTOR_CLONES
void join_all(std::uint32_t* digits, std::size_t count, unsigned half, const std::uint8_t* low,
              const std::uint8_t* high) {
    const std::uint32_t mask = (1u << half) - 1;
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint32_t product = low[i] | std::uint32_t{high[i]} << 8;
        const std::uint32_t generate = ((digits[i] & 0xffff) >> half ^ product) & mask;
        digits[i] = generate | ((product >> half) & mask) << 16;
    }
}

}  // namespace

Bytes dealt_tables(const Words& lambda, unsigned digits) {
    const std::size_t n = lambda.size(), first = kDigits - digits;
    Bytes out(n * digits * kTableBytes);
    for (std::size_t at = 0; at < n; at += kBlock)
        deal_block(lambda.data() + at, std::min(kBlock, n - at), n, first, out.data() + at);
    return out;
}

Digits look_up(const Bytes& tables, const Words& m, bool is_a, unsigned digits) {
    const std::size_t n = m.size(), first = kDigits - digits;
    Digits out(n);
    for (std::size_t at = 0; at < n; at += kBlock)
        look_up_block(tables.data() + at, n, first, m.data() + at, std::min(kBlock, n - at), is_a, out.data() + at);
    return out;
}

Factors factors(const Digits& digits, unsigned half) {
    const std::size_t bytes = factor_bytes(half) * digits.size();
    Factors out{Bytes(bytes), Bytes(bytes)};
    factors_of(digits.data(), digits.size(), half, out.left.data(), out.right.data());
    return out;
}

void join(Digits& digits, const Bytes& products, unsigned half) {
    const std::uint8_t* low = products.data();
    // A single byte counts twice, above what the mask lets through.
    join_all(digits.data(), digits.size(), half, low, half == 8 ? low + digits.size() : low);
}

}  // namespace c2d::mpc::rep3::carry
