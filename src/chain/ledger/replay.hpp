/// Believes blocks of a ledger file one after the other: each must link to the one before, hold
/// valid signatures, and say what the rules give.
#pragma once

#include "chain/ledger/ledger_file.hpp"
#include "chain/ledger/state_store.hpp"

#include <c2d/environment.hpp>

namespace c2d::ledger {

/// `corrupt`, with the name `ledger_corrupt` and the block and field that do not fit.
Error corrupt_block(std::uint64_t block, std::string_view field, std::string_view what);
/// `corrupt`, with the name `ledger_rolled_back`: the file does not hold what was seen before.
Error rolled_back(std::uint64_t number, const Bytes32& hash, std::string_view found);

/// No block is believed, and none appended, from further ahead than clocks may differ, in seconds.
inline constexpr std::uint64_t kClockSkewMax = 120;
/// The block when it is ahead of a clock that shows `now`.
std::optional<LedgerAhead> ahead_of(const Head& block, std::uint64_t now);
/// `unavailable`, with the name `ledger_ahead` and the seconds to wait as code.
Error ledger_ahead(const LedgerAhead& ahead);

/// Fails with `rolled_back` unless the file's block `number` has that hash.
Result<Unit> require_block(LedgerFile& file, std::uint64_t number, const Bytes32& hash);
/// A block that was replayed before, as the file holds it now; fails unless it is still the same.
Result<StoredBlock> read_block(LedgerFile& file, std::uint64_t number, const Bytes32& hash);

class Replay {
public:
    explicit Replay(const Genesis& genesis) : genesis_(genesis), contracts_(contract_addresses(genesis.admin)) {}

    /// Checks the file's block after the view's head and takes it, unless it is ahead of a clock that shows
    /// `now`: then it is answered, and nothing taken.
    Result<std::optional<LedgerAhead>> step(LedgerFile& file, StateStore& view, std::uint64_t now) const;

private:
    Result<AppliedBlock> replay_first(const StoredBlock& block, const Header& header, StateStore& view) const;
    Result<AppliedBlock> replay_block(const StoredBlock& block, const Header& header, StateStore& view) const;

    const Genesis genesis_;
    const ContractAddresses contracts_;
};

}  // namespace c2d::ledger
