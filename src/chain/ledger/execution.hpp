/// What a block does to the state; the one place where writing and verifying agree.
#pragma once

#include "chain/ledger/block.hpp"
#include "contracts/machine.hpp"

namespace c2d::ledger {

inline constexpr std::size_t kTransactionBytesMax = std::size_t(128) * 1024;
/// Bounds a block, so that no reader meets an endless one.
inline constexpr std::size_t kBlockTransactionsMax = 256;
/// Deploying five contracts used the admin's first nonces; those make the others.
inline constexpr std::uint64_t kAdminFirstNonce = 5;

/// The state that a genesis leaves.
Result<Unit> apply_genesis(contracts::State& state, const Genesis& genesis);

/// Checks and runs one raw transaction over `state`; returns its logs. Fails with
/// `invalid_argument`, `conflict` (nonce), `not_found` (the call reverts) or, from edition 2 on, `refused` (no role
/// stands for the sender); then `state` must be dropped.
Result<std::vector<Log>> apply_transaction(contracts::State& state, const contracts::BlockContext& block,
                                           std::uint64_t chain_id, const SignedTransaction& transaction);

Result<std::uint64_t> next_nonce(contracts::State& state, const Address& account);

}  // namespace c2d::ledger
