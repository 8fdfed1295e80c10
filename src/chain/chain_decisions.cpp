// What an owner decided: about an organisation, about a token as a whole, and what was shown of it. Of edition 2 of the
// rules.
#include "chain/chain_impl.hpp"

#include <algorithm>

namespace c2d {

namespace c = contracts;

Bytes32 disclosure_kind(std::string_view name) {
    Bytes32 out;
    std::ranges::copy(name.substr(0, out.data.size()), out.data.begin());
    return out;
}

Result<Receipt> Chain::close_token(Signer& owner, const TokenId& dt) {
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    return impl_->calls.send(owner, c::dt_factory::kClose, dt);
}

Result<Receipt> Chain::open_token(Signer& owner, const TokenId& dt) {
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    return impl_->calls.send(owner, c::dt_factory::kOpen, dt);
}

Result<bool> Chain::is_closed(const TokenId& dt) const {
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    return impl_->calls.view(c::dt_factory::kIsClosed, dt);
}

Result<GrantDecision> Chain::decision(const TokenId& dt, const Address& composer) const {
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    C2D_TRY(const auto told, impl_->calls.view(c::dt_factory::kGetDecision, dt, composer));
    const auto& [grants, revoked_at, used, expiry, uses] = told;
    const auto units = impl_->network.time_units;
    return GrantDecision{grants, revoked_at / units, used, expiry / units, uses};
}

Result<DisclosureCount> Chain::disclosures(const TokenId& dt, const Address& composer, const Bytes32& kind) const {
    C2D_CHECK(impl_->require(&NetworkFeatures::edition_2));
    C2D_TRY(const auto told, impl_->calls.view(c::job_receipts::kGetDisclosures, dt, composer, kind));
    const auto& [of_organisation, total] = told;
    return DisclosureCount{of_organisation, total};
}

}  // namespace c2d
