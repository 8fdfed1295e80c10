/// Web3 Secret Storage (keystore v3) with the price of a foreign document's key derivation bounded.
#pragma once

#include <c2d/key.hpp>

namespace c2d {

/// What a document may cost to open before it is refused with `limit`.
struct KeystoreLimits {
    std::size_t bytes_max = std::size_t(1) << 16;
    /// scrypt: 128 × n × r.
    std::uint64_t memory_bytes_max = std::uint64_t(512) << 20;
    /// scrypt: 128 × n × r × p, the bytes it works through.
    std::uint64_t work_bytes_max = std::uint64_t(8) << 30;
    /// pbkdf2: c.
    std::uint64_t iterations_max = 10'000'000;
};

/// As `PrivateKey::from_keystore`, with other bounds.
Result<std::shared_ptr<PrivateKey>> open_keystore(std::string_view json, std::string_view password,
                                                  const KeystoreLimits& limits);

}  // namespace c2d
