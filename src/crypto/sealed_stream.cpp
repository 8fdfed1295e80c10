#include "crypto/sealed_stream.hpp"

#include "base/fail.hpp"
#include "crypto/chunk_cipher.hpp"

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <openssl/evp.h>

namespace c2d {
namespace {

/// OpenSSL fails in these calls only when memory ran out; what is half sealed would be worse than ending.
void require(bool ok) {
    if (!ok) std::abort();
}

std::uint64_t chunks_of(std::uint64_t bytes, std::uint64_t chunk) noexcept {
    return std::max<std::uint64_t>(1, bytes / chunk + (bytes % chunk != 0 ? 1 : 0));
}

Error not_sealed() {
    return fail(Status::CORRUPT,
                "the sealed data are not what was sealed under this key: altered, cut off or of another");
}

}  // namespace

std::uint64_t sealed_bytes(std::uint64_t plain_bytes) noexcept {
    return plain_bytes + chunks_of(plain_bytes, kSealChunkBytes) * kSealTagBytes;
}

Bytes seal_stream(BytesView key, BytesView context, BytesView plain) {
    Bytes out(std::size_t(sealed_bytes(plain.size())));
    ChunkCipher chunks(ChunkCipher::Algorithm::aes_256_gcm, key, context, true);
    const std::uint64_t count = chunks_of(plain.size(), kSealChunkBytes);
    std::uint8_t* at = out.data();
    for (std::uint64_t number = 0; number < count; ++number) {
        const BytesView part = plain.first(std::min(plain.size(), kSealChunkBytes));
        plain = plain.subspan(part.size());
        chunks.run(number, number + 1 == count, part, at, at + part.size());
        at += part.size() + kSealTagBytes;
    }
    return out;
}

Result<SecretBytes> open_stream(BytesView key, BytesView context, BytesView sealed) {
    constexpr std::size_t kWhole = kSealChunkBytes + kSealTagBytes;
    const std::uint64_t count = chunks_of(sealed.size(), kWhole);
    const std::size_t last_bytes = sealed.size() - std::size_t(count - 1) * kWhole;
    // Only of nothing is there an empty chunk.
    if (last_bytes < kSealTagBytes || (last_bytes == kSealTagBytes && count > 1)) return not_sealed();
    SecretBytes out(sealed.size() - std::size_t(count) * kSealTagBytes);
    ChunkCipher chunks(ChunkCipher::Algorithm::aes_256_gcm, key, context, false);
    std::uint8_t* at = out.span().data();
    for (std::uint64_t number = 0; number < count; ++number) {
        const std::size_t bytes = number + 1 == count ? last_bytes - kSealTagBytes : kSealChunkBytes;
        std::array<std::uint8_t, kSealTagBytes> tag;
        std::ranges::copy(sealed.subspan(bytes, kSealTagBytes), tag.begin());
        if (!chunks.run(number, number + 1 == count, sealed.first(bytes), at, tag.data())) return not_sealed();
        sealed = sealed.subspan(bytes + kSealTagBytes);
        at += bytes;
    }
    return out;
}

// Key wrap ----------------------------------------------------------------------------------------

namespace {

struct FreeContext {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

Context wrapping_context(BytesView wrapping_key, bool wraps) {
    Context out(EVP_CIPHER_CTX_new());
    require(out && wrapping_key.size() == kSealKeyBytes);
    EVP_CIPHER_CTX_set_flags(out.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
    require(EVP_CipherInit_ex(out.get(), EVP_aes_256_wrap(), nullptr, wrapping_key.data(), nullptr, wraps) == 1);
    return out;
}

}  // namespace

FixedBytes<kWrappedKeyBytes> wrap_key(BytesView wrapping_key, BytesView key) {
    require(key.size() == kSealKeyBytes);
    const Context context = wrapping_context(wrapping_key, true);
    FixedBytes<kWrappedKeyBytes> out;
    int count = 0;
    require(EVP_CipherUpdate(context.get(), out.data.data(), &count, key.data(), int(key.size())) == 1 &&
            std::size_t(count) == kWrappedKeyBytes);
    return out;
}

Result<SecretBytes> unwrap_key(BytesView wrapping_key, BytesView wrapped) {
    if (wrapped.size() != kWrappedKeyBytes)
        return fail(Status::CORRUPT, "expected a wrapped key of {} bytes, found {}", kWrappedKeyBytes, wrapped.size());
    const Context context = wrapping_context(wrapping_key, false);
    // OpenSSL may write as much as it reads.
    SecretBytes out(kWrappedKeyBytes);
    int count = 0;
    if (EVP_CipherUpdate(context.get(), out.span().data(), &count, wrapped.data(), int(wrapped.size())) != 1 ||
        std::size_t(count) != kSealKeyBytes)
        return fail(Status::CORRUPT, "the key is not wrapped under this artifact key");
    out.shorten(kSealKeyBytes);
    return out;
}

}  // namespace c2d
