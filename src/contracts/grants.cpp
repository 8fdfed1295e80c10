#include "base/fail.hpp"
#include "base/try.hpp"
#include "contracts/decisions.hpp"
#include "contracts/tokens.hpp"

#include <algorithm>

namespace c2d::contracts {

namespace {

/// More than any composition needs, and a bound on what a call costs.
constexpr std::size_t kLinksPerJobMax = 1024;

struct Grant {
    bool given = false;
    std::uint64_t expiry = 0;  ///< last second of block time in which it holds; 0: no end
    std::uint64_t uses = 0;    ///< jobs that it is good for; 0: any number
    std::uint64_t used = 0;
    // From edition 2 on:
    bool per_composer = false;  ///< `uses` bounds what the decision counts
    std::uint64_t times = 0;    ///< given without the owner's word
    /// It was given once. Not stored: that it was taken back shows also where edition 1 took it back.
    bool known = false;

    bool stands(std::uint64_t now) const { return given && (expiry == 0 || now <= expiry); }
    std::uint64_t used_of(const Decision& decision) const { return per_composer ? decision.used : used; }
    bool spent(const Decision& decision) const { return uses != 0 && used_of(decision) >= uses; }
};
constexpr Fields kGrantFields{4, 6};

std::string grant_key(const TokenId& dt, const TokenId& grantee) { return key("grant/", dt, grantee); }

Result<Grant> find_grant(State& state, const TokenId& dt, const TokenId& grantee) {
    C2D_TRY(const auto record, get_record(state, grant_key(dt, grantee), kGrantFields));
    if (!record) return Grant{};
    return Grant{record->flag(0),
                 record->number(1),
                 record->number(2),
                 record->number(3),
                 record->flag(4),
                 record->number(5),
                 true};
}

void store_grant(Frame& frame, const TokenId& dt, const TokenId& grantee, const Grant& grant) {
    RecordWriter record;
    record.add(grant.given).add(grant.expiry).add(grant.uses).add(grant.used);
    if (frame.edition_2()) record.add(grant.per_composer).add(grant.times);
    frame.state.put(grant_key(dt, grantee), record.encode());
}

/// What the owner of `dt` decided about the organisation of `composition`'s owner.
struct Partner {
    std::vector<Bytes32> names;
    Decision decision;
};

/// None under edition 1, which kept no decisions.
Result<Partner> find_partner(Frame& frame, const TokenId& dt, const Address& composer) {
    Partner out;
    if (!frame.edition_2()) return out;
    C2D_TRY(out.names, organisation_names(frame.state, composer));
    C2D_TRY(out.decision, find_decision(frame.state, dt, out.names));
    return out;
}

// grantPermission ---------------------------------------------------------------------------------

/// What a call asks for.
struct Asked {
    const TokenId &dt, &grantee;
    std::uint64_t expiry = 0, uses = 0, mode = 0;

    bool per_composer() const { return (mode & dt_factory::kPerComposer) != 0; }
    bool owners_word() const { return (mode & dt_factory::kOwnersWord) != 0; }
    bool known_mode() const { return (mode & ~std::uint64_t(dt_factory::kPerComposer | dt_factory::kOwnersWord)) == 0; }
    bool over(std::uint64_t now) const { return expiry != 0 && now > expiry; }
};

/// From edition 2 on: a token that is closed, and a partner whose grant was taken back.
Result<std::uint64_t> owner_refuses(Frame& frame, const Asked& asked, const Decision& decision, const Grant& before) {
    if (!frame.edition_2()) return std::uint64_t(kSuccess);
    C2D_TRY(const bool closed, is_closed(frame.state, asked.dt));
    if (closed) return std::uint64_t(kTokenClosed);
    const bool revoked = decision.revoked_at != 0 || (before.known && !before.given);
    return std::uint64_t(revoked && !asked.owners_word() ? kGrantNeedsOwner : kSuccess);
}

void note_grant(Frame& frame, const Asked& asked, Partner partner) {
    auto& [names, decision] = partner;
    const bool same =
        asked.per_composer() && decision.bounded && decision.expiry == asked.expiry && decision.uses == asked.uses;
    // A second composition under the terms that stand is no further grant.
    if (!asked.owners_word() && !same) ++decision.grants;
    if (asked.per_composer()) decision.expiry = asked.expiry, decision.uses = asked.uses, decision.bounded = true;
    store_decision(frame.state, asked.dt, names, decision);
}

/// Existence, ownership, then granted already: an outsider learns nothing of the grants.
Result<std::uint64_t> grant_code(Frame& frame, const Address& by, const Asked& asked) {
    C2D_TRY(const bool allowed, has_permission(frame.state, by, kModifyAuthorize));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const auto token, find_token(frame.state, asked.dt));
    C2D_TRY(const auto composite, find_token(frame.state, asked.grantee));
    if (!token || !composite) return std::uint64_t(kTokenUnknown);
    if (owner_of(*token) != by) return std::uint64_t(kNoPermission);
    if (!asked.known_mode()) return std::uint64_t(kModeUnknown);
    C2D_TRY(const auto partner, find_partner(frame, asked.dt, owner_of(*composite)));
    C2D_TRY(const auto before, find_grant(frame.state, asked.dt, asked.grantee));
    if (before.stands(frame.block.time) && !before.spent(partner.decision)) return std::uint64_t(kGrantedAlready);
    C2D_TRY(const auto refused, owner_refuses(frame, asked, partner.decision, before));
    if (refused != kSuccess) return refused;
    C2D_TRY(const bool usable, is_usable(frame.state, asked.dt, *token));
    if (!usable || is_leaf(*composite)) return std::uint64_t(kCompositeUnavailable);
    if (asked.over(frame.block.time)) return std::uint64_t(kGrantExpired);
    const auto times = before.times + (asked.owners_word() ? 0 : 1);
    store_grant(frame, asked.dt, asked.grantee, {true, asked.expiry, asked.uses, 0, asked.per_composer(), times});
    if (frame.edition_2()) note_grant(frame, asked, partner);
    return std::uint64_t(kSuccess);
}

Result<Unit> grant_on(Frame& frame, const Asked& asked) {
    C2D_TRY(const auto by, principal(frame, kGrantKey));
    C2D_TRY(const auto code, grant_code(frame, by, asked));
    frame.emit(dt_factory::kDataTokenGranted, asked.dt, by, asked.grantee, code);
    return Unit{};
}

Result<Unit> grant(Frame& frame, const TokenId& dt, const TokenId& grantee) { return grant_on(frame, {dt, grantee}); }

/// What does not fit 64 bits reads as the largest that does, and is as good as no bound.
Result<Unit> grant_limited(Frame& frame, const TokenId& dt, const TokenId& grantee, std::uint64_t expiry,
                           std::uint64_t uses) {
    return grant_on(frame, {dt, grantee, expiry, uses});
}

Result<Unit> grant_decided(Frame& frame, const TokenId& dt, const TokenId& grantee, std::uint64_t expiry,
                           std::uint64_t uses, std::uint64_t mode) {
    return grant_on(frame, {dt, grantee, expiry, uses, mode});
}

// revokePermission --------------------------------------------------------------------------------

/// No grant without the owner's word from then on: to no composition of that organisation.
Result<Unit> note_revocation(Frame& frame, const TokenId& dt, const TokenId& grantee) {
    C2D_TRY(const auto composer, token_owner(frame.state, grantee));
    C2D_TRY(auto partner, find_partner(frame, dt, composer));
    partner.decision.revoked_at = frame.block.time;
    store_decision(frame.state, dt, partner.names, partner.decision);
    return Unit{};
}

Result<std::uint64_t> revoke_code(Frame& frame, const Address& by, const TokenId& dt, const TokenId& grantee) {
    C2D_TRY(const bool allowed, has_permission(frame.state, by, kModifyAuthorize));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const auto token, find_token(frame.state, dt));
    if (!token) return std::uint64_t(kTokenUnknown);
    if (by != owner_of(*token)) return std::uint64_t(kNoPermission);
    C2D_TRY(auto grant, find_grant(frame.state, dt, grantee));
    if (!grant.given) return std::uint64_t(kNotGranted);
    grant.given = false;
    store_grant(frame, dt, grantee, grant);
    if (frame.edition_2()) C2D_CHECK(note_revocation(frame, dt, grantee));
    return std::uint64_t(kSuccess);
}

Result<Unit> revoke(Frame& frame, const TokenId& dt, const TokenId& grantee) {
    C2D_TRY(const auto by, principal(frame, kGrantKey));
    C2D_TRY(const auto code, revoke_code(frame, by, dt, grantee));
    frame.emit(dt_factory::kDataTokenRevoked, dt, by, grantee, code);
    return Unit{};
}

// Views -------------------------------------------------------------------------------------------

Result<bool> get_permission(Frame& frame, const TokenId& dt, const TokenId& grantee) {
    return grant_stands(frame.state, dt, grantee, frame.block.time);
}

Result<bool> is_below_view(Frame& frame, const TokenId& cdt, const TokenId& dt) {
    return is_below(frame.state, cdt, dt);
}

/// A grant, and the jobs that count against it.
struct Terms {
    Grant grant;
    std::uint64_t used = 0;
};

Result<Terms> find_terms(Frame& frame, const TokenId& dt, const TokenId& grantee) {
    C2D_TRY(const auto grant, find_grant(frame.state, dt, grantee));
    if (!grant.per_composer) return Terms{grant, grant.used};
    C2D_TRY(const auto composer, token_owner(frame.state, grantee));
    C2D_TRY(const auto partner, find_partner(frame, dt, composer));
    return Terms{grant, partner.decision.used};
}

using GetGrant = decltype(dt_factory::kGetGrant)::Returned;
Result<GetGrant> get_grant(Frame& frame, const TokenId& dt, const TokenId& grantee) {
    C2D_TRY(const auto terms, find_terms(frame, dt, grantee));
    return GetGrant(terms.grant.given, terms.grant.expiry, terms.grant.uses, terms.used);
}

using GetGrantTerms = decltype(dt_factory::kGetGrantTerms)::Returned;
Result<GetGrantTerms> get_grant_terms(Frame& frame, const TokenId& dt, const TokenId& grantee) {
    C2D_TRY(const auto terms, find_terms(frame, dt, grantee));
    const auto& [grant, used] = terms;
    const auto mode = grant.per_composer ? std::uint64_t(dt_factory::kPerComposer) : 0;
    return GetGrantTerms(grant.given, grant.expiry, grant.uses, used, mode, grant.times);
}

// Jobs --------------------------------------------------------------------------------------------

/// What a job needs of a link below its composition.
struct Use {
    Link link;
    Grant grant;
    /// Whose composition the parent is; of edition 2 alone.
    Address composer = {};
};

Result<std::uint64_t> may_use(Frame& frame, Use& use) {
    const auto& [child, parent] = use.link;
    if (frame.edition_2()) {
        C2D_TRY(const bool closed, is_closed(frame.state, child));
        if (closed) return std::uint64_t(kTokenClosed);
        C2D_TRY(use.composer, token_owner(frame.state, parent));
    }
    C2D_TRY(use.grant, find_grant(frame.state, child, parent));
    if (!use.grant.given) return std::uint64_t(kNotGranted);
    if (!use.grant.stands(frame.block.time)) return std::uint64_t(kGrantExpired);
    if (use.grant.uses == 0) return std::uint64_t(kSuccess);
    C2D_TRY(const auto partner, find_partner(frame, child, use.composer));
    return std::uint64_t(use.grant.spent(partner.decision) ? kGrantSpent : kSuccess);
}

/// One for the grant where it counts, one for the decision, whatever it bounds.
Result<Unit> count_use(Frame& frame, Use& use) {
    const auto& [child, parent] = use.link;
    if (use.grant.uses != 0 && !use.grant.per_composer) {
        ++use.grant.used;
        store_grant(frame, child, parent, use.grant);
    }
    if (!frame.edition_2()) return Unit{};
    // Read here: another link may have counted in the same one.
    C2D_TRY(auto partner, find_partner(frame, child, use.composer));
    ++partner.decision.used;
    store_decision(frame.state, child, partner.names, partner.decision);
    return Unit{};
}

}  // namespace

Result<std::vector<Link>> links_below(State& state, const TokenId& cdt) {
    std::vector<Link> links;
    std::vector<TokenId> composites = {cdt};
    for (std::size_t at = 0; at < composites.size(); ++at) {
        const TokenId parent = composites[at];
        C2D_TRY(const auto children, children_of(state, parent));
        for (const auto& child : children) {
            const Link link{child, parent};
            if (std::ranges::find(links, link) != links.end()) continue;
            if (links.size() == kLinksPerJobMax) return revert("the composition has too many children");
            links.push_back(link);
            if (std::ranges::find(composites, child) == composites.end()) composites.push_back(child);
        }
    }
    return links;
}

Result<bool> is_below(State& state, const TokenId& cdt, const TokenId& dt) {
    C2D_TRY(const auto links, links_below(state, cdt));
    return std::ranges::any_of(links, [&](const Link& link) { return link.child == dt; });
}

Result<bool> grant_stands(State& state, const TokenId& dt, const TokenId& grantee, std::uint64_t now) {
    C2D_TRY(const auto grant, find_grant(state, dt, grantee));
    return grant.stands(now);
}

Result<std::uint64_t> use_grants(Frame& frame, const TokenId& cdt) {
    if (frame.edition_2()) {
        C2D_TRY(const bool closed, is_closed(frame.state, cdt));
        if (closed) return std::uint64_t(kTokenClosed);
    }
    C2D_TRY(const auto links, links_below(frame.state, cdt));
    // All of them before any is counted: a refused job uses nothing up.
    std::vector<Use> uses;
    for (const auto& link : links) {
        C2D_TRY(const auto code, may_use(frame, uses.emplace_back(Use{link, {}})));
        if (code != kSuccess) return code;
    }
    for (auto& use : uses) C2D_CHECK(count_use(frame, use));
    return std::uint64_t(kSuccess);
}

std::span<const Rule> grant_rules() {
    namespace f = dt_factory;
    static constexpr Rule kRules[] = {kRule<f::kGrant, grant>,
                                      kRule<f::kGrantLimited, grant_limited>,
                                      kRule<f::kRevoke, revoke>,
                                      kRule<f::kGetPermission, get_permission>,
                                      kRule<f::kGetGrant, get_grant>,
                                      kRule<f::kIsBelow, is_below_view>,
                                      kRule2<f::kGrantDecided, grant_decided>,
                                      kRule2<f::kGetGrantTerms, get_grant_terms>};
    return kRules;
}

}  // namespace c2d::contracts
