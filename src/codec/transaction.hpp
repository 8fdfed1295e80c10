/// Signed Ethereum transactions: legacy with EIP-155, EIP-2930 (read) and EIP-1559.
#pragma once

#include <c2d/environment.hpp>
#include <c2d/types.hpp>

#include <optional>

namespace c2d {

/// An unsigned transaction. Fees and value as 32 big-endian bytes would be exact; 64 bits hold
/// every amount c2d itself sends, and larger ones in foreign transactions are refused on decode.
struct Transaction {
    enum class Type : std::uint8_t { legacy = 0, access_list = 1, dynamic_fee = 2 };
    Type type = Type::legacy;
    std::uint64_t chain_id = 0;
    std::uint64_t nonce = 0;
    /// Legacy and type 1: the price. Type 2: the fee cap.
    std::uint64_t gas_price = 0;
    /// Type 2 only.
    std::uint64_t priority_fee = 0;
    std::uint64_t gas_limit = 0;
    /// Empty: deploys a contract.
    std::optional<Address> to;
    /// Wei as 32 big-endian bytes.
    Bytes32 value;
    Bytes data;
    /// RLP of the access list, types 1 and 2; empty means none.
    Bytes access_list;
};

struct SignedTransaction {
    Transaction transaction;
    Signature signature;
    Address sender;
    /// Keccak-256 of the raw bytes.
    Bytes32 hash;
    Bytes raw;
};

/// The digest that the sender signs.
Bytes32 signing_hash(const Transaction& transaction);
Result<SignedTransaction> sign_transaction(const Transaction& transaction, Signer& signer);
/// Decodes raw bytes and recovers the sender. Refuses pre-EIP-155 signatures, high s, trailing
/// bytes and non-canonical numbers, with `invalid_argument`.
Result<SignedTransaction> decode_transaction(BytesView raw);

/// Address of a contract made by a plain deployment (CREATE).
Address create_address(const Address& sender, std::uint64_t nonce);

}  // namespace c2d
