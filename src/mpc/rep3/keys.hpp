/// The keys of a session: one secret for each pair of parties, of which every key stream is derived.
///
/// Both of a pair contribute, and commit to what they contribute before they see the other's. The secret is bound to
/// the pair and to what both were told of the session; each proves by a MAC that it holds the same before a share is
/// sent. docs/mpc/protocol.md, Figure 2.
#pragma once

#include "mpc/core/prg.hpp"

#include <c2d/mpc.hpp>

#include <optional>

namespace c2d::mpc::rep3 {

/// What the keys with each peer depend on beside fresh randomness; a party's own entries mean nothing.
struct KeyContext {
    std::array<Bytes32, kParties> binding = {};
    std::array<BytesView, kParties> pre_shared = {};
};

/// The streams that this party has in common with each of the others; none for the pair that it is not of.
struct PairStreams {
    std::optional<Prg> ab, ah, bh;
};

/// All three call it together. Fails with `peer` where a party opens another contribution than it committed to, or does
/// not hold the same key in the end.
Result<PairStreams> agree_keys(Link& link, Random& random, const KeyContext& context);

}  // namespace c2d::mpc::rep3
