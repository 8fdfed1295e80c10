/// BIP-173 bech32: bytes under a prefix, and the addresses of PlatON and Alaya (lat, lax, atp, atx or any three
/// letters).
#pragma once

#include <c2d/types.hpp>

namespace c2d {

/// Lower-case text of at most 90 characters: `prefix`, 1, the bytes, a checksum.
std::string bech32_encode(std::string_view prefix, BytesView bytes);
/// Refuses another prefix, mixed case and a wrong checksum.
Result<Bytes> bech32_decode(std::string_view prefix, std::string_view text);

std::string bech32_address(std::string_view prefix, const Address& address);
/// Refuses another prefix, mixed case, a wrong checksum, and anything but 20 bytes.
Result<Address> parse_bech32_address(std::string_view prefix, std::string_view text);

}  // namespace c2d
