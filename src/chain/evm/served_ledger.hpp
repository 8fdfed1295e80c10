/// What a served ledger (`chain serve`) tells c2d's own clients beside Ethereum's JSON-RPC: that it is
/// ahead of its clock, and the names of a ledger's own failures. Other clients pass over it.
#pragma once

#include "codec/json.hpp"

#include <c2d/chain_node.hpp>

#include <optional>
#include <string_view>

namespace c2d::evm {

/// A member of the latest block: {"block","timestamp","wait"}, as quantities.
inline constexpr const char* kLedgerAhead = "c2dLedgerAhead";
/// Members of an error's `data`.
inline constexpr const char *kErrorName = "c2dName", *kErrorNumber = "c2dNumber";

/// Whether it names a failure of a served ledger that its clients must be able to tell apart.
bool is_ledger_failure(std::string_view name) noexcept;
/// The failure that a served ledger reports with such a name; nothing for any other JSON-RPC error.
std::optional<Error> failure_of_served_ledger(const json::Value& error);
Result<std::optional<LedgerAhead>> read_ahead(const json::Value& latest_block);

}  // namespace c2d::evm
