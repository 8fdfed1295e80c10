/// What a provider may grant by itself. It is decided by the grants and revocations that the ledger holds, so that a
/// provider whose state was lost or restored decides alike.
#pragma once

#include "asset/ddo.hpp"

#include <c2d/chain.hpp>
#include <c2d/reason.hpp>

#include <optional>

namespace c2d::job {

/// May `dt`, whose document says `terms`, be granted to `cdt` at `now`?
struct GrantQuestion {
    TokenId dt, cdt;
    asset::GrantTerms terms;
    /// Seconds since the epoch.
    std::uint64_t now = 0;
};

struct GrantAnswer {
    /// Nothing is to be done: jobs may be registered on the grant that is there.
    bool stands = false;
    /// What to grant otherwise.
    GrantLimits limits;
};

/// Given, not over and not used up.
Result<bool> grant_stands(const Chain& chain, const TokenId& dt, const TokenId& cdt, std::uint64_t now);

/// A grant of `dt` to a composition of the composer's organisation that was taken back before that block; nothing where
/// the logs tell of none.
Result<std::optional<GrantRecord>> taken_back_before(const Chain& chain, const TokenId& dt, const Address& composer,
                                                     std::uint64_t block);

/// Accepted: `out` is filled. Refused as `grant_needs_owner` when the owner took back a grant of `dt` to a composition
/// of the same composer, or when all that the terms let a provider give by itself was given.
Result<Verdict> decide_grant(const Chain& chain, const GrantQuestion& question, GrantAnswer& out);

/// What `answer` would give must stand on the block that decisions are read at, too (`Chain::at_read_block`): there no
/// less may be given for the asking. `not_final` where the allowance, or the jobs that a renewal counts from, are in
/// newer blocks.
Result<Verdict> check_given_is_final(const Chain& chain, const GrantQuestion& question, const GrantAnswer& answer);

}  // namespace c2d::job
