/// What the keeper of a ledger file and its readers do about blocks that should not stand in it: the
/// keeper takes them out, the readers let go of what they had seen. See docs/recovery.md.
#pragma once

#include "chain/ledger/ledger_node.hpp"

#include <c2d/chain.hpp>

namespace c2d::ledger {

/// Blocks that one cut takes out at most; more are cut in several steps, from the end.
inline constexpr std::uint64_t kCutBlocksMax = 65'536;

/// See `Chain::cut` and `Chain::accept`.
Result<LedgerCut> cut_ledger(const LedgerOptions& options, std::uint64_t from, const CutOptions& how);
Result<LedgerAcceptance> accept_ledger(const LedgerOptions& options, std::uint64_t number, const Bytes32& hash);

}  // namespace c2d::ledger
