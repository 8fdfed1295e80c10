/// BIP-173 bech32 addresses of PlatON and Alaya (lat, lax, atp, atx or any three letters).
#pragma once

#include <c2d/types.hpp>

namespace c2d {

std::string bech32_address(std::string_view prefix, const Address& address);
/// Refuses another prefix, mixed case, a wrong checksum, and anything but 20 bytes.
Result<Address> parse_bech32_address(std::string_view prefix, std::string_view text);

}  // namespace c2d
