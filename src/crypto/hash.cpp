#include "crypto/hash.hpp"

#include "base/target_clones.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <utility>

namespace c2d {

namespace {

// Keccak-f[1600] as in the Keccak reference, section 1.2; Ethereum uses it with the padding of the
// original submission (0x01), which FIPS 202 later changed to 0x06. OpenSSL 3.0 has only the
// latter.
constexpr std::size_t kRateBytes = 136;
constexpr std::array<std::uint64_t, 24> kRoundConstants = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
// The combined rho and pi step: from which lane each one comes, and how far it is turned.
constexpr std::array<std::size_t, 25> kSources = {0, 6, 12, 18, 24,  //
                                                  3, 9, 10, 16, 22,  //
                                                  1, 7, 13, 19, 20,  //
                                                  4, 5, 11, 17, 23,  //
                                                  2, 8, 14, 15, 21};
constexpr std::array<int, 25> kTurns = {0,  44, 43, 21, 14,  //
                                        28, 20, 3,  45, 61,  //
                                        1,  6,  25, 8,  18,  //
                                        27, 36, 10, 15, 56,  //
                                        62, 55, 39, 41, 2};

using State = std::array<std::uint64_t, 25>;

/// One round, unrolled, a row at a time: what is in use stays in registers.
template <std::size_t... X>
[[gnu::always_inline]] inline void round(const State& a, State& out, std::uint64_t constant,
                                         std::index_sequence<X...>) {
    // theta: the parity of each column
    const std::uint64_t parity[] = {(a[X] ^ a[X + 5] ^ a[X + 10] ^ a[X + 15] ^ a[X + 20])...};
    const std::uint64_t change[] = {(parity[(X + 4) % 5] ^ std::rotl(parity[(X + 1) % 5], 1))...};
    const auto row = [&]<std::size_t Y>(std::integral_constant<std::size_t, Y>) __attribute__((always_inline)) {
        // rho and pi
        const std::uint64_t b[] = {std::rotl(a[kSources[Y + X]] ^ change[kSources[Y + X] % 5], kTurns[Y + X])...};
        // chi
        ((out[Y + X] = b[X] ^ (~b[(X + 1) % 5] & b[(X + 2) % 5])), ...);
    };
    (row(std::integral_constant<std::size_t, 5 * X>()), ...);
    out[0] ^= constant;
}

C2D_BIT_CLONES void permute(State& a) {
    State b;
    for (std::size_t i = 0; i < kRoundConstants.size(); i += 2) {
        round(a, b, kRoundConstants[i], std::make_index_sequence<5>());
        round(b, a, kRoundConstants[i + 1], std::make_index_sequence<5>());
    }
}

/// Eight bytes, least significant first.
std::uint64_t load_lane(BytesView bytes) {
    std::uint64_t lane = 0;
    for (std::size_t i = 0; i < 8; ++i) lane |= std::uint64_t(bytes[i]) << (8 * i);
    return lane;
}

void absorb(State& a, BytesView block) {
    for (std::size_t i = 0; i < kRateBytes / 8; ++i) a[i] ^= load_lane(block.subspan(8 * i, 8));
    permute(a);
}

Bytes32 openssl_digest(const EVP_MD* algorithm, BytesView data) {
    Bytes32 out;
    // Fails only when memory runs out or OpenSSL is broken; no caller can go on without a hash.
    if (EVP_Digest(data.data(), data.size(), out.data.data(), nullptr, algorithm, nullptr) != 1) std::abort();
    return out;
}

}  // namespace

Bytes32 keccak256(BytesView data) {
    State state{};
    for (; data.size() >= kRateBytes; data = data.subspan(kRateBytes)) absorb(state, data);
    std::array<std::uint8_t, kRateBytes> last{};
    std::copy(data.begin(), data.end(), last.begin());
    last[data.size()] ^= 0x01;
    last[kRateBytes - 1] ^= 0x80;
    absorb(state, last);

    Bytes32 out;
    for (std::size_t i = 0; i < 32; ++i) out.data[i] = std::uint8_t(state[i / 8] >> (8 * (i % 8)));
    return out;
}

Bytes32 sha3_256(BytesView data) { return openssl_digest(EVP_sha3_256(), data); }

Bytes32 sha256(BytesView data) { return openssl_digest(EVP_sha256(), data); }

Sha256::Sha256() : context_(EVP_MD_CTX_new()) {
    if (!context_ || EVP_DigestInit_ex(static_cast<EVP_MD_CTX*>(context_), EVP_sha256(), nullptr) != 1) std::abort();
}

Sha256::~Sha256() { EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(context_)); }

void Sha256::update(BytesView data) {
    if (EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(context_), data.data(), data.size()) != 1) std::abort();
}

Bytes32 Sha256::finish() {
    Bytes32 out;
    if (EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(context_), out.data.data(), nullptr) != 1) std::abort();
    return out;
}

Bytes32 hmac_sha256(BytesView key, BytesView data) {
    Bytes32 out;
    unsigned length = 0;
    // A null key pointer would mean "as before" to OpenSSL.
    static constexpr std::uint8_t kNoKey = 0;
    const auto* key_data = key.empty() ? &kNoKey : key.data();
    if (HMAC(EVP_sha256(), key_data, int(key.size()), data.data(), data.size(), out.data.data(), &length) == nullptr)
        std::abort();
    return out;
}

}  // namespace c2d
