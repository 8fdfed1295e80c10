/// Authenticated encryption of data at rest: AES-256-GCM in chunks, and keys wrapped in keys.
///
/// The chunks are the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015): the nonce of a chunk is
/// its number and whether it is the last one, so that a chunk that is moved, doubled, left out or put behind the end is
/// noticed.
#pragma once

#include "base/secret.hpp"

namespace c2d {

inline constexpr std::size_t kSealKeyBytes = 32;
/// Plain bytes of every chunk but the last one, and what a chunk has more when it is sealed.
inline constexpr std::size_t kSealChunkBytes = std::size_t(64) * 1024;
inline constexpr std::size_t kSealTagBytes = 16;

/// What `plain_bytes` come to when they are sealed: at least one chunk, the last one with 1 to `kSealChunkBytes` bytes;
/// of nothing, one empty chunk.
std::uint64_t sealed_bytes(std::uint64_t plain_bytes) noexcept;

/// A key seals one message only: nonces are chunk numbers. `context` is bound to it and not hidden.
Bytes seal_stream(BytesView key, BytesView context, BytesView plain);
/// Fails with `corrupt` for all that `seal_stream` did not make of this key and context; then nothing of it is given
/// out.
Result<SecretBytes> open_stream(BytesView key, BytesView context, BytesView sealed);

/// AES key wrap (RFC 3394) of a 32-byte key under another: 40 bytes.
inline constexpr std::size_t kWrappedKeyBytes = kSealKeyBytes + 8;
FixedBytes<kWrappedKeyBytes> wrap_key(BytesView wrapping_key, BytesView key);
/// Fails with `corrupt` when it is not wrapped under this key.
Result<SecretBytes> unwrap_key(BytesView wrapping_key, BytesView wrapped);

}  // namespace c2d
