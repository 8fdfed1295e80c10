#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

#include <algorithm>

namespace c2d::contracts {

namespace {

constexpr const char* kRolePrefix = "role/";
constexpr const char* kAdminsKey = "admins";
constexpr const char* kEditionKey = "edition";
constexpr std::uint64_t kHeld = 1, kTakenBack = 0;
/// Roles that a ledger of edition 1 may have when it goes on with the next.
constexpr std::size_t kRolesMax = 1'000'000;

std::string role_key(const Address& id, std::uint64_t role) { return key(kRolePrefix, id, role); }
bool is_role(std::uint64_t role) { return role == kAdmin || role == kEnterprise || role == kProvider; }

void store_admins(State& state, const std::vector<Address>& ids) {
    Bytes joined;
    for (const auto& id : ids) joined.insert(joined.end(), id.data.begin(), id.data.end());
    state.put(kAdminsKey, RecordWriter().add(joined).encode());
}

/// Edition 1 kept no list: in the order of their addresses.
Result<std::vector<Address>> admins_of_edition_1(State& state) {
    C2D_TRY(const auto keys, state.keys_below(kRolePrefix, kRolesMax));
    std::vector<Address> out;
    for (const auto& found : keys) {
        const auto id =
            Address::from(as_bytes(std::string_view(found).substr(std::string_view(kRolePrefix).size(), 20)));
        if (id && role_key(*id, kAdmin) == found) out.push_back(*id);
    }
    return out;
}

Result<bool> check_permission(Frame& frame, const Address& id, std::uint64_t permission) {
    return has_permission(frame.state, id, permission);
}

Result<bool> check_role(Frame& frame, const Address& id, std::uint64_t role) { return has_role(frame.state, id, role); }

// addRole -----------------------------------------------------------------------------------------

/// The other roles come with their record from AssetProvider, so that the two cannot disagree; one that was taken back,
/// where the record is, from an administrator too.
Result<bool> may_add(Frame& frame, const Address& id, std::uint64_t role) {
    const bool recorded = role == kEnterprise || role == kProvider;
    // The caller decides, never the origin of the transaction.
    if (recorded && frame.caller == frame.block.contracts.asset_provider) return true;
    if (role != kAdmin && !(recorded && frame.edition_2())) return false;
    C2D_TRY(const auto by, principal(frame, kOwnerKey));
    C2D_TRY(const bool admin, has_permission(frame.state, by, kModifyAdmin));
    if (!admin || role == kAdmin) return admin;
    return role == kEnterprise ? is_enterprise(frame.state, id) : is_provider(frame.state, id);
}

Result<std::uint64_t> decide_add(Frame& frame, const Address& id, std::uint64_t role) {
    C2D_TRY(const bool allowed, may_add(frame, id, role));
    if (!allowed || id.is_zero()) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool has, has_role(frame.state, id, role));
    if (has) return std::uint64_t(kRoleExists);
    if (role != kAdmin || !frame.edition_2()) return std::uint64_t(kSuccess);
    C2D_TRY(const bool taken, acts_for_another(frame.state, id));
    return std::uint64_t(taken ? kKeyTaken : kSuccess);
}

Result<Unit> add_role_call(Frame& frame, const Address& id, const Uint256& role) {
    C2D_TRY(const auto code, decide_add(frame, id, role.number()));
    if (code == kSuccess) put_number(frame.state, role_key(id, role.number()), kHeld);
    if (code == kSuccess && role.number() == kAdmin && frame.edition_2()) {
        C2D_TRY(auto all, admins(frame.state));
        all.push_back(id);
        store_admins(frame.state, all);
    }
    frame.emit(role_controller::kRoleAdded, id, role, code);
    return Unit{};
}

// removeRole --------------------------------------------------------------------------------------

Result<std::uint64_t> remove_role_code(Frame& frame, const Address& id, std::uint64_t role) {
    C2D_TRY(const auto by, principal(frame, kOwnerKey));
    C2D_TRY(const bool allowed, has_role(frame.state, by, kAdmin));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool has, has_role(frame.state, id, role));
    if (!has) return std::uint64_t(kRoleMissing);
    if (role == kAdmin) {
        C2D_TRY(auto all, admins(frame.state));
        if (all.size() == 1) return std::uint64_t(kLastAdmin);
        std::ranges::replace(all, id, Address(all.back()));
        all.pop_back();
        store_admins(frame.state, all);
    }
    put_number(frame.state, role_key(id, role), kTakenBack);
    return std::uint64_t(kSuccess);
}

Result<Unit> remove_role(Frame& frame, const Address& id, const Uint256& role) {
    C2D_TRY(const auto code, remove_role_code(frame, id, role.number()));
    frame.emit(role_controller::kRoleRemoved, id, role, code);
    return Unit{};
}

Result<std::vector<Address>> get_admins(Frame& frame) { return admins(frame.state); }

// startEdition ------------------------------------------------------------------------------------

/// Opening a block of the next edition is all that succeeds; what could not do it is tried again as an ordinary call.
Result<std::uint64_t> start_edition_code(Frame& frame, const Address& by, std::uint64_t edition) {
    C2D_TRY(const bool allowed, has_role(frame.state, by, kAdmin));
    const bool next = frame.block.opens_edition && edition == frame.block.edition;
    if (allowed && next) {
        if (edition == 2) {
            C2D_TRY(const auto all, admins_of_edition_1(frame.state));
            store_admins(frame.state, all);
        }
        put_number(frame.state, kEditionKey, edition);
        return std::uint64_t(kSuccess);
    }
    if (frame.block.opens_edition) return revert("the call does not start the edition of its block");
    return std::uint64_t(allowed ? kEditionNotNext : kNoPermission);
}

Result<Unit> start_edition(Frame& frame, const Uint256& edition) {
    C2D_TRY(const auto by, principal(frame, kOwnerKey));
    C2D_TRY(const auto code, start_edition_code(frame, by, edition.number()));
    frame.emit(role_controller::kEditionStarted, edition, by, code);
    return Unit{};
}

Result<std::uint64_t> edition(Frame& frame) { return frame.block.edition; }

}  // namespace

Result<bool> has_role(State& state, const Address& id, std::uint64_t role) {
    if (!is_role(role)) return false;
    C2D_TRY(const auto held, get_number(state, role_key(id, role)));
    return held == kHeld;
}

Result<bool> had_role(State& state, const Address& id) {
    for (const auto role : {kEnterprise, kProvider, kAdmin}) {
        C2D_TRY(const bool had, exists(state, role_key(id, role)));
        if (had) return true;
    }
    return false;
}

Result<bool> has_permission(State& state, const Address& id, std::uint64_t permission) {
    switch (permission) {
        case kModifyAdmin:
        case kModifyEnterprise:
        case kModifyProvider:
        case kModifyOperation: return has_role(state, id, kAdmin);
        case kModifyAsset:
        case kModifyTask: return has_role(state, id, kEnterprise);
        case kModifyAuthorize: return has_role(state, id, kProvider);
        default: return false;
    }
}

Result<std::vector<Address>> admins(State& state) {
    C2D_TRY(const auto record, get_record(state, kAdminsKey, 1));
    const std::string joined = record ? record->text(0) : std::string();
    std::vector<Address> out;
    for (std::size_t at = 0; at + 20 <= joined.size(); at += 20)
        out.push_back(Address::from(as_bytes(std::string_view(joined).substr(at, 20))).value());
    return out;
}

Result<Unit> add_role(Frame frame, const Address& id, std::uint64_t role) { return add_role_call(frame, id, role); }

Result<Unit> initialise(State& state, const Address& deployer, std::uint64_t edition) {
    put_number(state, role_key(deployer, kAdmin), kHeld);
    if (edition < 2) return Unit{};
    store_admins(state, {deployer});
    put_number(state, kEditionKey, edition);
    return Unit{};
}

Result<std::uint64_t> edition_of(State& state) {
    C2D_TRY(const auto record, get_record(state, kEditionKey, 1));
    return record ? record->number(0) : 1;
}

std::span<const Rule> role_controller_rules() {
    namespace f = role_controller;
    static constexpr Rule kRules[] = {kRule<f::kCheckPermission, check_permission>,
                                      kRule<f::kCheckRole, check_role>,
                                      kRule<f::kAddRole, add_role_call>,
                                      kRule2<f::kRemoveRole, remove_role>,
                                      kRule2<f::kGetAdmins, get_admins>,
                                      kRule2<f::kStartEdition, start_edition>,
                                      kRule2<f::kEdition, edition>};
    return kRules;
}

}  // namespace c2d::contracts
