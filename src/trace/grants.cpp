#include "base/try.hpp"
#include "trace/walk.hpp"

namespace c2d::trace {

/// Who granted and took back within one block did the one that the last step allows first.
void Grants::add(const std::vector<GrantRecord>& given, const std::vector<GrantRecord>& revoked) {
    std::size_t next = 0;
    const auto take_revocations = [&](const auto& wanted) {
        for (; next < revoked.size() && wanted(revoked[next]); ++next)
            steps_[{revoked[next].dt, revoked[next].grantee}].push_back({true, revoked[next].block_number});
    };
    for (const auto& grant : given) {
        take_revocations([&](const GrantRecord& r) {
            const auto& before = steps_[{r.dt, r.grantee}];
            const bool stands = !before.empty() && !before.back().revoked;
            return r.block_number < grant.block_number || (r.block_number == grant.block_number && stands);
        });
        const Pair pair{grant.dt, grant.grantee};
        auto& steps = steps_[pair];
        if (steps.empty()) pairs_.push_back(pair);
        steps.push_back({false, grant.block_number});
    }
    take_revocations([](const GrantRecord&) { return true; });
}

Result<TraceGrant> Grants::state(const Pair& pair) const {
    TraceGrant out;
    const auto known = steps_.find(pair);
    if (known == steps_.end() || known->second.empty()) {
        out.state = TraceGrant::State::none;
        return out;
    }
    for (const auto& step : known->second) {
        C2D_TRY(const auto when, facts_.time(step.block));
        out.history.push_back({step.revoked, when});
        (step.revoked ? out.revoked : out.granted) = when;
    }
    if (known->second.back().revoked) out.state = TraceGrant::State::revoked;
    C2D_CHECK(add_bounds(pair, out));
    return out;
}

/// The contracts know bounds, and the jobs that were counted; the events do not tell them.
Result<Unit> Grants::add_bounds(const Pair& pair, TraceGrant& grant) const {
    if (!chain_.has_receipts()) return Unit{};  // the original contracts
    const auto now = chain_.grant_state(pair.first, pair.second);
    if (!now && !is_of_one_node(now.error())) return now.error();
    if (!now) return Unit{};
    grant.limits = now->limits;
    grant.used = now->used;
    if (!now->given)
        grant.state = TraceGrant::State::revoked;
    else if (grant.limits.expiry != 0 && grant.limits.expiry < now_)
        grant.state = TraceGrant::State::expired;
    else if (grant.limits.uses != 0 && grant.used >= grant.limits.uses)
        grant.state = TraceGrant::State::spent;
    return Unit{};
}

}  // namespace c2d::trace
