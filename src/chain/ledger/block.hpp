/// The block format of the embedded ledger, byte by byte in docs/chain.md.
#pragma once

#include "codec/transaction.hpp"
#include "contracts/machine.hpp"

#include <c2d/chain_node.hpp>

#include <map>
#include <string>
#include <vector>

namespace c2d::ledger {

/// Links a block to its predecessor, its content and the writes it made to the state.
struct Header {
    std::uint64_t number = 0;
    Bytes32 parent;
    std::uint64_t time = 0;
    Bytes32 transactions_hash;
    Bytes32 receipts_hash;
    Bytes32 writes_hash;
    /// Of the rules that the block was made by; the first field of the encoding.
    std::uint64_t edition = contracts::kEditionMax;
    bool operator==(const Header&) const = default;
};

/// What `chain init` fixes for ever; signed by the admin.
struct Genesis {
    std::uint64_t chain_id = 0;
    Bytes32 salt;
    Address admin;
    std::uint64_t time = 0;
    /// Of the rules that hold from the start.
    std::uint64_t edition = contracts::kEditionMax;
    bool operator==(const Genesis&) const = default;
};

Bytes encode_header(const Header& header);
/// Fails with `unsupported` for an edition that is later than what this program knows.
Result<Header> decode_header(BytesView bytes);
/// Keccak-256 of the encoded header: the block's hash.
Bytes32 block_hash(BytesView encoded_header);

/// The digest that the admin signs, and the genesis body: RLP of the fields and the signature.
Bytes32 genesis_digest(const Genesis& genesis);
Bytes encode_genesis(const Genesis& genesis, const Signature& signature);
/// Checks the signature; fails as `decode_header` does for a later edition.
Result<Genesis> decode_genesis(BytesView bytes);

/// A list of raw transactions.
Bytes encode_transactions(const std::vector<Bytes>& raw);
Result<std::vector<Bytes>> decode_transactions(BytesView bytes);

/// The logs of each transaction, in order.
Bytes encode_receipts(const std::vector<std::vector<Log>>& logs);
Result<std::vector<std::vector<Log>>> decode_receipts(BytesView bytes);

/// Keccak-256 of the RLP list of (key, value) in key order.
Bytes32 writes_hash(const std::map<std::string, Bytes>& writes);

/// Where the admin's first five deployments stand, and what the fifth deploys itself.
ContractAddresses contract_addresses(const Address& admin);

}  // namespace c2d::ledger
