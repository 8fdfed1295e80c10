/// The embedded ledger: the contract rules run natively, blocks stand in one SQLite file.
#pragma once

#include <c2d/chain_node.hpp>

#include <memory>
#include <string>

namespace c2d::ledger {

struct LedgerOptions {
    /// A file, or ":memory:".
    std::string path;
    std::shared_ptr<Clock> clock;
    std::shared_ptr<Random> random;
};

/// Starts a new ledger whose admin is the signer. Fails with `conflict` when one is there.
Result<std::shared_ptr<ChainNode>> create_ledger(const LedgerOptions& options, Signer& admin);
/// Opens an existing ledger. Fails with `not_found` or `corrupt`.
Result<std::shared_ptr<ChainNode>> open_ledger(const LedgerOptions& options);

}  // namespace c2d::ledger
