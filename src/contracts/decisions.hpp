/// What the owner of a token decided about an organisation, over all of its addresses and compositions, and whether the
/// owner closed the token. decisions.cpp keeps it, grants.cpp goes by it; both from edition 2 of the rules on.
#pragma once

#include "contracts/rules.hpp"

namespace c2d::contracts {

struct Decision {
    std::uint64_t grants = 0;      ///< given without the owner's word
    std::uint64_t revoked_at = 0;  ///< block time of the last revocation; never cleared
    std::uint64_t used = 0;        ///< jobs: each link of a composition counts
    std::uint64_t expiry = 0, uses = 0;
    bool bounded = false;  ///< by a grant whose `uses` count the organisation's jobs: the last one's terms stand above
};

/// What is kept under any of an organisation's names counts. `names` as of `organisation_names`.
Result<Decision> find_decision(State& state, const TokenId& dt, const std::vector<Bytes32>& names);
/// Under all of them, so that nothing is lost when a legal id is added or taken away.
void store_decision(State& state, const TokenId& dt, const std::vector<Bytes32>& names, const Decision& decision);

Result<bool> is_closed(State& state, const TokenId& dt);

}  // namespace c2d::contracts
