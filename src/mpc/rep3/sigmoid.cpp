#include "mpc/rep3/sigmoid.hpp"

#include "base/try.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/rep3/fourier_series.hpp"

#include <array>
#include <bit>
#include <cmath>

namespace c2d::mpc::rep3 {
namespace {

/// Least maximal error on |z| <= 16 (Lawson's iteration); see docs/mpc/protocol.md.
constexpr std::array kCoefficients = {0.626637500139, 0.184700408010, 0.088037479613, 0.045946799093, 0.024559686436,
                                      0.013216914250, 0.007126690161, 0.003844951492, 0.002074762119, 0.001119598727,
                                      0.000604184569, 0.000326036927, 0.000175948135, 0.000094944040, 0.000051240379,
                                      0.000027646971, 0.000021053253};
constexpr std::array kFineCoefficients = {
    0.626637499923, 0.184700408228, 0.088037479392, 0.045946799319, 0.024559686203, 0.013216914491, 0.007126689909,
    0.003844951757, 0.002074761837, 0.001119599027, 0.000604184246, 0.000326037276, 0.000175947754, 0.000094944458,
    0.000051239915, 0.000027647456, 0.000014923274, 0.000008049789, 0.000004347550, 0.000003306481};
/// The period is 64, and logits have 16 fractional bits.
constexpr std::uint32_t kTurns = 1u << (32 - 6 - 16);
constexpr fourier::Series kSeries{kTurns, kCoefficients}, kFineSeries{kTurns, kFineCoefficients};
/// Thirty-four rounded coefficients add up, so they get more bits than the sines: rounding is 2.1e-5
/// (r.m.s.) in all.
constexpr fourier::Scale kScale{14, 16};
static_assert(kScale.sine_bits + kScale.coefficient_bits == kSigmoidBits);

/// A digit of 8 bits and the one-hot table that H deals of it.
constexpr std::size_t kTableBytes = 32;
constexpr unsigned kClampShift = 16 + 2;   // steps of 4, range +-512
constexpr unsigned kDomainShift = 16 + 7;  // steps of 128, range +-16384

/// What H alone knows, and what it deals.
struct Dealt {
    AdditiveShares cosine, sine;  // [k][i], at 2^14
    Bytes clamp, domain;          // one-hot tables, XOR-shared
    Words offset;                 // t: masks the series
    Bytes masks;                  // r1 in bit 0, r2 in bit 1
    AdditiveShares products;      // r1, r1 t, r2, one after the other
};

Bytes one_hot(const std::vector<std::uint32_t>& u, unsigned shift) {
    Bytes tables(u.size() * kTableBytes);
    for (std::size_t i = 0; i < u.size(); ++i) {
        const unsigned digit = (u[i] >> shift) & 255;
        tables[i * kTableBytes + digit / 8] = static_cast<std::uint8_t>(1u << (digit % 8));
    }
    return tables;
}

/// H's values. `u` is the mask of z; empty at A and B, who then only take part.
Result<Dealt> deal_all(Engine& engine, const fourier::Series& series, const std::vector<std::uint32_t>& u,
                       std::size_t n) {
    const std::size_t terms = series.terms();
    Words cosine, sine;
    if (engine.is_helper()) {
        cosine.resize(terms * n);
        sine.resize(terms * n);
        fourier::fill_sin_cos(series, u.data(), n, kScale.sine_bits, cosine.data(), sine.data());
    }
    Dealt out;
    // Half of the traffic to each of A and B.
    C2D_TRY(out.cosine, engine.share_from_helper(cosine, terms * n, Role::a));
    C2D_TRY(out.sine, engine.share_from_helper(sine, terms * n, Role::b));
    const bool helper = engine.is_helper();
    C2D_TRY(out.clamp,
            engine.share_bits_from_helper(helper ? one_hot(u, kClampShift) : Bytes{}, n * kTableBytes, Role::a));
    C2D_TRY(out.domain,
            engine.share_bits_from_helper(helper ? one_hot(u, kDomainShift) : Bytes{}, n * kTableBytes, Role::b));
    out.offset = engine.random_words(n);
    out.masks = engine.random_bytes(n);
    Words products;
    if (helper) {
        products.resize(3 * n);
        for (std::size_t i = 0; i < n; ++i) {
            const Word r1 = out.masks[i] & 1, r2 = (out.masks[i] >> 1) & 1;
            products[i] = r1;
            products[n + i] = r1 * out.offset[i];
            products[2 * n + i] = r2;
        }
    }
    C2D_TRY(out.products, engine.share_from_helper(products, 3 * n, Role::b));
    C2D_CHECK(engine.flush());
    return out;
}

/// XOR of the `length` table bits from `start` on, around the end.
unsigned parity(const std::uint8_t* table, unsigned start, unsigned length) {
    unsigned sum = 0;
    for (unsigned w = 0; w < 4; ++w) {
        Word word = 0;
        for (unsigned b = 0; b < 8; ++b) word |= Word{table[8 * w + b]} << (8 * b);
        // Bits of this word inside [start, start + length) and inside its continuation at 0.
        Word mask = 0;
        for (unsigned turn = 0; turn < 2; ++turn) {
            const int from = static_cast<int>(start) - static_cast<int>(256 * turn + 64 * w);
            const int to = from + static_cast<int>(length);
            if (to <= 0 || from >= 64) continue;
            const Word below_to = to >= 64 ? ~Word{0} : (Word{1} << to) - 1;
            const Word below_from = from <= 0 ? 0 : (Word{1} << from) - 1;
            mask |= below_to & ~below_from;
        }
        sum ^= static_cast<unsigned>(std::popcount(word & mask));
    }
    return sum & 1;
}

/// Shares of [first <= digit(m) - digit(u) <= last], the difference mod 256.
unsigned in_range(const std::uint8_t* table, std::uint32_t m, unsigned shift, int first, int last) {
    const unsigned digit = (m >> shift) & 255;
    return parity(table, (digit - static_cast<unsigned>(last)) & 255, static_cast<unsigned>(last - first + 1));
}

/// A's or B's summand of the series, factor * (1/2 + sum ...), at 2^30.
Words sum_of_series(const Engine& engine, const fourier::Series& series, const std::vector<std::uint32_t>& m,
                    const Dealt& dealt, double factor) {
    const Word half = engine.is_a() ? static_cast<Word>(std::llround(factor * 0x1p29)) : 0;
    Words out(m.size(), half);
    fourier::add(series, m.data(), m.size(), kScale, factor, nullptr, dealt.cosine.data(), dealt.sine.data(),
                 out.data());
    return out;
}

/// z at 2^16 plus a mask, opened to A and B; at H the mask itself, u.
Result<std::vector<std::uint32_t>> open_masked(Engine& engine, const Words& local, unsigned fraction) {
    std::vector<std::uint32_t> masked = engine.random_halfwords(local.size());
    // Each summand is cut by itself: the sum is low by at most 3 steps of 2^-16, or 1.5 on average.
    const std::uint32_t low = engine.is_a() && fraction > 16 ? 1 : 0;
    for (std::size_t i = 0; i < local.size(); ++i) {
        const auto z = static_cast<std::uint32_t>(local[i] >> (fraction - 16)) + low;
        masked[i] = engine.is_helper() ? masked[i] - z : masked[i] + z;
    }
    C2D_CHECK(engine.open(masked));
    return masked;
}

}  // namespace

Result<Sigmoid> sigmoid_of(Engine& engine, const Words& local, unsigned fraction, double factor, SeriesLength length) {
    const fourier::Series& series = length == SeriesLength::fine ? kFineSeries : kSeries;
    const std::size_t n = local.size();
    C2D_TRY(const std::vector<std::uint32_t> m, open_masked(engine, local, fraction));
    C2D_TRY(const Dealt dealt, deal_all(engine, series, m, n));
    Sigmoid out;
    if (engine.is_helper()) return out;
    // b1 = [the series holds], b2 = [z is large], XOR-shared; masked by r1, r2. S masked by t.
    Bytes e = dealt.masks;
    out.outside.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        const std::uint8_t* clamp = dealt.clamp.data() + i * kTableBytes;
        const std::uint8_t* domain = dealt.domain.data() + i * kTableBytes;
        e[i] = static_cast<std::uint8_t>((e[i] & 3) ^ in_range(clamp, m[i], kClampShift, -3, 3) ^
                                         in_range(clamp, m[i], kClampShift, 4, 131) << 1);
        out.outside[i] =
            static_cast<std::uint8_t>(in_range(domain, m[i], kDomainShift, -2, 2) ^ (engine.is_a() ? 1u : 0u));
    }
    Words d = sum_of_series(engine, series, m, dealt, factor);
    kernel::add(dealt.offset.data(), d.data(), n);
    // One message for both openings.
    Bytes message(n + n * sizeof(Word));
    const unsigned other = engine.is_a() ? 1u : 0u;
    C2D_CHECK(engine.send_buffered(other, e));
    C2D_CHECK(engine.send_buffered(other, {reinterpret_cast<const std::uint8_t*>(d.data()), 8 * n}));
    C2D_CHECK(engine.receive(other, message));
    const Word unit = static_cast<Word>(std::llround(factor * 0x1p30));
    out.value.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        Word theirs = 0;
        for (unsigned b = 0; b < 8; ++b) theirs |= Word{message[n + 8 * i + b]} << (8 * b);
        const Word opened = d[i] + theirs;
        const unsigned bits = e[i] ^ message[i];
        const Word e1 = bits & 1, e2 = (bits >> 1) & 1;
        // b1 S = e1 (d - t) + (1 - 2 e1)(r1 d - r1 t);  b2 = e2 + (1 - 2 e2) r2.
        const Word r1 = dealt.products[i], r1t = dealt.products[n + i];
        const Word r2 = dealt.products[2 * n + i];
        const Word kept =
            (engine.is_a() ? e1 * opened : 0) - e1 * dealt.offset[i] + (Word{1} - 2 * e1) * (r1 * opened - r1t);
        const Word large = (engine.is_a() ? e2 : 0) + (Word{1} - 2 * e2) * r2;
        out.value[i] = kept + large * unit;
    }
    return out;
}

}  // namespace c2d::mpc::rep3
