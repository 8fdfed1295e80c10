#include "crypto/chunk_cipher.hpp"

#include <array>
#include <cstdlib>
#include <openssl/evp.h>

namespace c2d {
namespace {

/// OpenSSL fails in these calls only when memory ran out; what is half sealed would be worse than ending.
void require(bool ok) {
    if (!ok) std::abort();
}

EVP_CIPHER_CTX* evp(void* context) { return static_cast<EVP_CIPHER_CTX*>(context); }

using Nonce = std::array<std::uint8_t, 12>;
Nonce nonce_of(std::uint64_t number, bool last) {
    Nonce out{};
    for (std::size_t i = 0; i < 8; ++i) out[10 - i] = std::uint8_t(number >> (8 * i));
    out[11] = last ? 1 : 0;
    return out;
}

}  // namespace

void ChunkCipher::Free::operator()(void* context) const { EVP_CIPHER_CTX_free(evp(context)); }

ChunkCipher::ChunkCipher(Algorithm algorithm, BytesView key, BytesView context, bool seals)
    : cipher_(EVP_CIPHER_CTX_new()), context_(context), seals_(seals) {
    const EVP_CIPHER* const which = algorithm == Algorithm::aes_256_gcm ? EVP_aes_256_gcm() : EVP_chacha20_poly1305();
    require(key.size() == std::size_t(EVP_CIPHER_key_length(which)) && cipher_);
    require(EVP_CipherInit_ex(evp(cipher_.get()), which, nullptr, key.data(), nullptr, seals_) == 1);
}

bool ChunkCipher::run(std::uint64_t number, bool last, BytesView in, std::uint8_t* out, std::uint8_t* tag) {
    EVP_CIPHER_CTX* const cipher = evp(cipher_.get());
    const Nonce nonce = nonce_of(number, last);
    require(EVP_CipherInit_ex(cipher, nullptr, nullptr, nullptr, nonce.data(), seals_) == 1);
    if (!seals_) require(EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_SET_TAG, int(kChunkTagBytes), tag) == 1);
    if (!context_.empty()) update(nullptr, context_);
    if (!in.empty()) update(out, in);
    std::uint8_t rest[16];
    int count = 0;
    const bool good = EVP_CipherFinal_ex(cipher, rest, &count) == 1;
    if (seals_) require(good && EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_AEAD_GET_TAG, int(kChunkTagBytes), tag) == 1);
    return good;
}

void ChunkCipher::update(std::uint8_t* out, BytesView in) {
    int count = 0;
    require(EVP_CipherUpdate(evp(cipher_.get()), out, &count, in.data(), int(in.size())) == 1 &&
            std::size_t(count) == in.size());
}

}  // namespace c2d
