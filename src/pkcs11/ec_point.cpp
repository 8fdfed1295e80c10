#include "pkcs11/ec_point.hpp"

#include "crypto/public_key.hpp"

#include <algorithm>

namespace c2d::pkcs11 {

namespace {

constexpr std::uint8_t kOctetString = 0x04;

}  // namespace

bool is_secp256k1(BytesView parameters) noexcept {
    constexpr std::uint8_t kObjectIdentifier[] = {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a};
    return std::ranges::equal(parameters, kObjectIdentifier);
}

Result<Bytes> read_ec_point(BytesView value) {
    // Points have 33 or 65 bytes, so the two bytes before them tell the forms apart.
    const bool wrapped = value.size() == 2 + 33 || value.size() == 2 + 65;
    if (wrapped && value[0] == kOctetString && value[1] == value.size() - 2) value = value.subspan(2);
    return parse_public_key(value);
}

}  // namespace c2d::pkcs11
