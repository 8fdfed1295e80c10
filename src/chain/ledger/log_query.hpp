/// Finds transactions and logs: the view names the blocks, the blocks hold the answer.
#pragma once

#include "chain/ledger/replay.hpp"

namespace c2d::ledger {

/// A block and the hash that it was replayed with.
using BlockRef = std::pair<std::uint64_t, Bytes32>;

/// Blocks that may hold the transaction.
Result<std::vector<BlockRef>> blocks_of(StateStore& view, const Bytes32& transaction);
/// The first `count_max` blocks that may hold logs of the filter, in order.
Result<std::vector<BlockRef>> blocks_of(StateStore& view, const LogFilter& filter, std::size_t count_max = SIZE_MAX);
/// The logs themselves. Fails with `limit` when there are too many for one answer.
Result<std::vector<Log>> read_logs(LedgerFile& file, const std::vector<BlockRef>& blocks, const LogFilter& filter);

/// Blocks that a page is read from.
inline constexpr std::size_t kPageBlocks = 128;
/// The logs of the first `kPageBlocks` blocks, as `blocks_of` found them.
Result<LogPage> read_page(LedgerFile& file, const std::vector<BlockRef>& blocks, const LogFilter& filter);

}  // namespace c2d::ledger
