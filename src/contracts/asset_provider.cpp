#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

namespace c2d::contracts {

namespace {

using Values = std::vector<abi::Value>;

std::string enterprise_key(const Address& id) { return key("enterprise/", id); }
std::string provider_key(const Address& id) { return key("provider/", id); }

/// Gives `id` the role if it lacks it, as this contract.
Result<Unit> ensure_role(Frame& frame, const Address& id, std::uint64_t role) {
    C2D_TRY(const bool has, has_role(frame.state, id, role));
    if (has) return Unit{};
    return add_role(frame.inner(frame.block.contracts.role_controller), id, role);
}

void store_enterprise(Frame& frame, const Address& id) {
    frame.state.put(enterprise_key(id),
                    RecordWriter().add(frame.arguments[1].text()).add(frame.arguments[2].text()).encode());
}

Result<std::uint64_t> register_enterprise_code(Frame& frame, const Address& id) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyEnterprise));
    if (!allowed) return std::uint64_t(kNoPermission);
    // The zero address counts as taken: it may neither be registered nor get a role.
    C2D_TRY(const bool known, is_enterprise(frame.state, id));
    if (known || id.is_zero()) return std::uint64_t(kEnterpriseExists);
    C2D_CHECK(ensure_role(frame, id, kEnterprise));
    store_enterprise(frame, id);
    return std::uint64_t(kSuccess);
}

Result<std::uint64_t> update_enterprise_code(Frame& frame, const Address& id) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyEnterprise));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool known, is_enterprise(frame.state, id));
    if (!known) return std::uint64_t(kEnterpriseUnknown);
    store_enterprise(frame, id);
    return std::uint64_t(kSuccess);
}

void emit_enterprise(Frame& frame, std::uint64_t code) {
    frame.emit(asset_provider::kEnterpriseRegistered,
               {frame.arguments[0], frame.arguments[1], frame.arguments[2], abi::Value::of(code)});
}

Result<Values> register_enterprise(Frame& frame) {
    C2D_TRY(const auto code, register_enterprise_code(frame, frame.arguments[0].address()));
    emit_enterprise(frame, code);
    return Values{};
}

Result<Values> update_enterprise(Frame& frame) {
    C2D_TRY(const auto code, update_enterprise_code(frame, frame.arguments[0].address()));
    emit_enterprise(frame, code);
    return Values{};
}

Result<std::uint64_t> add_provider_code(Frame& frame, const Address& id) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyProvider));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool known, is_provider(frame.state, id));
    if (known || id.is_zero()) return std::uint64_t(kProviderExists);
    C2D_CHECK(ensure_role(frame, id, kProvider));
    put_number(frame.state, provider_key(id), 0);  // the reputation
    return std::uint64_t(kSuccess);
}

/// Confirms a provider; the reputation stays what it is.
Result<std::uint64_t> update_provider_code(Frame& frame, const Address& id) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyProvider));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool known, is_provider(frame.state, id));
    return std::uint64_t(known ? kSuccess : kProviderUnknown);
}

Result<Values> add_provider(Frame& frame) {
    C2D_TRY(const auto code, add_provider_code(frame, frame.arguments[0].address()));
    frame.emit(asset_provider::kProviderAdded, {frame.arguments[0], abi::Value::of(code)});
    return Values{};
}

Result<Values> update_provider(Frame& frame) {
    C2D_TRY(const auto code, update_provider_code(frame, frame.arguments[0].address()));
    frame.emit(asset_provider::kProviderAdded, {frame.arguments[0], abi::Value::of(code)});
    return Values{};
}

Result<Values> is_provider_view(Frame& frame) {
    C2D_TRY(const bool known, is_provider(frame.state, frame.arguments[0].address()));
    return Values{abi::Value::of(known)};
}

Result<Values> is_enterprise_view(Frame& frame) {
    C2D_TRY(const bool known, is_enterprise(frame.state, frame.arguments[0].address()));
    return Values{abi::Value::of(known)};
}

Result<Values> get_enterprise(Frame& frame) {
    C2D_TRY(const auto record, get_record(frame.state, enterprise_key(frame.arguments[0].address()), 2));
    if (!record) return revert("no such organisation");
    return Values{abi::Value::text(record->text(0)), abi::Value::text(record->text(1))};
}

Result<Values> get_issuer_names(Frame& frame) {
    Values names;
    for (const auto& id : frame.arguments[0].list()) {
        C2D_TRY(const auto record, get_record(frame.state, enterprise_key(id.address()), 2));
        names.push_back(abi::Value::text(record ? record->text(0) : std::string()));
    }
    return Values{abi::Value::list(std::move(names))};
}

}  // namespace

Result<bool> is_enterprise(State& state, const Address& id) { return exists(state, enterprise_key(id)); }
Result<bool> is_provider(State& state, const Address& id) { return exists(state, provider_key(id)); }

std::span<const Rule> asset_provider_rules() {
    namespace f = asset_provider;
    static constexpr Rule kRules[] = {{f::kRegisterEnterprise, register_enterprise},
                                      {f::kUpdateEnterprise, update_enterprise},
                                      {f::kAddProvider, add_provider},
                                      {f::kUpdateProvider, update_provider},
                                      {f::kIsProvider, is_provider_view},
                                      {f::kIsEnterprise, is_enterprise_view},
                                      {f::kGetEnterprise, get_enterprise},
                                      {f::kGetIssuerNames, get_issuer_names}};
    return kRules;
}

}  // namespace c2d::contracts
