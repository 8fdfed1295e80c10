/// A ledger's blocks, transactions, receipts and logs as Ethereum's JSON-RPC writes them.
#pragma once

#include "codec/json.hpp"
#include "codec/transaction.hpp"

#include <c2d/chain_node.hpp>

namespace c2d::rpc {

/// What every call is said to need: there is no gas on a ledger.
inline constexpr std::uint64_t kGas = 100'000;

json::Value log_value(const Log& log, const Bytes32& block_hash, std::uint64_t transaction_index, std::uint64_t index);
json::Value receipt_value(const Receipt& receipt, std::uint64_t index);
json::Value transaction_value(const SignedTransaction& signed_transaction, const TransactionInfo& place);
json::Value block_value(const BlockInfo& block);

}  // namespace c2d::rpc
