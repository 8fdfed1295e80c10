#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"
#include "crypto/hash.hpp"

#include <algorithm>

namespace c2d::contracts {

namespace {

constexpr Fields kEnterpriseFields{2, 3};  // name, description; legal id

std::string enterprise_key(const Address& id) { return key("enterprise/", id); }
std::string provider_key(const Address& id) { return key("provider/", id); }

Result<std::optional<Record>> find_enterprise(State& state, const Address& id) {
    return get_record(state, enterprise_key(id), kEnterpriseFields);
}

/// Gives `id` the role if it lacks it, as this contract.
Result<Unit> ensure_role(Frame& frame, const Address& id, std::uint64_t role) {
    C2D_TRY(const bool has, has_role(frame.state, id, role));
    if (has) return Unit{};
    return add_role(frame.inner(frame.block.contracts.role_controller), id, role);
}

/// What an organisation is called, and what it says of itself.
struct Words {
    const std::string &name, &description;
    /// Null: as it was.
    const std::string* legal_id = nullptr;
};

/// None, or an LEI, or COUNTRY:NUMBER: one writing for each, so that one organisation is not two.
bool is_legal_id(std::string_view given) {
    constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:-./";
    if (given.empty()) return true;
    return given.size() >= asset_provider::kLegalIdMin && given.size() <= asset_provider::kLegalIdMax &&
           given.find_first_not_of(kLetters) == std::string_view::npos;
}

Result<Unit> store_enterprise(Frame& frame, const Address& id, const Words& words) {
    RecordWriter record;
    record.add(words.name).add(words.description);
    if (frame.edition_2()) {
        C2D_TRY(const auto before, legal_id(frame.state, id));
        record.add(words.legal_id ? *words.legal_id : before);
    }
    frame.state.put(enterprise_key(id), record.encode());
    return Unit{};
}

Result<bool> is_administrator(Frame& frame, Permission permission) {
    C2D_TRY(const auto by, principal(frame, kOwnerKey));
    return has_permission(frame.state, by, permission);
}

/// From edition 2 on the key of another organisation gets no name of its own.
Result<bool> is_key_of_another(Frame& frame, const Address& id) {
    if (!frame.edition_2()) return false;
    return acts_for_another(frame.state, id);
}

Result<std::uint64_t> register_enterprise_code(Frame& frame, const Address& id, const Words& words) {
    C2D_TRY(const bool allowed, is_administrator(frame, kModifyEnterprise));
    if (!allowed) return std::uint64_t(kNoPermission);
    if (is_too_long(frame, words.name, words.description)) return std::uint64_t(kTextTooLong);
    // The zero address counts as taken: it may neither be registered nor get a role.
    C2D_TRY(const bool known, is_enterprise(frame.state, id));
    if (known || id.is_zero()) return std::uint64_t(kEnterpriseExists);
    C2D_TRY(const bool taken, is_key_of_another(frame, id));
    if (taken) return std::uint64_t(kKeyTaken);
    if (words.legal_id && !is_legal_id(*words.legal_id)) return std::uint64_t(kLegalIdMalformed);
    C2D_CHECK(ensure_role(frame, id, kEnterprise));
    C2D_CHECK(store_enterprise(frame, id, words));
    return std::uint64_t(kSuccess);
}

Result<std::uint64_t> update_enterprise_code(Frame& frame, const Address& id, const Words& words) {
    C2D_TRY(const bool allowed, is_administrator(frame, kModifyEnterprise));
    if (!allowed) return std::uint64_t(kNoPermission);
    if (is_too_long(frame, words.name, words.description)) return std::uint64_t(kTextTooLong);
    C2D_TRY(const bool known, is_enterprise(frame.state, id));
    if (!known) return std::uint64_t(kEnterpriseUnknown);
    if (words.legal_id && !is_legal_id(*words.legal_id)) return std::uint64_t(kLegalIdMalformed);
    C2D_CHECK(store_enterprise(frame, id, words));
    return std::uint64_t(kSuccess);
}

Result<Unit> register_with(Frame& frame, const Address& id, const Words& words) {
    C2D_TRY(const auto code, register_enterprise_code(frame, id, words));
    frame.emit(asset_provider::kEnterpriseRegistered, id, words.name, words.description, code);
    return Unit{};
}

Result<Unit> update_with(Frame& frame, const Address& id, const Words& words) {
    C2D_TRY(const auto code, update_enterprise_code(frame, id, words));
    frame.emit(asset_provider::kEnterpriseRegistered, id, words.name, words.description, code);
    return Unit{};
}

Result<Unit> register_enterprise(Frame& frame, const Address& id, const std::string& name,
                                 const std::string& description) {
    return register_with(frame, id, {name, description});
}

Result<Unit> update_enterprise(Frame& frame, const Address& id, const std::string& name,
                               const std::string& description) {
    return update_with(frame, id, {name, description});
}

Result<Unit> register_organisation(Frame& frame, const Address& id, const std::string& name,
                                   const std::string& description, const std::string& legal) {
    return register_with(frame, id, {name, description, &legal});
}

Result<Unit> update_organisation(Frame& frame, const Address& id, const std::string& name,
                                 const std::string& description, const std::string& legal) {
    return update_with(frame, id, {name, description, &legal});
}

Result<std::uint64_t> add_provider_code(Frame& frame, const Address& id) {
    C2D_TRY(const bool allowed, is_administrator(frame, kModifyProvider));
    if (!allowed) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool known, is_provider(frame.state, id));
    if (known || id.is_zero()) return std::uint64_t(kProviderExists);
    C2D_TRY(const bool taken, is_key_of_another(frame, id));
    if (taken) return std::uint64_t(kKeyTaken);
    C2D_CHECK(ensure_role(frame, id, kProvider));
    put_number(frame.state, provider_key(id), 0);  // the reputation
    return std::uint64_t(kSuccess);
}

/// Confirms a provider; the reputation stays what it is.
Result<std::uint64_t> update_provider_code(Frame& frame, const Address& id) {
    C2D_TRY(const bool allowed, is_administrator(frame, kModifyProvider));
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
    C2D_TRY(const auto record, find_enterprise(frame.state, id));
    if (!record) return revert("no such organisation");
    return std::tuple(record->text(0), record->text(1));
}

Result<std::vector<std::string>> get_issuer_names(Frame& frame, const std::vector<Address>& ids) {
    std::vector<std::string> names;
    for (const auto& id : ids) {
        C2D_TRY(const auto record, find_enterprise(frame.state, id));
        names.push_back(record ? record->text(0) : std::string());
    }
    return names;
}

Result<std::string> get_legal_id(Frame& frame, const Address& id) { return legal_id(frame.state, id); }

Result<Bytes32> organisation_of_view(Frame& frame, const Address& id) {
    C2D_TRY(const auto names, organisation_names(frame.state, id));
    return names.back();
}

Result<Address> identity_address(Frame& frame) { return frame.block.contracts.identity; }

}  // namespace

Result<bool> is_enterprise(State& state, const Address& id) { return exists(state, enterprise_key(id)); }
Result<bool> is_provider(State& state, const Address& id) { return exists(state, provider_key(id)); }

Result<std::string> legal_id(State& state, const Address& id) {
    C2D_TRY(const auto record, find_enterprise(state, id));
    return record ? record->text(2) : std::string();
}

Result<std::vector<Bytes32>> organisation_names(State& state, const Address& id) {
    std::vector<Bytes32> names(1);
    std::ranges::copy(id.data, names[0].data.end() - std::ptrdiff_t(id.data.size()));
    C2D_TRY(const auto legal, legal_id(state, id));
    if (!legal.empty()) names.push_back(keccak256(legal));
    return names;
}

std::span<const Rule> asset_provider_rules() {
    namespace f = asset_provider;
    static constexpr Rule kRules[] = {kRule<f::kRegisterEnterprise, register_enterprise>,
                                      kRule<f::kUpdateEnterprise, update_enterprise>,
                                      kRule<f::kAddProvider, add_provider>,
                                      kRule<f::kUpdateProvider, update_provider>,
                                      kRule<f::kIsProvider, is_provider_view>,
                                      kRule<f::kIsEnterprise, is_enterprise_view>,
                                      kRule<f::kGetEnterprise, get_enterprise>,
                                      kRule<f::kGetIssuerNames, get_issuer_names>,
                                      kRule2<f::kRegisterOrganisation, register_organisation>,
                                      kRule2<f::kUpdateOrganisation, update_organisation>,
                                      kRule2<f::kGetLegalId, get_legal_id>,
                                      kRule2<f::kOrganisationOf, organisation_of_view>,
                                      kRule2<f::kIdentity, identity_address>};
    return kRules;
}

}  // namespace c2d::contracts
