/// Finds transactions and logs: the view names the blocks, the blocks hold the answer.
#pragma once

#include "chain/ledger/replay.hpp"

namespace c2d::ledger {

/// A block and the hash that it was replayed with.
using BlockRef = std::pair<std::uint64_t, Bytes32>;

/// Blocks that may hold the transaction.
Result<std::vector<BlockRef>> blocks_of(View& view, const Bytes32& transaction);
/// Blocks that may hold logs of the filter, in order.
Result<std::vector<BlockRef>> blocks_of(View& view, const LogFilter& filter);
/// The logs themselves. Fails with `limit` when there are too many for one answer.
Result<std::vector<Log>> read_logs(LedgerFile& file, const std::vector<BlockRef>& blocks,
                                   const LogFilter& filter);

}  // namespace c2d::ledger
