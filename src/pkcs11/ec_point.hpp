/// What tokens say of elliptic curve keys.
#pragma once

#include <c2d/types.hpp>

namespace c2d::pkcs11 {

/// Whether a CKA_EC_PARAMS names secp256k1: the DER of the object identifier 1.3.132.0.10.
bool is_secp256k1(BytesView parameters) noexcept;

/// The point of a CKA_EC_POINT as 0x04 || x || y: the DER of an OCTET STRING, as the standard has it, or the point
/// itself, as some modules give it; uncompressed or compressed. Anything else fails with `invalid_argument`.
Result<Bytes> read_ec_point(BytesView value);

}  // namespace c2d::pkcs11
