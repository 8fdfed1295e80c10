/// Replays a ledger from its first block and compares everything that is stored with what follows.
#pragma once

#include "chain/ledger/ledger_file.hpp"

namespace c2d::ledger {

/// Fails with `corrupt`, naming the first block and field that does not fit. `time_max` is the
/// latest block time that is believed. Returns the head.
Result<Head> verify_ledger(LedgerFile& file, std::uint64_t time_max, const Progress& progress,
                           const CancelToken* cancel);

}  // namespace c2d::ledger
