/// What DTFactory's rules know of a stored token. dt_factory.cpp holds minting, composing and
/// views, grants.cpp the grants between tokens.
#pragma once

#include "contracts/records.hpp"
#include "contracts/rules.hpp"

namespace c2d::contracts {

// owner, minter, checksum, is leaf, document, block updated
inline constexpr std::size_t kTokenFields = 6;

inline std::string token_key(const TokenId& id) { return key("token/", id); }
inline Result<std::optional<Record>> find_token(State& state, const TokenId& id) {
    return get_record(state, token_key(id), kTokenFields);
}
inline Address owner_of(const Record& token) { return token.address(0); }
inline bool is_leaf(const Record& token) { return token.flag(3); }

/// A leaf, or a composition that is active.
Result<bool> is_usable(State& state, const TokenId& id, const Record& token);
/// The children that an activation named, in its order.
Result<std::vector<TokenId>> children_of(State& state, const TokenId& id);

/// `parent` was composed of `child`.
struct Link {
    TokenId child, parent;
    bool operator==(const Link&) const = default;
};
/// Every link below a composition, each once, whatever diamonds there are; breadth first, in the
/// order of the activations. Too many of them revert.
Result<std::vector<Link>> links_below(State& state, const TokenId& cdt);

/// A grant that was given, not revoked, and whose time is not over at block time `now`. Spent ones
/// stand too: the jobs that they were spent on may run.
Result<bool> grant_stands(State& state, const TokenId& dt, const TokenId& grantee, std::uint64_t now);

}  // namespace c2d::contracts
