#include "crypto/kdf.hpp"

#include "base/fail.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <memory>
#include <new>
#include <openssl/evp.h>

namespace c2d {

namespace {

/// 64 bytes as Salsa20 sees them.
constexpr std::size_t kBlockWords = 16;

/// Words that are cleared when they go; not initialised, since scrypt writes before it reads.
class SecretWords {
public:
    explicit SecretWords(std::size_t count) : words_(new (std::nothrow) std::uint32_t[count]), count_(count) {}
    SecretWords(const SecretWords&) = delete;
    SecretWords& operator=(const SecretWords&) = delete;
    ~SecretWords() {
        if (words_) clear_secret(words_.get(), count_ * sizeof(std::uint32_t));
    }
    explicit operator bool() const noexcept { return words_ != nullptr; }
    std::span<std::uint32_t> span() const noexcept { return {words_.get(), count_}; }

private:
    std::unique_ptr<std::uint32_t[]> words_;
    std::size_t count_;
};

void quarter_round(std::span<std::uint32_t> x, std::size_t a, std::size_t b, std::size_t c, std::size_t d) {
    x[b] ^= std::rotl(x[a] + x[d], 7);
    x[c] ^= std::rotl(x[b] + x[a], 9);
    x[d] ^= std::rotl(x[c] + x[b], 13);
    x[a] ^= std::rotl(x[d] + x[c], 18);
}

/// The Salsa20/8 core (RFC 7914, section 3).
void salsa20_8(std::array<std::uint32_t, kBlockWords>& block) {
    auto x = block;
    for (int round = 0; round < 8; round += 2) {
        quarter_round(x, 0, 4, 8, 12);
        quarter_round(x, 5, 9, 13, 1);
        quarter_round(x, 10, 14, 2, 6);
        quarter_round(x, 15, 3, 7, 11);
        quarter_round(x, 0, 1, 2, 3);
        quarter_round(x, 5, 6, 7, 4);
        quarter_round(x, 10, 11, 8, 9);
        quarter_round(x, 15, 12, 13, 14);
    }
    for (std::size_t i = 0; i < kBlockWords; ++i) block[i] += x[i];
}

/// scryptBlockMix (section 4): `in` and `out` are 2r blocks and do not overlap.
void block_mix(std::span<const std::uint32_t> in, std::span<std::uint32_t> out) {
    const std::size_t count = in.size() / kBlockWords;
    std::array<std::uint32_t, kBlockWords> x;
    std::copy_n(in.end() - kBlockWords, kBlockWords, x.begin());
    for (std::size_t i = 0; i < count; ++i) {
        for (std::size_t k = 0; k < kBlockWords; ++k) x[k] ^= in[i * kBlockWords + k];
        salsa20_8(x);
        // Even blocks go to the first half, odd ones to the second.
        const auto to = i / 2 + (i % 2) * (count / 2);
        std::copy(x.begin(), x.end(), out.begin() + std::ptrdiff_t(to * kBlockWords));
    }
    clear_secret(x.data(), sizeof x);
}

/// scryptROMix (section 5) on `x`, with `n` times its size of `memory` and once of `scratch`.
void ro_mix(std::span<std::uint32_t> x, std::uint64_t n, std::span<std::uint32_t> memory,
            std::span<std::uint32_t> scratch) {
    const auto size = x.size();
    for (std::uint64_t i = 0; i < n; ++i) {
        std::copy(x.begin(), x.end(), memory.begin() + std::ptrdiff_t(i * size));
        block_mix(x, scratch);
        std::copy(scratch.begin(), scratch.end(), x.begin());
    }
    for (std::uint64_t i = 0; i < n; ++i) {
        // Integerify: the last block as a little-endian number, modulo a power of two.
        const auto last = size - kBlockWords;
        const auto number = x[last] | std::uint64_t(x[last + 1]) << 32;
        const auto chosen = memory.subspan(std::size_t(number & (n - 1)) * size, size);
        for (std::size_t k = 0; k < size; ++k) x[k] ^= chosen[k];
        block_mix(x, scratch);
        std::copy(scratch.begin(), scratch.end(), x.begin());
    }
}

void load_little_endian(BytesView bytes, std::span<std::uint32_t> words) {
    for (std::size_t i = 0; i < words.size(); ++i)
        words[i] = std::uint32_t(bytes[4 * i]) | std::uint32_t(bytes[4 * i + 1]) << 8 |
                   std::uint32_t(bytes[4 * i + 2]) << 16 | std::uint32_t(bytes[4 * i + 3]) << 24;
}

void store_little_endian(std::span<const std::uint32_t> words, std::span<std::uint8_t> bytes) {
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = std::uint8_t(words[i / 4] >> (8 * (i % 4)));
}

}  // namespace

Result<Unit> pbkdf2_hmac_sha256(std::string_view password, BytesView salt, unsigned iterations,
                                std::span<std::uint8_t> out) {
    constexpr auto kMax = std::size_t(std::numeric_limits<int>::max());
    if (iterations == 0 || std::max({password.size(), salt.size(), out.size(), std::size_t(iterations)}) > kMax)
        return Error(Status::INVALID_ARGUMENT, "PBKDF2 wants 1 to 2^31 - 1 iterations and bytes");
    if (PKCS5_PBKDF2_HMAC(password.data(), int(password.size()), salt.data(), int(salt.size()), int(iterations),
                          EVP_sha256(), int(out.size()), out.data()) != 1)
        return Error(Status::INTERNAL, "OpenSSL could not derive a key by PBKDF2");
    return Unit{};
}

Result<Unit> scrypt(std::string_view password, BytesView salt, const ScryptCost& cost, std::span<std::uint8_t> out) {
    std::uint64_t memory_words = 0, lane_words = 0, lanes_bytes = 0;
    if (cost.n < 2 || !std::has_single_bit(cost.n) || cost.r == 0 || cost.p == 0 ||
        __builtin_mul_overflow(32, cost.r, &lane_words) || __builtin_mul_overflow(lane_words, cost.n, &memory_words) ||
        __builtin_mul_overflow(lane_words * 4, cost.p, &lanes_bytes) ||
        memory_words > std::numeric_limits<std::ptrdiff_t>::max() / 4 ||
        lanes_bytes > std::uint64_t(std::numeric_limits<int>::max()))
        return Error(Status::INVALID_ARGUMENT, "scrypt wants n a power of two, and r and p at least 1");

    SecretWords memory(std::size_t{memory_words});
    SecretWords x(std::size_t{lane_words}), scratch(std::size_t{lane_words});
    const std::unique_ptr<std::uint8_t[]> lanes(new (std::nothrow) std::uint8_t[lanes_bytes]);
    if (!memory || !x || !scratch || !lanes)
        return fail(Status::LIMIT, "not enough memory for scrypt with n = {}, r = {}", cost.n, cost.r);

    const std::span all(lanes.get(), std::size_t{lanes_bytes});
    C2D_CHECK(pbkdf2_hmac_sha256(password, salt, 1, all));
    for (std::size_t at = 0; at < all.size(); at += 4 * x.span().size()) {
        const auto lane = all.subspan(at, 4 * x.span().size());
        load_little_endian(lane, x.span());
        ro_mix(x.span(), cost.n, memory.span(), scratch.span());
        store_little_endian(x.span(), lane);
    }
    auto derived = pbkdf2_hmac_sha256(password, all, 1, out);
    clear_secret(lanes.get(), all.size());
    return derived;
}

Bytes32 hkdf_extract(BytesView salt, BytesView secret) { return hmac_sha256(salt, secret); }

void hkdf_expand(BytesView key, std::string_view info, std::span<std::uint8_t> out) {
    // T(i) = HMAC(key, T(i - 1) || info || i), the first T empty.
    ClearedBytes input;
    for (std::uint8_t block = 1; !out.empty(); ++block) {
        input.insert(input.end(), info.begin(), info.end());
        input.push_back(block);
        Bytes32 bytes = hmac_sha256(key, input);
        const std::size_t count = std::min(out.size(), bytes.data.size());
        std::copy_n(bytes.data.begin(), count, out.begin());
        out = out.subspan(count);
        input.assign(bytes.data.begin(), bytes.data.end());
        clear_secret(bytes.data.data(), bytes.data.size());
    }
}

}  // namespace c2d
