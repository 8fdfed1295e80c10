#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

#include <algorithm>

namespace c2d::contracts {

namespace {

/// What is kept of an address: who speaks for it, for whom it speaks, and the administrators' proposal.
struct Keys {
    Address owner;  ///< zero: itself
    std::uint64_t epoch = 0;
    std::uint64_t changed = 0;
    Address acts_for;  ///< set once, never cleared
    Address proposed, proposed_by;
    std::uint64_t proposed_until = 0;

    const Address& owner_of(const Address& identity) const { return owner.is_zero() ? identity : owner; }
    void clear_proposal() { proposed = proposed_by = {}, proposed_until = 0; }
};
constexpr std::size_t kKeysFields = 7;

std::string keys_key(const Address& id) { return key("identity/", id); }
/// Those of the epoch before a change of owner are out of reach.
std::string delegate_key(const Address& identity, std::uint64_t epoch, const Bytes32& type, const Address& delegate) {
    return key("delegate/", identity, epoch, type, delegate);
}

Result<Keys> find_keys(State& state, const Address& id) {
    C2D_TRY(const auto record, get_record(state, keys_key(id), kKeysFields));
    if (!record) return Keys{};
    return Keys{record->address(0), record->number(1),  record->number(2), record->address(3),
                record->address(4), record->address(5), record->number(6)};
}

void store_keys(State& state, const Address& id, const Keys& keys) {
    state.put(keys_key(id), RecordWriter()
                                .add(keys.owner.view())
                                .add(keys.epoch)
                                .add(keys.changed)
                                .add(keys.acts_for.view())
                                .add(keys.proposed.view())
                                .add(keys.proposed_by.view())
                                .add(keys.proposed_until)
                                .encode());
}

Result<Unit> set_acts_for(State& state, const Address& key, const Address& identity) {
    C2D_TRY(auto keys, find_keys(state, key));
    keys.acts_for = identity;
    store_keys(state, key, keys);
    return Unit{};
}

Bytes32 type_of(std::string_view type) { return identity::delegate_type(type); }
bool is_delegate_type(const Bytes32& type) { return type == type_of(kGrantKey) || type == type_of(kWorkKey); }

Result<bool> is_valid_delegate(State& state, std::uint64_t now, const Address& identity, const Keys& keys,
                               const Bytes32& type, const Address& delegate) {
    C2D_TRY(const auto until, get_number(state, delegate_key(identity, keys.epoch, type, delegate)));
    return until != 0 && now <= until;
}

Result<bool> acts_for(State& state, std::uint64_t now, const Address& sender, const Address& identity,
                      const Bytes32& type) {
    C2D_TRY(const auto keys, find_keys(state, identity));
    if (keys.owner_of(identity) == sender) return true;
    return is_valid_delegate(state, now, identity, keys, type, sender);
}

Result<Address> principal_of(State& state, std::uint64_t now, const Address& sender, const Bytes32& type) {
    C2D_TRY(const auto own, find_keys(state, sender));
    if (!own.acts_for.is_zero()) {
        C2D_TRY(const bool acts, acts_for(state, now, sender, own.acts_for, type));
        if (acts) return own.acts_for;
    }
    return own.owner_of(sender) == sender ? sender : Address{};
}

/// A key that may not come to act for `identity`: an address with a name of its own, or another's key.
Result<bool> is_taken(State& state, const Address& key, const Address& identity) {
    if (key.is_zero()) return true;
    C2D_TRY(const bool named, had_role(state, key));
    if (named) return true;
    C2D_TRY(const auto keys, find_keys(state, key));
    return !keys.acts_for.is_zero() && keys.acts_for != identity;
}

// changeOwner -------------------------------------------------------------------------------------

struct OwnerChange {
    const Address &identity, &owner;
    /// Whose word it is.
    Address by;
};

Result<Unit> carry_out(Frame& frame, const OwnerChange& change, Keys keys) {
    keys.owner = change.owner == change.identity ? Address{} : change.owner;
    ++keys.epoch;
    keys.changed = frame.block.number;
    keys.clear_proposal();
    store_keys(frame.state, change.identity, keys);
    if (change.owner == change.identity) return Unit{};
    return set_acts_for(frame.state, change.owner, change.identity);
}

/// Two of them must agree, unless there is one only; the administrator whose key it is does not count.
Result<bool> administrators_agree(Frame& frame, const OwnerChange& change, const Keys& keys) {
    C2D_TRY(const auto all, admins(frame.state));
    const auto others = all.size() - std::size_t(std::ranges::count(all, change.identity));
    if (others == 1) return true;
    if (keys.proposed != change.owner || keys.proposed_by == change.by || frame.block.time > keys.proposed_until)
        return false;
    return has_role(frame.state, keys.proposed_by, kAdmin);
}

struct OwnerDecision {
    std::uint64_t code = kSuccess;
    /// The last second of a proposal that stands now, instead of a change.
    std::optional<std::uint64_t> proposed_until = {};
};

Result<OwnerDecision> decide_owner(Frame& frame, const OwnerChange& change, const Keys& keys) {
    const auto& [identity, owner, by] = change;
    C2D_TRY(const bool known, had_role(frame.state, identity));
    if (!known) return OwnerDecision{kIdentityUnknown};
    const bool own = frame.caller == keys.owner_of(identity);
    C2D_TRY(const bool admin, has_role(frame.state, by, kAdmin));
    if (!own && !admin) return OwnerDecision{kNoPermission};
    C2D_TRY(const bool taken, is_taken(frame.state, owner, identity));
    if (taken && owner != identity) return OwnerDecision{kKeyTaken};
    C2D_TRY(const bool agreed, own ? Result<bool>(true) : administrators_agree(frame, change, keys));
    if (agreed) {
        C2D_CHECK(carry_out(frame, change, keys));
        return OwnerDecision{};
    }
    Keys proposal = keys;
    proposal.proposed = owner, proposal.proposed_by = by;
    proposal.proposed_until = frame.block.time + identity::kProposalSeconds;
    store_keys(frame.state, identity, proposal);
    return OwnerDecision{kSuccess, proposal.proposed_until};
}

Result<Unit> change_owner(Frame& frame, const Address& identity, const Address& owner) {
    C2D_TRY(const auto keys, find_keys(frame.state, identity));
    C2D_TRY(const auto by, principal(frame, kOwnerKey));
    C2D_TRY(const auto decided, decide_owner(frame, {identity, owner, by}, keys));
    if (decided.proposed_until)
        frame.emit(identity::kOwnerProposed, identity, owner, by, *decided.proposed_until, decided.code);
    else
        frame.emit(identity::kOwnerChanged, identity, owner, by, keys.changed, decided.code);
    return Unit{};
}

// Delegates ---------------------------------------------------------------------------------------

struct Delegate {
    const Address& identity;
    const Bytes32& type;
    const Address& key;
};

/// The block is that of the identity's last change from now on.
void store_delegate(Frame& frame, const Delegate& given, Keys keys, std::uint64_t until) {
    put_number(frame.state, delegate_key(given.identity, keys.epoch, given.type, given.key), until);
    keys.changed = frame.block.number;
    store_keys(frame.state, given.identity, keys);
}

Result<std::uint64_t> may_change_delegates(Frame& frame, const Address& identity, const Keys& keys) {
    C2D_TRY(const bool known, had_role(frame.state, identity));
    if (!known) return std::uint64_t(kIdentityUnknown);
    return std::uint64_t(frame.caller == keys.owner_of(identity) ? kSuccess : kNoPermission);
}

Result<std::uint64_t> add_delegate_code(Frame& frame, const Delegate& given, const Keys& keys, std::uint64_t validity) {
    C2D_TRY(const auto code, may_change_delegates(frame, given.identity, keys));
    if (code != kSuccess) return code;
    if (!is_delegate_type(given.type)) return std::uint64_t(kDelegateTypeUnknown);
    if (validity < 1 || validity > identity::kValidityMax) return std::uint64_t(kValidityOutOfRange);
    C2D_TRY(const bool taken, is_taken(frame.state, given.key, given.identity));
    if (taken) return std::uint64_t(kKeyTaken);
    store_delegate(frame, given, keys, frame.block.time + validity);
    C2D_CHECK(set_acts_for(frame.state, given.key, given.identity));
    return std::uint64_t(kSuccess);
}

Result<Unit> add_delegate(Frame& frame, const Address& identity, const Bytes32& type, const Address& delegate,
                          std::uint64_t validity) {
    C2D_TRY(const auto keys, find_keys(frame.state, identity));
    C2D_TRY(const auto code, add_delegate_code(frame, {identity, type, delegate}, keys, validity));
    const std::uint64_t until = code == kSuccess ? frame.block.time + validity : 0;
    frame.emit(identity::kDelegateChanged, identity, type, delegate, until, keys.changed, code);
    return Unit{};
}

Result<std::uint64_t> revoke_delegate_code(Frame& frame, const Delegate& given, const Keys& keys) {
    C2D_TRY(const auto code, may_change_delegates(frame, given.identity, keys));
    if (code != kSuccess) return code;
    C2D_TRY(const bool valid,
            is_valid_delegate(frame.state, frame.block.time, given.identity, keys, given.type, given.key));
    if (!valid) return std::uint64_t(kDelegateMissing);
    store_delegate(frame, given, keys, 0);
    return std::uint64_t(kSuccess);
}

Result<Unit> revoke_delegate(Frame& frame, const Address& identity, const Bytes32& type, const Address& delegate) {
    C2D_TRY(const auto keys, find_keys(frame.state, identity));
    C2D_TRY(const auto code, revoke_delegate_code(frame, {identity, type, delegate}, keys));
    frame.emit(identity::kDelegateChanged, identity, type, delegate, std::uint64_t(0), keys.changed, code);
    return Unit{};
}

// Views -------------------------------------------------------------------------------------------

Result<Address> identity_owner(Frame& frame, const Address& identity) {
    C2D_TRY(const auto keys, find_keys(frame.state, identity));
    return keys.owner_of(identity);
}

Result<bool> valid_delegate(Frame& frame, const Address& identity, const Bytes32& type, const Address& delegate) {
    C2D_TRY(const auto keys, find_keys(frame.state, identity));
    return is_valid_delegate(frame.state, frame.block.time, identity, keys, type, delegate);
}

Result<bool> acts_for_view(Frame& frame, const Address& sender, const Address& identity, const Bytes32& type) {
    return acts_for(frame.state, frame.block.time, sender, identity, type);
}

Result<Address> principal_view(Frame& frame, const Address& sender, const Bytes32& type) {
    return principal_of(frame.state, frame.block.time, sender, type);
}

Result<std::uint64_t> changed(Frame& frame, const Address& identity) {
    C2D_TRY(const auto keys, find_keys(frame.state, identity));
    return keys.changed;
}

}  // namespace

Result<Address> principal(Frame& frame, std::string_view type) {
    if (!frame.edition_2()) return frame.caller;
    return principal_of(frame.state, frame.block.time, frame.caller, type_of(type));
}

Result<bool> acts_for_another(State& state, const Address& key) {
    C2D_TRY(const auto keys, find_keys(state, key));
    return !keys.acts_for.is_zero();
}

Result<bool> has_standing(const BlockContext& block, State& state, const Address& sender) {
    if (block.edition < 2) return true;
    for (const auto type : {kWorkKey, kGrantKey}) {
        C2D_TRY(const auto stands_for, principal_of(state, block.time, sender, type_of(type)));
        for (const auto role : {kEnterprise, kProvider, kAdmin}) {
            C2D_TRY(const bool has, has_role(state, stands_for, role));
            if (has) return true;
        }
    }
    return false;
}

std::span<const Rule> identity_rules() {
    namespace f = identity;
    static constexpr Rule kRules[] = {
        kRule2<f::kOwner, identity_owner>,         kRule2<f::kChangeOwner, change_owner>,
        kRule2<f::kAddDelegate, add_delegate>,     kRule2<f::kRevokeDelegate, revoke_delegate>,
        kRule2<f::kValidDelegate, valid_delegate>, kRule2<f::kActsFor, acts_for_view>,
        kRule2<f::kPrincipal, principal_view>,     kRule2<f::kChanged, changed>};
    return kRules;
}

}  // namespace c2d::contracts
