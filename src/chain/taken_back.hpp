/// What owners took back lately, whoever they are: read in one go for all that somebody watches.
#pragma once

#include <c2d/chain.hpp>

namespace c2d {

/// A grant that was taken back, or a token that was closed.
struct TakenBack {
    TokenId dt;
    /// Nothing: the token was closed.
    std::optional<TokenId> grantee;
    std::uint64_t block_number = 0;
};

/// From `from_block` on; none on networks with the original contracts, where nothing can be taken back.
Result<std::vector<TakenBack>> taken_back_since(const Chain& chain, std::uint64_t from_block);

/// The first block whose grants and revocations `Chain::decision` knows: 0 where it always did, UINT64_MAX where it
/// does not yet.
Result<std::uint64_t> decisions_kept_from(const Chain& chain);

}  // namespace c2d
