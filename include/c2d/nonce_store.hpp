/// Remembers which requests were seen, so that none counts twice.
#pragma once

#include <c2d/environment.hpp>

#include <memory>

namespace c2d {

/// Nonces per signer until their expiry; bounded per signer and in all. Thread-safe.
class NonceStore {
public:
    virtual ~NonceStore() = default;
    /// Whether the nonce is remembered for the signer. Stores nothing.
    virtual Result<bool> seen(const Address& signer, const Bytes32& nonce) = 0;
    /// False when it was there already, or may have been there: a request that expires no later than one of
    /// the signer's that was forgotten. Fails with `limit` and the name `too_many_requests` when the signer
    /// has too many live ones.
    virtual Result<bool> remember(const Address& signer, const Bytes32& nonce, std::uint64_t expiry_seconds,
                                  std::uint64_t now_seconds) = 0;
    /// Forgets at the end of the process: only for tests and single runs.
    static std::shared_ptr<NonceStore> memory();
};

}  // namespace c2d
