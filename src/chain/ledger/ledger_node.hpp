/// The embedded ledger: the contract rules run natively, blocks stand in one SQLite file, and what
/// a process believes of them is what it replayed itself.
#pragma once

#include "contracts/machine.hpp"

#include <c2d/chain_node.hpp>

#include <memory>
#include <string>

namespace c2d::ledger {

struct LedgerOptions {
    /// A file, or ":memory:".
    std::string path;
    /// Where this process keeps its last head and what it replayed; empty: nowhere, so that a
    /// ledger is replayed whenever it is opened and trusted as it is then.
    std::string trust_dir;
    std::shared_ptr<Clock> clock;
    std::shared_ptr<Random> random;
    std::shared_ptr<Logger> logger;
    /// The clock is right, whatever `trust_dir` says of its last look.
    bool clock_ok = false;
    /// Of the rules that a new ledger begins with.
    std::uint64_t edition = contracts::kEditionMax;
};

/// Starts a new ledger whose admin is the signer. Fails with `conflict` when one is there.
Result<std::shared_ptr<ChainNode>> create_ledger(const LedgerOptions& options, Signer& admin);
/// Fails with `not_found` when there is none; `corrupt` when it does not replay, with the name
/// `ledger_rolled_back` when it lacks the head that `trust_dir` remembers.
Result<std::shared_ptr<ChainNode>> open_ledger(const LedgerOptions& options);

}  // namespace c2d::ledger
