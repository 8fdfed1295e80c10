/// The durable replay store: a table that lives in the database of whoever admits requests, so that
/// remembering and admitting are one transaction.
#pragma once

#include "store/sqlite.hpp"

#include <c2d/nonce_store.hpp>

namespace c2d {

/// Live nonces of one signer, and of all; more are refused until some expire.
inline constexpr std::uint64_t kNoncesPerSignerMax = 4096;
inline constexpr std::uint64_t kNoncesMax = 1u << 20;

class NonceTable {
public:
    /// Makes the table if it is absent.
    static Result<NonceTable> open(store::Database& db);
    Result<bool> seen(const Address& signer, const Bytes32& nonce);
    /// Inside the caller's transaction. See `NonceStore::remember`.
    Result<bool> remember(const Address& signer, const Bytes32& nonce, std::uint64_t expiry,
                          std::uint64_t now);

private:
    store::Statement find_, insert_, purge_, count_, count_all_;
};

}  // namespace c2d
