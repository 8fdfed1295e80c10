/// What an owner asks of its own provider.
#pragma once

#include "client/queue_calls.hpp"

#include <optional>
#include <vector>

namespace c2d::client {

/// Requests for grants that wait at the provider of `dt`, which must answer; without it, at the provider of each token
/// of `owner`, as far as they answer.
Result<WaitingGrants> waiting_grants(const AssetRegistry& registry, const ProviderCall& call, const Address& owner,
                                     const std::optional<TokenId>& dt);

/// What a job left with the providers of `owner`.
Result<std::vector<HeldArtifact>> artifacts_of(const AssetRegistry& registry, const ProviderCall& call,
                                               const Address& owner, std::uint64_t job_id);
/// The one of these that is there under this name; confirmed on the ledger.
Result<ArtifactOrigin> origin_of(const AssetRegistry& registry, const std::vector<HeldArtifact>& held,
                                 const Address& owner, std::string_view output, std::optional<unsigned> party);
/// The ledger confirms every artifact that these attributes of a token of `owner` name, and that its children do. What
/// is not of the documented form is passed over: publishing refuses it with all other problems.
Result<Unit> confirm_origins(const AssetRegistry& registry, std::string_view attributes_json, const Address& owner);
/// The provider of `dt`, a token of `owner`; without it the one that all its tokens name, or `invalid_argument`.
Result<OwnProvider> own_provider(const AssetRegistry& registry, const Address& owner, const std::optional<TokenId>& dt);

/// Closes or opens a token of `owner` at its provider.
Result<Unit> renew_grant(const AssetRegistry& registry, const ProviderCall& call, const Address& owner,
                         const TokenId& dt, const TokenId& cdt);
Result<Unit> set_closed(const AssetRegistry& registry, const ProviderCall& call, const Address& owner,
                        const TokenId& dt, bool closed);

}  // namespace c2d::client
