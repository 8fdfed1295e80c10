/// Diffie-Hellman on Curve25519 (RFC 7748).
#pragma once

#include "base/secret.hpp"

namespace c2d {

inline constexpr std::size_t kX25519Bytes = 32;

/// What belongs to a secret of `kX25519Bytes`. Fails with `internal` only when OpenSSL does.
Result<Bytes32> x25519_public(BytesView secret);
/// What both sides come to. Fails with `invalid_argument` for a point that leads to nothing secret.
Result<SecretBytes> x25519(BytesView secret, const Bytes32& point);

}  // namespace c2d
