/// Reading a chain as one block has it, each question asked once: what a check or a trace is made of must have been
/// true together.
#pragma once

#include "base/try.hpp"
#include "chain/evm/state_not_kept.hpp"

#include <c2d/chain.hpp>

namespace c2d {

/// The same chain for reading: what it is, as `as_of` says, and each answer to a call are kept, so that asking twice
/// is free and gives the same; beyond 64 MiB of them it begins anew. Writes fail with `unsupported`. For one check or
/// walk, which it should not outlive.
Result<Chain> remembering(const Chain& chain, NetworkInfo as_of);

/// Blocks that are held one after another before a reader gives up: others may keep a node from holding one for us.
inline constexpr int kHeldBlocksMax = 4;

/// `read(chain)` over `Chain::at_head`; again over a newer block, up to `kHeldBlocksMax` in all, where the node let go
/// of the one that was read. A node that answers as of no block is read as it is.
template <class Read>
auto at_held_head(const Chain& chain, const Read& read) -> decltype(read(chain)) {
    for (int held_blocks = 1;; ++held_blocks) {
        C2D_TRY(const Chain then, chain.at_head());
        C2D_TRY(auto pinned, then.info());
        C2D_TRY(const Chain held, remembering(then, std::move(pinned)));
        auto out = read(held);
        if (out || out.error().name != kStateNotKept || held_blocks == kHeldBlocksMax) return out;
    }
}

/// `read(chain)` over reads of one block. It is first tried without holding one: a head that is the same before and
/// after was the same throughout. When it moved, `read` is called again as by `at_held_head`.
template <class Read>
auto at_one_head(const Chain& chain, const Read& read) -> decltype(read(chain)) {
    C2D_TRY(auto before, chain.info());
    C2D_TRY(const Chain now, remembering(chain, before));
    auto out = read(now);
    C2D_TRY(const auto after, chain.info());
    if (after.head.hash == before.head.hash) return out;
    return at_held_head(chain, read);
}

}  // namespace c2d
