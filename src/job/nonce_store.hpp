/// The durable replay store: tables that live in the database of whoever admits requests, so that
/// remembering and admitting are one transaction.
///
/// What a request costs does not depend on how many nonces there are: they are counted as they come and go,
/// and each new one takes a few old ones away.
#pragma once

#include "job/nonce_clock.hpp"
#include "store/sqlite.hpp"

#include <c2d/nonce_store.hpp>

namespace c2d {

/// Live nonces of one signer, and of all; more are refused until some expire.
inline constexpr std::uint64_t kNoncesPerSignerMax = 4096;
inline constexpr std::uint64_t kNoncesMax = 1u << 20;
/// Signers without live nonces of whom it is still known what was forgotten of them.
inline constexpr std::uint64_t kIdleSignersMax = 1u << 16;

class NonceTable {
public:
    /// Makes the tables if they are absent; takes over those of builds before 0.1.
    static Result<NonceTable> open(store::Database& db, SteadySeconds steady = boot_seconds);
    Result<bool> seen(const Address& signer, const Bytes32& nonce);
    /// Inside the caller's transaction. See `NonceStore::remember`.
    Result<bool> remember(const Address& signer, const Bytes32& nonce, std::uint64_t expiry, std::uint64_t now);

private:
    struct SignerRow {
        std::uint64_t live = 0;
        /// The latest expiry of a nonce that was forgotten; of an unknown signer, of any who were forgotten whole.
        std::uint64_t forgotten = 0;
    };
    Result<SignerRow> signer_row(const Address& signer);
    Result<std::uint64_t> count_idle();
    /// Keeps idle signers within their bound.
    Result<Unit> forget_longest_idle();
    /// Forgets what a query finds, within its bound; how many.
    Result<std::uint64_t> forget(store::Statement& expired);
    /// Makes room for one more, or fails.
    Result<Unit> make_room(const Address& signer, std::uint64_t time);

    NonceClock clock_;
    store::Statement find_, insert_, remove_, expired_, expired_of_signer_;
    store::Statement get_signer_, add_to_signer_, take_from_signer_, get_total_, set_total_;
    store::Statement count_idle_, idle_until_, remove_idle_, note_forgotten_;
    /// How many signers have become idle since they were counted, and how many there were then: never less than there
    /// are.
    std::uint64_t idle_ = 0;
};

}  // namespace c2d
