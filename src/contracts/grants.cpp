#include "base/fail.hpp"
#include "base/try.hpp"
#include "contracts/tokens.hpp"

#include <algorithm>
#include <limits>

namespace c2d::contracts {

namespace {

using Values = std::vector<abi::Value>;

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
Result<std::uint64_t> grant_code(Frame& frame, const Grant& terms) {
    const TokenId dt = frame.arguments[0].word();
    const TokenId grantee = frame.arguments[1].word();
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

void emit_granted(Frame& frame, std::uint64_t code) {
    frame.emit(dt_factory::kDataTokenGranted,
               {frame.arguments[0], abi::Value::of(frame.caller), frame.arguments[1], abi::Value::of(code)});
}

Result<Values> grant(Frame& frame) {
    C2D_TRY(const auto code, grant_code(frame, Grant{.given = true}));
    emit_granted(frame, code);
    return Values{};
}

/// What does not fit 64 bits is as good as no bound.
std::uint64_t bounded(const abi::Value& number) {
    return number.fits_64_bits() ? number.number() : std::numeric_limits<std::uint64_t>::max();
}

Result<Values> grant_limited(Frame& frame) {
    const Grant terms{true, bounded(frame.arguments[2]), bounded(frame.arguments[3]), 0};
    C2D_TRY(const auto code, grant_code(frame, terms));
    emit_granted(frame, code);
    return Values{};
}

// revokePermission --------------------------------------------------------------------------------

Result<std::uint64_t> revoke_code(Frame& frame) {
    const TokenId dt = frame.arguments[0].word();
    const TokenId grantee = frame.arguments[1].word();
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

Result<Values> revoke(Frame& frame) {
    C2D_TRY(const auto code, revoke_code(frame));
    frame.emit(dt_factory::kDataTokenRevoked,
               {frame.arguments[0], abi::Value::of(frame.caller), frame.arguments[1], abi::Value::of(code)});
    return Values{};
}

// Views -------------------------------------------------------------------------------------------

Result<Values> get_permission(Frame& frame) {
    C2D_TRY(const bool stands,
            grant_stands(frame.state, frame.arguments[0].word(), frame.arguments[1].word(), frame.block.time));
    return Values{abi::Value::of(stands)};
}

Result<Values> is_below_view(Frame& frame) {
    C2D_TRY(const bool below, is_below(frame.state, frame.arguments[0].word(), frame.arguments[1].word()));
    return Values{abi::Value::of(below)};
}

Result<Values> get_grant(Frame& frame) {
    C2D_TRY(const auto grant, find_grant(frame.state, frame.arguments[0].word(), frame.arguments[1].word()));
    return Values{abi::Value::of(grant.given), abi::Value::of(grant.expiry), abi::Value::of(grant.uses),
                  abi::Value::of(grant.used)};
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
    static constexpr Rule kRules[] = {{f::kGrant, grant},        {f::kGrantLimited, grant_limited},
                                      {f::kRevoke, revoke},      {f::kGetPermission, get_permission},
                                      {f::kGetGrant, get_grant}, {f::kIsBelow, is_below_view}};
    return kRules;
}

}  // namespace c2d::contracts
