/// Bits: the top bit of a sum, conversion, and the "any" that a domain check opens.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/core/gf128.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/rep3/carry.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {
namespace {

/// Names who commits: a copy of the other's commitment is none of one's own.
Bytes32 commitment_of(unsigned party, BytesView value) {
    Bytes said{static_cast<std::uint8_t>(party)};
    said.insert(said.end(), value.begin(), value.end());
    return sha256(said);
}

}  // namespace

Result<BooleanShares> Engine::and_bits(const Bytes& x, const Bytes& y, std::size_t count) {
    // Multiplication with a dealt triple c = a & b (Beaver 1991).
    Bytes a = random_bytes(count), b = random_bytes(count);
    Bytes product;
    if (is_helper()) {
        product.resize(count);
        kernel::add_bit_products(a.data(), b.data(), product.data(), count);
    }
    C2D_TRY(Bytes z, share_bits_from_helper(product, count, Role::b));
    if (is_helper()) return BooleanShares{};
    Bytes opened(x);
    opened.insert(opened.end(), y.begin(), y.end());
    kernel::add_bits(a.data(), opened.data(), count);
    kernel::add_bits(b.data(), opened.data() + count, count);
    C2D_CHECK(open_xor(opened));
    const std::uint8_t* d = opened.data();
    const std::uint8_t* e = d + count;
    kernel::add_bit_products(d, b.data(), z.data(), count);
    kernel::add_bit_products(e, a.data(), z.data(), count);
    if (is_a()) kernel::add_bit_products(d, e, z.data(), count);
    return z;
}

Result<BooleanShares> Engine::msb(const Shares& x, unsigned digits) {
    const std::size_t n = x.size();
    Bytes dealt;
    if (is_helper()) {
        Words lambda = x.p;
        kernel::add(x.q.data(), lambda.data(), n);
        dealt = carry::dealt_tables(lambda, digits);
    }
    C2D_TRY(const Bytes tables, share_bits_from_helper(dealt, n * digits * carry::kTableBytes, Role::b));
    carry::Digits all;
    if (!is_helper()) all = carry::look_up(tables, x.q, is_a(), digits);
    const unsigned last = carry::last_half(digits);
    for (unsigned half = carry::kDigits / 2; half >= last; half /= 2) {
        const carry::Factors factors = carry::factors(all, half);
        C2D_TRY(const Bytes products, and_bits(factors.left, factors.right, n * carry::factor_bytes(half)));
        if (!is_helper()) carry::join(all, products, half);
    }
    C2D_CHECK(flush());
    BooleanShares out(all.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<std::uint8_t>((all[i] >> (last - 1) & 1) ^ (is_a() ? x.q[i] >> 63 : 0));
    return out;
}

Result<AdditiveShares> Engine::to_additive(const BooleanShares& bits, std::size_t count) {
    // A random bit r, shared both ways: b = e + (1 - 2e) r with e = b xor r opened. One to a byte, whose other bits are
    // masks that mask nothing.
    Bytes mask = random_bytes(count);
    Words dealt(is_helper() ? count : 0);
    for (std::size_t i = 0; i < dealt.size(); ++i) dealt[i] = mask[i] & 1;
    C2D_TRY(AdditiveShares r, share_from_helper(dealt, count, Role::b));
    if (is_helper()) return AdditiveShares{};
    for (std::size_t i = 0; i < count; ++i) mask[i] ^= bits[i];
    C2D_CHECK(open_xor(mask));
    for (std::size_t i = 0; i < count; ++i) {
        const Word e = mask[i] & 1;
        r[i] = (is_a() ? e : 0) + (Word{1} - 2 * e) * r[i];
    }
    return r;
}

Result<Shares> Engine::to_arithmetic(const BooleanShares& bits, std::size_t rows, std::size_t cols) {
    C2D_TRY(const AdditiveShares numbers, to_additive(bits, rows * cols));
    return reshare_pair(numbers, rows, cols);
}

Result<Unit> Engine::tell_helper(std::span<std::uint8_t> facts) {
    if (is_a()) C2D_CHECK(send_buffered(2, facts));
    if (is_helper()) C2D_CHECK(receive(0, facts));
    return flush();
}

Result<Bytes> Engine::open_bits(const BooleanShares& bits, std::size_t count) {
    // Eight to a byte; A passes the result on to H.
    Bytes packed((count + 7) / 8);
    for (std::size_t i = 0; i < bits.size(); ++i)
        packed[i / 8] = static_cast<std::uint8_t>(packed[i / 8] | (bits[i] & 1) << (i % 8));
    C2D_CHECK(open_xor(packed));
    C2D_CHECK(tell_helper(packed));
    Bytes out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = (packed[i / 8] >> (i % 8)) & 1;
    return out;
}

Result<Bytes> Engine::exchange_committed(const Bytes& mine) {
    const unsigned me = static_cast<unsigned>(role_);
    Bytes32 commitment;
    C2D_CHECK(send_buffered(other(), commitment_of(me, mine)));
    C2D_CHECK(receive(other(), commitment.data));
    C2D_CHECK(send_buffered(other(), mine));
    Bytes theirs(mine.size());
    C2D_CHECK(receive(other(), theirs));
    if (commitment_of(other(), theirs) != commitment)
        return fail(Status::PEER, "party {} opens another value than it committed to", other());
    return theirs;
}

Result<bool> Engine::reveal_any(BytesView summands) {
    // r, the sum of the hashes, is zero exactly if the strings are equal. What is opened is r + a, and then r t, which
    // is zero or uniform: nobody is shown the hash of a string that it does not hold.
    const Bytes a = random_bytes(Gf128::kBytes), t = random_bytes(Gf128::kBytes);
    const Gf128 factor = Gf128::from_bytes(t);
    Bytes dealt;
    if (is_helper()) dealt = (Gf128::from_bytes(a) * factor).bytes();
    C2D_TRY(const Bytes product, share_bits_from_helper(dealt, Gf128::kBytes, Role::b));
    std::uint8_t differ = 0;
    if (!is_helper()) {
        Bytes32 hash = hmac_sha256(ab_->bytes(Purpose::tag, 32), summands);
        Bytes masked(hash.data.begin(), hash.data.begin() + Gf128::kBytes);
        clear_secret(hash.data.data(), hash.data.size());
        kernel::add_bits(a.data(), masked.data(), masked.size());
        C2D_CHECK(open_xor(masked));
        Bytes mine = (Gf128::from_bytes(masked) * factor).bytes();
        kernel::add_bits(product.data(), mine.data(), mine.size());
        C2D_TRY(const Bytes theirs, exchange_committed(mine));
        differ = mine == theirs ? 0 : 1;
    }
    C2D_CHECK(tell_helper({&differ, 1}));
    return differ != 0;
}

}  // namespace c2d::mpc::rep3
