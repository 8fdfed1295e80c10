/// Bits: the top bit of a sum, conversion, and the "any" that a domain check opens.
///
/// A value is m + lambda, with m known to A and B, lambda to H. Its top bit needs the carry of one
/// addition. H deals, for every hexadecimal digit of lambda, the table j -> [digit + j >= 16]; A
/// and B look up their public digit of m and hold XOR shares of each digit's "generate" and
/// "propagate". A prefix tree of three-way products over 16 digits ends in the carry: 4 rounds.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/protocol/kernels.hpp"
#include "mpc/protocol/rep3/engine.hpp"

#include <cstring>

namespace c2d::mpc {
namespace {

constexpr std::size_t kDigits = 16;
constexpr std::size_t kTableBytes = 2 * kDigits;

/// Digits stand in bit-reversed order: then "combine neighbours" is "combine the two halves of the
/// word" on every level of the tree.
constexpr unsigned kPosition[kDigits] = {0, 8, 4, 12, 2, 10, 6, 14, 1, 9, 5, 13, 3, 11, 7, 15};

/// Generate and propagate bits of all digits of one comparison.
struct Carry {
    std::uint16_t generate = 0;
    std::uint16_t propagate = 0;
};

/// Looks up the digits of `moved` (see `msb`) in shares of the tables.
Carry look_up(const std::uint8_t* tables, Word moved, bool is_a) {
    Carry carry;
    for (std::size_t d = 0; d < kDigits; ++d) {
        const auto table = static_cast<std::uint32_t>(tables[2 * d] | tables[2 * d + 1] << 8);
        // Bits 0 to 15 as dealt; entry 16 is 1 where entry 0 is 0, since no digit exceeds 15.
        const std::uint32_t row = table | (((table & 1u) ^ (is_a ? 1u : 0u)) << 16);
        const unsigned digit = (moved >> (4 * d)) & 15;
        const std::uint32_t generate = (row >> digit) & 1;
        const std::uint32_t propagate = generate ^ ((row >> (digit + 1)) & 1);
        carry.generate = static_cast<std::uint16_t>(carry.generate | generate << kPosition[d]);
        carry.propagate = static_cast<std::uint16_t>(carry.propagate | propagate << kPosition[d]);
    }
    return carry;
}

}  // namespace

Result<Bits> Engine::and_bits(const Bytes& x, const Bytes& y, std::size_t count) {
    // Multiplication with a dealt triple c = a & b (Beaver 1991).
    Bytes a = random_bytes(count), b = random_bytes(count);
    Bytes product;
    if (is_helper()) {
        product.resize(count);
        for (std::size_t i = 0; i < count; ++i) product[i] = a[i] & b[i];
    }
    C2D_TRY(Bytes z, deal_xor(product, count, Role::b));
    if (is_helper()) return Bits{};
    Bytes opened(2 * count);
    for (std::size_t i = 0; i < count; ++i) {
        opened[i] = x[i] ^ a[i];
        opened[count + i] = y[i] ^ b[i];
    }
    C2D_CHECK(open_xor(opened));
    for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t d = opened[i], e = opened[count + i];
        z[i] = static_cast<std::uint8_t>(z[i] ^ (d & b[i]) ^ (e & a[i]) ^ (is_a() ? d & e : 0));
    }
    return z;
}

Result<Bytes> Engine::carry_tables(const Words& lambda, std::size_t count) {
    Bytes tables;
    if (is_helper()) {
        tables.resize(count * kTableBytes);
        for (std::size_t i = 0; i < count; ++i) {
            const Word moved = lambda[i] << 1;
            // The last digit's table also carries lambda's own top bit, so the result is complete.
            const unsigned top = lambda[i] >> 63 ? 0xffffu : 0u;
            for (std::size_t d = 0; d < kDigits; ++d) {
                const unsigned digit = (moved >> (4 * d)) & 15;
                const unsigned table =
                    ((0xffffu << (16 - digit)) & 0xffffu) ^ (d + 1 == kDigits ? top : 0u);
                tables[i * kTableBytes + 2 * d] = static_cast<std::uint8_t>(table);
                tables[i * kTableBytes + 2 * d + 1] = static_cast<std::uint8_t>(table >> 8);
            }
        }
    }
    return deal_xor(tables, count * kTableBytes, Role::b);
}

Result<Bits> Engine::msb(const Shares& x) {
    const std::size_t n = x.size();
    Words lambda;
    if (is_helper()) {
        lambda = x.p;
        kernel::add(x.q.data(), lambda.data(), n);
    }
    C2D_TRY(const Bytes tables, carry_tables(lambda, n));
    // The carry into bit 63 of m + lambda is the carry out of (m << 1 | 1) + (lambda << 1).
    std::vector<Carry> carry(is_helper() ? 0 : n);
    for (std::size_t i = 0; i < carry.size(); ++i)
        carry[i] = look_up(tables.data() + i * kTableBytes, (x.q[i] << 1) | 1, is_a());
    // G, P of 16, 8, 4, 2 digits; each level halves. Level 16 needs two bytes per product word.
    for (unsigned digits = 16; digits > 1; digits /= 2) {
        const unsigned half = digits / 2;
        const std::size_t width = digits == 16 ? 2 : 1;
        const auto mask = static_cast<std::uint16_t>((1u << half) - 1);
        Bytes left(carry.size() * width), right(carry.size() * width);
        for (std::size_t i = 0; i < carry.size(); ++i) {
            const unsigned high = (carry[i].propagate >> half) & mask;
            const unsigned both = high | high << half;
            const unsigned low = (carry[i].generate & mask) | (carry[i].propagate & mask) << half;
            for (std::size_t w = 0; w < width; ++w) {
                left[i * width + w] = static_cast<std::uint8_t>(both >> (8 * w));
                right[i * width + w] = static_cast<std::uint8_t>(low >> (8 * w));
            }
        }
        C2D_TRY(const Bytes z, and_bits(left, right, n * width));
        for (std::size_t i = 0; i < carry.size(); ++i) {
            unsigned product = z[i * width];
            if (width == 2) product |= unsigned{z[i * width + 1]} << 8;
            carry[i].generate = ((carry[i].generate >> half) ^ product) & mask;
            carry[i].propagate = (product >> half) & mask;
        }
    }
    C2D_CHECK(flush());
    Bits out(carry.size());
    for (std::size_t i = 0; i < carry.size(); ++i)
        out[i] = static_cast<std::uint8_t>((carry[i].generate & 1) ^ (is_a() ? x.q[i] >> 63 : 0));
    return out;
}

Result<Shares> Engine::to_arithmetic(const Bits& bits, std::size_t rows, std::size_t cols) {
    const std::size_t count = rows * cols;
    // A random bit r, shared both ways: b = e + (1 - 2e) r with e = b xor r opened.
    Bytes mask = random_bytes(count);
    for (std::uint8_t& byte : mask) byte &= 1;
    C2D_TRY(Additive r, deal(is_helper() ? Words(mask.begin(), mask.end()) : Words{}, count,
                             Role::b));
    if (is_helper()) return reshare({}, rows, cols);
    for (std::size_t i = 0; i < count; ++i) mask[i] ^= bits[i];
    C2D_CHECK(open_xor(mask));
    for (std::size_t i = 0; i < count; ++i) {
        const Word e = mask[i] & 1;
        r[i] = (is_a() ? e : 0) + (Word{1} - 2 * e) * r[i];
    }
    return reshare(r, rows, cols);
}

Result<Bytes> Engine::open_bits(const Bits& bits, std::size_t count) {
    // Eight to a byte; A passes the result on to H.
    Bytes packed((count + 7) / 8);
    for (std::size_t i = 0; i < bits.size(); ++i)
        packed[i / 8] = static_cast<std::uint8_t>(packed[i / 8] | (bits[i] & 1) << (i % 8));
    C2D_CHECK(open_xor(packed));
    if (is_a()) C2D_CHECK(post(2, packed));
    if (is_helper()) C2D_CHECK(take(0, packed));
    C2D_CHECK(flush());
    Bytes out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = (packed[i / 8] >> (i % 8)) & 1;
    return out;
}

Result<bool> Engine::any(BytesView summands) {
    Bytes32 tag, other_tag;
    if (is_helper()) {
        C2D_CHECK(take(0, tag.data));
        C2D_CHECK(take(1, other_tag.data));
        const std::uint8_t differ = tag == other_tag ? 0 : 1;
        for (const unsigned peer : {0u, 1u}) C2D_CHECK(post(peer, BytesView(&differ, 1)));
        C2D_CHECK(flush());
        return differ != 0;
    }
    // Fresh for each question: H cannot even tell whether two questions had the same strings.
    const Bytes key = ab_->bytes(Purpose::tag, 32);
    tag = hmac_sha256(key, summands);
    C2D_CHECK(post(2, tag));
    std::uint8_t differ = 0;
    C2D_CHECK(take(2, {&differ, 1}));
    return differ != 0;
}

}  // namespace c2d::mpc
