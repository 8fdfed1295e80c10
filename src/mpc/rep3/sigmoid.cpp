#include "mpc/rep3/sigmoid.hpp"

#include "base/try.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/rep3/fourier_series.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <type_traits>

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

/// Elements mod 2^64 or mod 2^32.
using Halfword = std::uint32_t;
template <class W>
using Elements = std::conditional_t<std::is_same_v<W, Word>, Words, std::vector<W>>;

/// What H alone knows, and what it deals.
template <class W>
struct Dealt {
    Elements<W> cosine, sine;  // [k][i], at 2^14
    Bytes clamp, domain;       // one-hot tables, XOR-shared
    Elements<W> offset;        // t: masks the series
    Bytes masks;               // r1 in bit 0, r2 in bit 1
    Elements<W> products;      // r1, r1 t, r2, one after the other
};

template <class W>
Elements<W> random_elements(Engine& engine, std::size_t count) {
    if constexpr (sizeof(W) == sizeof(Word))
        return engine.random_words(count);
    else
        return engine.random_halfwords(count);
}

Bytes one_hot(const std::vector<std::uint32_t>& u, unsigned shift) {
    Bytes tables(u.size() * kTableBytes);
    for (std::size_t i = 0; i < u.size(); ++i) {
        const unsigned digit = (u[i] >> shift) & 255;
        tables[i * kTableBytes + digit / 8] = static_cast<std::uint8_t>(1u << (digit % 8));
    }
    return tables;
}

template <class W>
Result<Elements<W>> share_from_helper(Engine& engine, const Elements<W>& at_helper, std::size_t count, Role to) {
    if constexpr (sizeof(W) == sizeof(Word))
        return engine.share_from_helper(at_helper, count, to);
    else
        return engine.share_halfwords_from_helper(at_helper, count, to);
}

/// H's values. `u` is the mask of z; empty at A and B, who then only take part.
template <class W>
Result<Dealt<W>> deal_all(Engine& engine, const fourier::Series& series, const std::vector<std::uint32_t>& u,
                          std::size_t n) {
    const std::size_t terms = series.terms();
    Elements<W> cosine, sine;
    if (engine.is_helper()) {
        cosine.resize(terms * n);
        sine.resize(terms * n);
        fourier::fill_sin_cos(series, u.data(), n, kScale.sine_bits, cosine.data(), sine.data());
    }
    Dealt<W> out;
    // Half of the traffic to each of A and B.
    C2D_TRY(out.cosine, share_from_helper<W>(engine, cosine, terms * n, Role::a));
    C2D_TRY(out.sine, share_from_helper<W>(engine, sine, terms * n, Role::b));
    const bool helper = engine.is_helper();
    C2D_TRY(out.clamp,
            engine.share_bits_from_helper(helper ? one_hot(u, kClampShift) : Bytes{}, n * kTableBytes, Role::a));
    C2D_TRY(out.domain,
            engine.share_bits_from_helper(helper ? one_hot(u, kDomainShift) : Bytes{}, n * kTableBytes, Role::b));
    out.offset = random_elements<W>(engine, n);
    out.masks = engine.random_bytes(n);
    Elements<W> products;
    if (helper) {
        products.resize(3 * n);
        for (std::size_t i = 0; i < n; ++i) {
            const W r1 = out.masks[i] & 1, r2 = (out.masks[i] >> 1) & 1;
            products[i] = r1;
            products[n + i] = r1 * out.offset[i];
            products[2 * n + i] = r2;
        }
    }
    C2D_TRY(out.products, share_from_helper<W>(engine, products, 3 * n, Role::b));
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
template <class W>
Elements<W> sum_of_series(const Engine& engine, const fourier::Series& series, const std::vector<std::uint32_t>& m,
                          const Dealt<W>& dealt, double factor) {
    const W half = engine.is_a() ? static_cast<W>(std::llround(factor * 0x1p29)) : 0;
    Elements<W> out(m.size(), half);
    if constexpr (sizeof(W) == sizeof(Word))
        fourier::add(series, m.data(), m.size(), kScale, factor, nullptr, dealt.cosine.data(), dealt.sine.data(),
                     out.data());
    else
        fourier::add(series, m.data(), m.size(), kScale, factor, dealt.cosine.data(), dealt.sine.data(), out.data());
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

/// Summands of A and B.
template <class W>
struct Value {
    Elements<W> value;
    BooleanShares outside;
};
template <class W>
Result<Value<W>> value_of(Engine& engine, const Words& local, unsigned fraction, double factor,
                          const fourier::Series& series) {
    const std::size_t n = local.size();
    C2D_TRY(const std::vector<std::uint32_t> m, open_masked(engine, local, fraction));
    C2D_TRY(const Dealt<W> dealt, deal_all<W>(engine, series, m, n));
    Value<W> out;
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
    Elements<W> d = sum_of_series(engine, series, m, dealt, factor);
    for (std::size_t i = 0; i < n; ++i) d[i] += dealt.offset[i];
    // One message for both openings.
    Bytes message(n + n * sizeof(W));
    const unsigned other = engine.is_a() ? 1u : 0u;
    C2D_CHECK(engine.send_buffered(other, e));
    C2D_CHECK(engine.send_buffered(other, view_of(d)));
    C2D_CHECK(engine.receive(other, message));
    const W unit = static_cast<W>(std::llround(factor * 0x1p30));
    out.value.resize(n);
    for (std::size_t i = 0; i < n; ++i) {
        W theirs = 0;
        for (unsigned b = 0; b < sizeof(W); ++b) theirs |= static_cast<W>(W{message[n + sizeof(W) * i + b]} << (8 * b));
        const W opened = d[i] + theirs;
        const unsigned bits = e[i] ^ message[i];
        const W e1 = bits & 1, e2 = (bits >> 1) & 1;
        // b1 S = e1 (d - t) + (1 - 2 e1)(r1 d - r1 t);  b2 = e2 + (1 - 2 e2) r2.
        const W r1 = dealt.products[i], r1t = dealt.products[n + i];
        const W r2 = dealt.products[2 * n + i];
        const W kept = (engine.is_a() ? e1 * opened : 0) - e1 * dealt.offset[i] + (W{1} - 2 * e1) * (r1 * opened - r1t);
        const W large = (engine.is_a() ? e2 : 0) + (W{1} - 2 * e2) * r2;
        out.value[i] = kept + large * unit;
    }
    return out;
}

}  // namespace

Result<Sigmoid> sigmoid_of(Engine& engine, const Words& local, unsigned fraction, double factor) {
    C2D_TRY(Value<Word> out, value_of<Word>(engine, local, fraction, factor, kSeries));
    return Sigmoid{std::move(out.value), std::move(out.outside)};
}

/// From its middle a value is below 2^(kSigmoidBits - 1) and what rounding adds: mod 2^32 it is certain.
static_assert(kSigmoidBits <= 32 - 2);

Result<Shares> fine_sigmoid(Engine& engine, const Words& local, unsigned fraction, BooleanShares& outside) {
    const std::size_t n = local.size();
    C2D_TRY(Value<Halfword> p, value_of<Halfword>(engine, local, fraction, 1, kFineSeries));
    outside.insert(outside.end(), p.outside.begin(), p.outside.end());
    constexpr Word kMiddle = Word{1} << (kSigmoidBits - 1);
    for (Halfword& value : p.value) value -= engine.is_a() ? static_cast<Halfword>(kMiddle) : 0;
    C2D_TRY(Shares out, engine.reshare_halfwords(p.value, n, 1));
    add_constant(out, kMiddle, engine.role());
    return out;
}

}  // namespace c2d::mpc::rep3
