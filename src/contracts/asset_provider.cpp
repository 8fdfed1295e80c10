#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

namespace c2d::contracts {

namespace {

std::string enterprise_key(const Address& id) { return key("enterprise/", id); }
std::string provider_key(const Address& id) { return key("provider/", id); }

/// Gives `id` the role if it lacks it, as this contract.
Result<Unit> ensure_role(Frame& frame, const Address& id, std::uint64_t role) {
    C2D_TRY(const bool has, has_role(frame.state, id, role));
    if (has) return Unit{};
    return add_role(frame.inner(frame.block.contracts.role_controller), id, role);
}

/// What an organisation is called, and what it says of itself.
struct Words {
    const std::string &name, &description;
};

void store_enterprise(Frame& frame, const Address& id, const Words& words) {
    frame.state.put(enterprise_key(id), RecordWriter().add(words.name).add(words.description).encode());
}

Result<std::uint64_t> register_enterprise_code(Frame& frame, const Address& id, const Words& words) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyEnterprise));
    if (!allowed) return std::uint64_t(kNoPermission);
    // The zero address counts as taken: it may neither be registered nor get a role.
    C2D_TRY(const bool known, is_enterprise(frame.state, id));
    if (known || id.is_zero()) return std::uint64_t(kEnterpriseExists);
    C2D_CHECK(ensure_role(frame, id, kEnterprise));
    store_enterprise(frame, id, words);
    return std::uint64_t(kSuccess);
}

Result<std::uint64_t> update_enterprise_code(Frame& frame, const Address& id, const Words& words) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyEnterprise));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool known, is_enterprise(frame.state, id));
    if (!known) return std::uint64_t(kEnterpriseUnknown);
    store_enterprise(frame, id, words);
    return std::uint64_t(kSuccess);
}

Result<Unit> register_enterprise(Frame& frame, const Address& id, const std::string& name,
                                 const std::string& description) {
    C2D_TRY(const auto code, register_enterprise_code(frame, id, {name, description}));
    frame.emit(asset_provider::kEnterpriseRegistered, id, name, description, code);
    return Unit{};
}

Result<Unit> update_enterprise(Frame& frame, const Address& id, const std::string& name,
                               const std::string& description) {
    C2D_TRY(const auto code, update_enterprise_code(frame, id, {name, description}));
    frame.emit(asset_provider::kEnterpriseRegistered, id, name, description, code);
    return Unit{};
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

Result<Unit> add_provider(Frame& frame, const Address& id) {
    C2D_TRY(const auto code, add_provider_code(frame, id));
    frame.emit(asset_provider::kProviderAdded, id, code);
    return Unit{};
}

Result<Unit> update_provider(Frame& frame, const Address& id) {
    C2D_TRY(const auto code, update_provider_code(frame, id));
    frame.emit(asset_provider::kProviderAdded, id, code);
    return Unit{};
}

Result<bool> is_provider_view(Frame& frame, const Address& id) { return is_provider(frame.state, id); }
Result<bool> is_enterprise_view(Frame& frame, const Address& id) { return is_enterprise(frame.state, id); }

Result<std::tuple<std::string, std::string>> get_enterprise(Frame& frame, const Address& id) {
    C2D_TRY(const auto record, get_record(frame.state, enterprise_key(id), 2));
    if (!record) return revert("no such organisation");
    return std::tuple(record->text(0), record->text(1));
}

Result<std::vector<std::string>> get_issuer_names(Frame& frame, const std::vector<Address>& ids) {
    std::vector<std::string> names;
    for (const auto& id : ids) {
        C2D_TRY(const auto record, get_record(frame.state, enterprise_key(id), 2));
        names.push_back(record ? record->text(0) : std::string());
    }
    return names;
}

}  // namespace

Result<bool> is_enterprise(State& state, const Address& id) { return exists(state, enterprise_key(id)); }
Result<bool> is_provider(State& state, const Address& id) { return exists(state, provider_key(id)); }

std::span<const Rule> asset_provider_rules() {
    namespace f = asset_provider;
    static constexpr Rule kRules[] = {kRule<f::kRegisterEnterprise, register_enterprise>,
                                      kRule<f::kUpdateEnterprise, update_enterprise>,
                                      kRule<f::kAddProvider, add_provider>,
                                      kRule<f::kUpdateProvider, update_provider>,
                                      kRule<f::kIsProvider, is_provider_view>,
                                      kRule<f::kIsEnterprise, is_enterprise_view>,
                                      kRule<f::kGetEnterprise, get_enterprise>,
                                      kRule<f::kGetIssuerNames, get_issuer_names>};
    return kRules;
}

}  // namespace c2d::contracts
