/// A ledger as of one block, for readers who ask many things that must fit together.
#pragma once

#include "chain/ledger/connection.hpp"
#include "chain/ledger/state_store.hpp"

#include <c2d/chain_node.hpp>

namespace c2d::ledger {

/// `view` is a fork that nobody else uses; `network` says what stands at its head; views see the
/// time `now`. Blocks come from `reader`, whose lock is held only for that: neither writers nor
/// other readers wait.
Result<std::shared_ptr<ChainNode>> make_head_node(std::shared_ptr<Connection> reader, std::unique_ptr<StateStore> view,
                                                  NetworkInfo network, std::uint64_t now);

}  // namespace c2d::ledger
