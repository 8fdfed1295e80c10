/// Bits: the top bit of a sum, conversion, and the "any" that a domain check opens.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/rep3/carry.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::rep3 {

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

Result<BooleanShares> Engine::msb(const Shares& x) {
    const std::size_t n = x.size();
    Bytes dealt;
    if (is_helper()) {
        Words lambda = x.p;
        kernel::add(x.q.data(), lambda.data(), n);
        dealt = carry::dealt_tables(lambda);
    }
    C2D_TRY(const Bytes tables, share_bits_from_helper(dealt, n * carry::kTableBytes, Role::b));
    carry::Digits digits;
    if (!is_helper()) digits = carry::look_up(tables, x.q, is_a());
    for (unsigned half = carry::kDigits / 2; half > 0; half /= 2) {
        const carry::Factors factors = carry::factors(digits, half);
        C2D_TRY(const Bytes products, and_bits(factors.left, factors.right, n * carry::factor_bytes(half)));
        if (!is_helper()) carry::join(digits, products, half);
    }
    C2D_CHECK(flush());
    BooleanShares out(digits.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = static_cast<std::uint8_t>((digits[i] & 1) ^ (is_a() ? x.q[i] >> 63 : 0));
    return out;
}

Result<Shares> Engine::to_arithmetic(const BooleanShares& bits, std::size_t rows, std::size_t cols) {
    const std::size_t count = rows * cols;
    // A random bit r, shared both ways: b = e + (1 - 2e) r with e = b xor r opened.
    Bytes mask = random_bytes(count);
    for (std::uint8_t& byte : mask) byte &= 1;
    C2D_TRY(AdditiveShares r,
            share_from_helper(is_helper() ? Words(mask.begin(), mask.end()) : Words{}, count, Role::b));
    if (is_helper()) return reshare_pair({}, rows, cols);
    for (std::size_t i = 0; i < count; ++i) mask[i] ^= bits[i];
    C2D_CHECK(open_xor(mask));
    for (std::size_t i = 0; i < count; ++i) {
        const Word e = mask[i] & 1;
        r[i] = (is_a() ? e : 0) + (Word{1} - 2 * e) * r[i];
    }
    return reshare_pair(r, rows, cols);
}

Result<Bytes> Engine::open_bits(const BooleanShares& bits, std::size_t count) {
    // Eight to a byte; A passes the result on to H.
    Bytes packed((count + 7) / 8);
    for (std::size_t i = 0; i < bits.size(); ++i)
        packed[i / 8] = static_cast<std::uint8_t>(packed[i / 8] | (bits[i] & 1) << (i % 8));
    C2D_CHECK(open_xor(packed));
    if (is_a()) C2D_CHECK(send_buffered(2, packed));
    if (is_helper()) C2D_CHECK(receive(0, packed));
    C2D_CHECK(flush());
    Bytes out(count);
    for (std::size_t i = 0; i < count; ++i) out[i] = (packed[i / 8] >> (i % 8)) & 1;
    return out;
}

Result<bool> Engine::reveal_any(BytesView summands) {
    Bytes32 tag, other_tag;
    if (is_helper()) {
        C2D_CHECK(receive(0, tag.data));
        C2D_CHECK(receive(1, other_tag.data));
        const std::uint8_t differ = tag == other_tag ? 0 : 1;
        for (const unsigned peer : {0u, 1u}) C2D_CHECK(send_buffered(peer, BytesView(&differ, 1)));
        C2D_CHECK(flush());
        return differ != 0;
    }
    // Fresh for each question: H cannot even tell whether two questions had the same strings.
    const Bytes key = ab_->bytes(Purpose::tag, 32);
    tag = hmac_sha256(key, summands);
    C2D_CHECK(send_buffered(2, tag));
    std::uint8_t differ = 0;
    C2D_CHECK(receive(2, {&differ, 1}));
    return differ != 0;
}

}  // namespace c2d::mpc::rep3
