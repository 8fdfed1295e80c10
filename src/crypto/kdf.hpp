/// Keys out of passwords, PBKDF2 (RFC 8018) and scrypt (RFC 7914), and out of secrets, HKDF (RFC 5869).
#pragma once

#include <c2d/types.hpp>

namespace c2d {

/// PBKDF2 with HMAC-SHA-256. Fails with `internal` only when OpenSSL does.
Result<Unit> pbkdf2_hmac_sha256(std::string_view password, BytesView salt, unsigned iterations,
                                std::span<std::uint8_t> out);

struct ScryptCost {
    /// A power of two, at least 2.
    std::uint64_t n = 0;
    std::uint64_t r = 0;
    std::uint64_t p = 0;
};

/// scrypt. The caller has bounded the cost: it takes 128 × r × (n + p) bytes. Fails with
/// `invalid_argument` for a cost that is none and with `limit` when there is not that much memory.
///
/// Ours and not OpenSSL's, which insists on n < 2^(16 r) as RFC 7914 does: Web3 Secret Storage does
/// not, and the published example of that format (n = 2^18, r = 1) would not open.
Result<Unit> scrypt(std::string_view password, BytesView salt, const ScryptCost& cost, std::span<std::uint8_t> out);

/// HKDF with HMAC-SHA-256, its two steps: a key from a secret that may be longer than one, or not uniform; and up to
/// 8160 bytes of keys from that, other ones for every `info`.
Bytes32 hkdf_extract(BytesView salt, BytesView secret);
void hkdf_expand(BytesView key, std::string_view info, std::span<std::uint8_t> out);

}  // namespace c2d
