#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

namespace c2d::contracts {

namespace {

std::string role_key(const Address& id, std::uint64_t role) { return key("role/", id, role); }

Result<bool> check_permission(Frame& frame, const Address& id, std::uint64_t permission) {
    return has_permission(frame.state, id, permission);
}

Result<bool> check_role(Frame& frame, const Address& id, std::uint64_t role) { return has_role(frame.state, id, role); }

/// Admins are made by admins; the other roles only by AssetProvider, so that a role and its record
/// cannot disagree. The caller decides, never the origin of the transaction.
Result<bool> may_add(Frame& frame, std::uint64_t role) {
    if (role == kAdmin) return has_permission(frame.state, frame.caller, kModifyAdmin);
    return (role == kEnterprise || role == kProvider) && frame.caller == frame.block.contracts.asset_provider;
}

Result<std::uint64_t> decide_add(Frame& frame, const Address& id, std::uint64_t role) {
    C2D_TRY(const bool allowed, may_add(frame, role));
    if (!allowed || id.is_zero()) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool has, has_role(frame.state, id, role));
    return std::uint64_t(has ? kRoleExists : kSuccess);
}

Result<Unit> add_role_call(Frame& frame, const Address& id, const Uint256& role) {
    C2D_TRY(const auto code, decide_add(frame, id, role.number()));
    if (code == kSuccess) put_number(frame.state, role_key(id, role.number()), 1);
    frame.emit(role_controller::kRoleAdded, id, role, code);
    return Unit{};
}

}  // namespace

Result<bool> has_role(State& state, const Address& id, std::uint64_t role) {
    if (role != kAdmin && role != kEnterprise && role != kProvider) return false;
    return exists(state, role_key(id, role));
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

Result<Unit> add_role(Frame frame, const Address& id, std::uint64_t role) { return add_role_call(frame, id, role); }

Result<Unit> initialise(State& state, const Address& deployer) {
    put_number(state, role_key(deployer, kAdmin), 1);
    return Unit{};
}

std::span<const Rule> role_controller_rules() {
    namespace f = role_controller;
    static constexpr Rule kRules[] = {kRule<f::kCheckPermission, check_permission>, kRule<f::kCheckRole, check_role>,
                                      kRule<f::kAddRole, add_role_call>};
    return kRules;
}

}  // namespace c2d::contracts
