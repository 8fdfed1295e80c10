/// Hash functions: Keccak-256 (Ethereum's original padding), SHA3-256 (FIPS 202), SHA-256.
#pragma once

#include <c2d/types.hpp>

namespace c2d {

Bytes32 keccak256(BytesView data);
inline Bytes32 keccak256(std::string_view text) { return keccak256(as_bytes(text)); }
Bytes32 sha3_256(BytesView data);
Bytes32 sha256(BytesView data);
/// SHA-256 of what comes in parts.
class Sha256 {
public:
    Sha256();
    ~Sha256();
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;
    void update(BytesView data);
    /// Called once, at the end.
    Bytes32 finish();

private:
    void* context_;
};
/// HMAC-SHA-256 (RFC 2104).
Bytes32 hmac_sha256(BytesView key, BytesView data);

}  // namespace c2d
