/// Public keys of secp256k1, and signatures of keys whose secret is elsewhere.
#pragma once

#include <c2d/types.hpp>

namespace c2d {

/// A point in the forms of SEC 1, 33 bytes or 65, as the longer one: 0x04 || x || y. What is no point of secp256k1
/// fails with `invalid_argument`.
Result<Bytes> parse_public_key(BytesView point);

/// The last 20 bytes of the Keccak-256 of x || y; `public_key` as `parse_public_key` gives it.
Address address_of(BytesView public_key);

/// What `signer`'s r || s over `digest` is on a ledger: s in the lower half (EIP-2), and the v with which the
/// signature recovers to the signer. Fails with `corrupt` if it recovers to somebody else.
Result<Signature> recoverable_signature(const Bytes32& digest, const FixedBytes<64>& r_and_s, const Address& signer);

}  // namespace c2d
