/// What owners took back lately, whoever they are: read in one go for all that somebody watches.
#pragma once

#include <c2d/chain.hpp>

namespace c2d {

/// A grant that was taken back.
struct TakenBack {
    TokenId dt;
    TokenId grantee;
    std::uint64_t block_number = 0;
};

/// From `from_block` on, in order; none on networks with the original contracts, where nothing can be taken back.
Result<std::vector<TakenBack>> taken_back_since(const Chain& chain, std::uint64_t from_block);

}  // namespace c2d
