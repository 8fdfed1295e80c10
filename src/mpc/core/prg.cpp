#include "mpc/core/prg.hpp"

#include "base/secret.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"

#include <openssl/evp.h>

#include <cstdlib>
#include <numeric>

namespace c2d::mpc {

namespace {
/// What is encrypted; small enough to stay in the first cache.
constexpr std::array<std::uint8_t, 16384> kZeros{};

/// OpenSSL fails here only when memory ran out; going on without masks would be worse than ending.
void require(bool ok) {
    if (!ok) std::abort();
}

/// In the order of `Purpose`, from 1.
constexpr std::array<std::string_view, kPurposes> kPurposeNames = {
    "share", "deal", "mask", "bits", "permutation", "batch", "weights", "rounding", "tag"};
std::size_t index_of(Purpose purpose) { return static_cast<std::size_t>(purpose) - 1; }
}  // namespace

struct Prg::Cipher {
    explicit Cipher(const Key& key) {
        require(context != nullptr);
        require(EVP_EncryptInit_ex(context, EVP_aes_128_ctr(), nullptr, key.data(), nullptr));
    }
    Cipher(const Cipher&) = delete;
    Cipher& operator=(const Cipher&) = delete;
    ~Cipher() { EVP_CIPHER_CTX_free(context); }
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
};

Prg::Prg(const Key& key) { ciphers_.fill(std::make_shared<Cipher>(key)); }

Prg::Prg(BytesView secret, std::string_view label) {
    for (std::size_t i = 0; i < kPurposes; ++i) {
        Key key;
        std::string info(label);
        info.append(" ").append(kPurposeNames[i]);
        hkdf_expand(secret, info, key);
        ciphers_[i] = std::make_shared<Cipher>(key);
        clear_secret(key.data(), key.size());
    }
}
Prg::~Prg() = default;
Prg::Prg(Prg&&) noexcept = default;
Prg& Prg::operator=(Prg&&) noexcept = default;

void Prg::fill(Purpose purpose, std::span<std::uint8_t> out) {
    const std::uint64_t sequence = sequence_++;
    if (watcher_) watcher_(purpose, sequence, out.size());
    fill_at(purpose, sequence, out);
}

void Prg::fill_at(Purpose purpose, std::uint64_t sequence, std::span<std::uint8_t> out) {
    std::uint8_t counter[16] = {};
    for (int i = 0; i < 4; ++i)
        counter[i] = static_cast<std::uint8_t>(static_cast<std::uint32_t>(purpose) >> (24 - 8 * i));
    for (int i = 0; i < 8; ++i) counter[4 + i] = static_cast<std::uint8_t>(sequence >> (56 - 8 * i));
    EVP_CIPHER_CTX* const context = ciphers_[index_of(purpose)]->context;
    require(EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, counter));
    // The block counter has 32 bits: 64 GiB per draw, far above any matrix allowed here.
    while (!out.empty()) {
        const std::size_t count = std::min(out.size(), kZeros.size());
        int written = 0;
        require(EVP_EncryptUpdate(context, out.data(), &written, kZeros.data(), static_cast<int>(count)));
        out = out.subspan(count);
    }
}

Words Prg::words(Purpose purpose, std::size_t count) {
    Words out(count);
    fill(purpose, {reinterpret_cast<std::uint8_t*>(out.data()), count * sizeof(Word)});
    return out;
}

Bytes Prg::bytes(Purpose purpose, std::size_t count) {
    Bytes out(count);
    fill(purpose, out);
    return out;
}

std::vector<std::uint32_t> Prg::permutation(std::size_t count) {
    const Words draws = words(Purpose::permutation, count);
    std::vector<std::uint32_t> order(count);
    std::iota(order.begin(), order.end(), 0u);
    for (std::size_t i = count; i > 1; --i) std::swap(order[i - 1], order[below(draws[i - 1], i)]);
    return order;
}

Prg::Key Prg::derive(std::string_view label, BytesView material) {
    Bytes input(label.begin(), label.end());
    input.push_back(0);
    input.insert(input.end(), material.begin(), material.end());
    Bytes32 digest = sha256(input);
    clear_secret(input.data(), input.size());
    Key key;
    std::copy_n(digest.data.begin(), key.size(), key.begin());
    clear_secret(digest.data.data(), digest.size());
    return key;
}

}  // namespace c2d::mpc
