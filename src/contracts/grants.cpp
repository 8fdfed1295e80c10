#include "base/fail.hpp"
#include "base/try.hpp"
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

    bool stands(std::uint64_t now) const { return given && (expiry == 0 || now <= expiry); }
    bool spent() const { return uses != 0 && used >= uses; }
};

std::string grant_key(const TokenId& dt, const TokenId& grantee) { return key("grant/", dt, grantee); }

Result<Grant> find_grant(State& state, const TokenId& dt, const TokenId& grantee) {
    C2D_TRY(const auto record, get_record(state, grant_key(dt, grantee), 4));
    if (!record) return Grant{};
    return Grant{record->flag(0), record->number(1), record->number(2), record->number(3)};
}

void store_grant(State& state, const TokenId& dt, const TokenId& grantee, const Grant& grant) {
    state.put(grant_key(dt, grantee),
              RecordWriter().add(grant.given).add(grant.expiry).add(grant.uses).add(grant.used).encode());
}

// grantPermission ---------------------------------------------------------------------------------

/// Existence, ownership, then granted already: a stranger learns nothing of the grants.
Result<std::uint64_t> grant_code(Frame& frame, const TokenId& dt, const TokenId& grantee, const Grant& terms) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyAuthorize));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const auto token, find_token(frame.state, dt));
    C2D_TRY(const auto composite, find_token(frame.state, grantee));
    if (!token || !composite) return std::uint64_t(kTokenUnknown);
    if (owner_of(*token) != frame.caller) return std::uint64_t(kNoPermission);
    C2D_TRY(const auto before, find_grant(frame.state, dt, grantee));
    if (before.stands(frame.block.time) && !before.spent()) return std::uint64_t(kGrantedAlready);
    C2D_TRY(const bool usable, is_usable(frame.state, dt, *token));
    if (!usable || is_leaf(*composite)) return std::uint64_t(kCompositeUnavailable);
    if (!terms.stands(frame.block.time)) return std::uint64_t(kGrantExpired);
    store_grant(frame.state, dt, grantee, terms);
    return std::uint64_t(kSuccess);
}

Result<Unit> grant_on(Frame& frame, const TokenId& dt, const TokenId& grantee, const Grant& terms) {
    C2D_TRY(const auto code, grant_code(frame, dt, grantee, terms));
    frame.emit(dt_factory::kDataTokenGranted, dt, frame.caller, grantee, code);
    return Unit{};
}

Result<Unit> grant(Frame& frame, const TokenId& dt, const TokenId& grantee) {
    return grant_on(frame, dt, grantee, Grant{.given = true});
}

/// What does not fit 64 bits reads as the largest that does, and is as good as no bound.
Result<Unit> grant_limited(Frame& frame, const TokenId& dt, const TokenId& grantee, std::uint64_t expiry,
                           std::uint64_t uses) {
    return grant_on(frame, dt, grantee, Grant{true, expiry, uses, 0});
}

// revokePermission --------------------------------------------------------------------------------

Result<std::uint64_t> revoke_code(Frame& frame, const TokenId& dt, const TokenId& grantee) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyAuthorize));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const auto token, find_token(frame.state, dt));
    if (!token) return std::uint64_t(kTokenUnknown);
    if (frame.caller != owner_of(*token)) return std::uint64_t(kNoPermission);
    C2D_TRY(auto grant, find_grant(frame.state, dt, grantee));
    if (!grant.given) return std::uint64_t(kNotGranted);
    grant.given = false;
    store_grant(frame.state, dt, grantee, grant);
    return std::uint64_t(kSuccess);
}

Result<Unit> revoke(Frame& frame, const TokenId& dt, const TokenId& grantee) {
    C2D_TRY(const auto code, revoke_code(frame, dt, grantee));
    frame.emit(dt_factory::kDataTokenRevoked, dt, frame.caller, grantee, code);
    return Unit{};
}

// Views -------------------------------------------------------------------------------------------

Result<bool> get_permission(Frame& frame, const TokenId& dt, const TokenId& grantee) {
    return grant_stands(frame.state, dt, grantee, frame.block.time);
}

Result<bool> is_below_view(Frame& frame, const TokenId& cdt, const TokenId& dt) {
    return is_below(frame.state, cdt, dt);
}

using GetGrant = decltype(dt_factory::kGetGrant)::Returned;
Result<GetGrant> get_grant(Frame& frame, const TokenId& dt, const TokenId& grantee) {
    C2D_TRY(const auto grant, find_grant(frame.state, dt, grantee));
    return GetGrant(grant.given, grant.expiry, grant.uses, grant.used);
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
    C2D_TRY(const auto links, links_below(frame.state, cdt));
    // All of them before any is counted: a refused job uses nothing up.
    std::vector<Grant> grants;
    for (const auto& [child, parent] : links) {
        C2D_TRY(grants.emplace_back(), find_grant(frame.state, child, parent));
        if (!grants.back().given) return std::uint64_t(kNotGranted);
        if (!grants.back().stands(frame.block.time)) return std::uint64_t(kGrantExpired);
        if (grants.back().spent()) return std::uint64_t(kGrantSpent);
    }
    for (std::size_t i = 0; i < links.size(); ++i) {
        if (grants[i].uses == 0) continue;
        ++grants[i].used;
        store_grant(frame.state, links[i].child, links[i].parent, grants[i]);
    }
    return std::uint64_t(kSuccess);
}

std::span<const Rule> grant_rules() {
    namespace f = dt_factory;
    static constexpr Rule kRules[] = {kRule<f::kGrant, grant>,        kRule<f::kGrantLimited, grant_limited>,
                                      kRule<f::kRevoke, revoke>,      kRule<f::kGetPermission, get_permission>,
                                      kRule<f::kGetGrant, get_grant>, kRule<f::kIsBelow, is_below_view>};
    return kRules;
}

}  // namespace c2d::contracts
