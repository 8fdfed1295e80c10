/// A connection to a ledger file that threads take turns on.
#pragma once

#include "chain/ledger/ledger_file.hpp"

#include <mutex>

namespace c2d::ledger {

/// For one thread at a time. A lock on the view comes after this one.
struct Connection {
    explicit Connection(LedgerFile opened) : file(std::move(opened)) {}
    std::mutex mutex;
    LedgerFile file;
};

}  // namespace c2d::ledger
