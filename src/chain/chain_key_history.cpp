// What happened to keys and roles, as the logs tell: no network keeps its state of every block, all keep their logs.
#include "chain/chain_impl.hpp"

#include <algorithm>

namespace c2d {

namespace c = contracts;

namespace {

const Bytes32 kSuccess{};
using Kind = IdentityChange::Kind;

/// Changes with their places, so that those of two kinds of events come in one order.
struct Placed {
    std::uint64_t block;
    std::uint32_t index;
    IdentityChange change;
};

std::vector<IdentityChange> in_order(std::vector<Placed> placed) {
    std::ranges::sort(placed, {}, [](const Placed& p) { return std::pair(p.block, p.index); });
    std::vector<IdentityChange> out;
    for (const auto& [block, index, change] : placed) out.push_back(change);
    return out;
}

/// Who speaks for an identity after some changes; delegates in the order of their first addition, also those whose time
/// is over.
struct Speakers {
    Address owner;
    std::vector<Delegate> delegates;

    void apply(const IdentityChange& change) {
        if (change.kind == Kind::owner_changed) {
            owner = change.key;
            delegates.clear();
            return;
        }
        const auto same = [&](const Delegate& d) { return d.use == change.use && d.key == change.key; };
        const auto known = std::ranges::find_if(delegates, same);
        if (change.kind == Kind::delegate_revoked) {
            if (known != delegates.end()) delegates.erase(known);
        } else if (known == delegates.end()) {
            delegates.push_back({change.use, change.key, change.valid_to});
        } else {
            known->valid_to = change.valid_to;
        }
    }
};

}  // namespace

const char* identity_change_name(IdentityChange::Kind kind) noexcept {
    switch (kind) {
        case Kind::role_added: return "role_added";
        case Kind::role_removed: return "role_removed";
        case Kind::owner_changed: return "owner_changed";
        case Kind::delegate_added: return "delegate_added";
        case Kind::delegate_revoked: break;
    }
    return "delegate_revoked";
}

Result<std::vector<IdentityChange>> Chain::key_changes(const Address& identity, std::uint64_t to_block) const {
    C2D_TRY(const auto now, edition());
    if (now < 2) return std::vector<IdentityChange>();
    // One question spares most the two readings of logs.
    C2D_TRY(const auto changed, impl_->calls.view(c::identity::kChanged, identity));
    if (changed == 0) return std::vector<IdentityChange>();
    std::vector<Placed> changes;
    const auto id = abi::Value::of(identity).word();
    LogFilter filter{impl_->at().identity, {}, 0, to_block};
    filter.topics = {c::identity::kOwnerChanged.topic, id, kSuccess};
    C2D_CHECK(impl_->each_log(filter, [&](const Log& log) -> Result<Unit> {
        C2D_TRY(const auto told, c::identity::kOwnerChanged.decode(log.topics, log.data));
        const auto& [of, owner, by, before, code] = told;
        const IdentityChange change{Kind::owner_changed, identity, 0, KeyUse::owner, owner, 0, log.block_number};
        changes.push_back({log.block_number, log.index, change});
        return Unit{};
    }));
    filter.topics = {c::identity::kDelegateChanged.topic, id, std::nullopt, kSuccess};
    const auto grant = c::identity::delegate_type(c::identity::kGrantType);
    C2D_CHECK(impl_->each_log(filter, [&](const Log& log) -> Result<Unit> {
        C2D_TRY(const auto told, c::identity::kDelegateChanged.decode(log.topics, log.data));
        const auto& [of, type, key, valid_to, before, code] = told;
        const IdentityChange change{valid_to == 0 ? Kind::delegate_revoked : Kind::delegate_added,
                                    identity,
                                    0,
                                    type == grant ? KeyUse::grant : KeyUse::work,
                                    key,
                                    valid_to / impl_->network.time_units,
                                    log.block_number};
        changes.push_back({log.block_number, log.index, change});
        return Unit{};
    }));
    return in_order(std::move(changes));
}

Result<std::vector<IdentityChange>> Chain::role_changes(const std::set<Address>& of) const {
    std::vector<Placed> changes;
    const auto collect = [&](const auto& event, Kind kind) {
        // The address is no topic of these events: they are as many as there are roles.
        LogFilter filter{impl_->at().role_controller, {event.topic, kSuccess}, 0, UINT64_MAX};
        return impl_->each_log(filter, [&](const Log& log) -> Result<Unit> {
            C2D_TRY(const auto told, event.decode(log.topics, log.data));
            const auto& [id, role, code] = told;
            if (!of.contains(id)) return Unit{};
            const IdentityChange change{kind, id, role.number(), KeyUse::owner, {}, 0, log.block_number};
            changes.push_back({log.block_number, log.index, change});
            return Unit{};
        });
    };
    C2D_CHECK(collect(c::role_controller::kRoleAdded, Kind::role_added));
    C2D_TRY(const auto now, edition());
    if (now >= 2) C2D_CHECK(collect(c::role_controller::kRoleRemoved, Kind::role_removed));
    return in_order(std::move(changes));
}

Result<bool> Chain::acted_for(const Address& sender, const Address& identity, KeyUse use, std::uint64_t block) const {
    C2D_TRY(const auto now, edition());
    if (now < 2) return sender == identity;
    C2D_TRY(const auto changes, key_changes(identity, block));
    Speakers then{identity, {}};
    for (const auto& change : changes) then.apply(change);
    if (sender == then.owner) return true;
    const auto is_sender = [&](const Delegate& d) { return d.use == use && d.key == sender; };
    const auto delegate = std::ranges::find_if(then.delegates, is_sender);
    if (delegate == then.delegates.end()) return false;
    C2D_TRY(const auto time, block_time(block));
    return time <= delegate->valid_to;
}

Result<std::vector<Delegate>> Chain::delegates(const Address& identity) const {
    C2D_TRY(const auto changes, key_changes(identity));
    Speakers now{identity, {}};
    for (const auto& change : changes) now.apply(change);
    std::vector<Delegate> valid;
    for (const auto& delegate : now.delegates) {
        C2D_TRY(const bool stands, valid_delegate(identity, delegate.use, delegate.key));
        if (stands) valid.push_back(delegate);
    }
    return valid;
}

}  // namespace c2d
