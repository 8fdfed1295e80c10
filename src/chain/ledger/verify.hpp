/// Replays a ledger from its first block and compares everything that is stored with what follows.
#pragma once

#include "chain/ledger/replay.hpp"

namespace c2d::ledger {

/// Fails with `corrupt`, naming the first block and field that does not fit. `block_time_max` is the
/// latest time of a block that is believed; a later one has the name `ledger_ahead`. `view_file` is this process's
/// own view, compared as well; empty when there is none. Returns the head.
Result<Head> verify_ledger(LedgerFile& file, std::uint64_t block_time_max, const std::string& view_file,
                           const Progress& progress, const CancelToken* cancel);

}  // namespace c2d::ledger
