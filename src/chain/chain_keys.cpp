// Who may do what: roles, legal ids, and which key speaks for whom. Of edition 2 of the rules.
#include "chain/chain_impl.hpp"

namespace c2d {

namespace c = contracts;

namespace {

Bytes32 type_of(KeyUse use) {
    switch (use) {
        case KeyUse::owner: return {};
        case KeyUse::grant: return c::identity::delegate_type(c::identity::kGrantType);
        case KeyUse::work: break;
    }
    return c::identity::delegate_type(c::identity::kWorkType);
}

Result<Unit> require_delegate(KeyUse use) {
    if (use != KeyUse::owner) return Unit{};
    return fail(Status::INVALID_ARGUMENT, "expected a delegate for \"grant\" or \"work\"; an owner key is changed");
}

}  // namespace

const char* key_use_name(KeyUse use) noexcept {
    switch (use) {
        case KeyUse::owner: return "owner";
        case KeyUse::grant: return "grant";
        case KeyUse::work: break;
    }
    return "work";
}

Result<std::uint64_t> Chain::edition() const { return impl_->edition(); }

// Administrator -----------------------------------------------------------------------------------

Result<Receipt> Chain::register_enterprise(Signer& admin, const Address& id, std::string_view name,
                                           std::string_view description, std::string_view legal_id) {
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    return impl_->calls.send(admin, c::asset_provider::kRegisterOrganisation, id, name, description, legal_id);
}

Result<Receipt> Chain::update_enterprise(Signer& admin, const Address& id, std::string_view name,
                                         std::string_view description, std::string_view legal_id) {
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    return impl_->calls.send(admin, c::asset_provider::kUpdateOrganisation, id, name, description, legal_id);
}

Result<Receipt> Chain::remove_role(Signer& admin, const Address& id, LedgerRole role) {
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    return impl_->calls.send(admin, c::role_controller::kRemoveRole, id, std::uint64_t(role));
}

Result<Receipt> Chain::restore_role(Signer& admin, const Address& id, LedgerRole role) {
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    return impl_->calls.send(admin, c::role_controller::kAddRole, id, std::uint64_t(role));
}

Result<Receipt> Chain::start_edition(Signer& admin, std::uint64_t edition) {
    // Not asked of the features: it is what brings them.
    if (impl_->network.salt.is_zero()) C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    return impl_->calls.send(admin, c::role_controller::kStartEdition, edition);
}

Result<bool> Chain::has_role(const Address& id, LedgerRole role) const {
    return impl_->calls.view(c::role_controller::kCheckRole, id, std::uint64_t(role));
}

Result<std::vector<Address>> Chain::admins() const {
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    return impl_->calls.view(c::role_controller::kGetAdmins);
}

Result<std::string> Chain::legal_id(const Address& id) const {
    C2D_TRY(const auto now, edition());
    if (now < 2) return std::string();
    return impl_->calls.view(c::asset_provider::kGetLegalId, id);
}

Result<Bytes32> Chain::organisation_of(const Address& id) const {
    C2D_TRY(const auto now, edition());
    if (now < 2) return abi::Value::of(id).word();
    return impl_->calls.view(c::asset_provider::kOrganisationOf, id);
}

// Keys --------------------------------------------------------------------------------------------

Result<OwnerChange> Chain::change_owner(Signer& signer, const Address& identity, const Address& owner) {
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    C2D_TRY(auto receipt, impl_->calls.send(signer, c::identity::kChangeOwner, identity, owner));
    const auto& at = impl_->at().identity;
    if (log_of(receipt, at, c::identity::kOwnerChanged)) return OwnerChange{std::move(receipt), std::nullopt};
    C2D_TRY(const auto proposed, event_of(receipt, at, c::identity::kOwnerProposed));
    const auto& [of, proposed_owner, by, valid_to, code] = proposed;
    const auto until = valid_to / impl_->network.time_units;
    return OwnerChange{std::move(receipt), until};
}

Result<Receipt> Chain::add_delegate(Signer& owner, const Address& identity, KeyUse use, const Address& delegate,
                                    std::uint64_t seconds) {
    C2D_CHECK(require_delegate(use));
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    const auto units = impl_->network.time_units;
    const auto validity = seconds > UINT64_MAX / units ? UINT64_MAX : seconds * units;
    return impl_->calls.send(owner, c::identity::kAddDelegate, identity, type_of(use), delegate, validity);
}

Result<Receipt> Chain::revoke_delegate(Signer& owner, const Address& identity, KeyUse use, const Address& delegate) {
    C2D_CHECK(require_delegate(use));
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    return impl_->calls.send(owner, c::identity::kRevokeDelegate, identity, type_of(use), delegate);
}

Result<Address> Chain::identity_owner(const Address& identity) const {
    C2D_TRY(const auto now, edition());
    if (now < 2) return identity;
    return impl_->calls.view(c::identity::kOwner, identity);
}

Result<bool> Chain::valid_delegate(const Address& identity, KeyUse use, const Address& delegate) const {
    C2D_TRY(const auto now, edition());
    if (now < 2) return false;
    return impl_->calls.view(c::identity::kValidDelegate, identity, type_of(use), delegate);
}

Result<bool> Chain::acts_for(const Address& sender, const Address& identity, KeyUse use) const {
    C2D_TRY(const auto now, edition());
    if (now < 2) return sender == identity;
    return impl_->calls.view(c::identity::kActsFor, sender, identity, type_of(use));
}

Result<Address> Chain::principal(const Address& sender, KeyUse use) const {
    C2D_TRY(const auto now, edition());
    if (now < 2) return sender;
    return impl_->calls.view(c::identity::kPrincipal, sender, type_of(use));
}

Result<Address> Chain::in_name_of(const Signer& key, KeyUse use) const {
    C2D_TRY(const auto stands_for, principal(key.address(), use));
    // A key that stands for nobody is refused as itself.
    return stands_for.is_zero() ? key.address() : stands_for;
}

}  // namespace c2d
