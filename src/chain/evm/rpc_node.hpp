/// Any EVM network behind an Ethereum JSON-RPC node, or a ledger served by another machine.
#pragma once

#include <c2d/chain.hpp>

namespace c2d::evm {

/// Asks chain id and contracts once and pins them.
Result<std::shared_ptr<ChainNode>> open_rpc_node(const ChainOptions& options);
/// Knows no contracts: for deploying them.
Result<std::shared_ptr<ChainNode>> open_bare_rpc_node(const ChainOptions& options);

}  // namespace c2d::evm
