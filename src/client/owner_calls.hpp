/// What an owner asks of its own provider.
#pragma once

#include "client/provider_call.hpp"

#include <optional>
#include <vector>

namespace c2d::client {

/// Requests for grants that wait at the provider of `dt`, which must answer; without it, at the provider of each token of
/// `owner`, as far as they answer.
Result<WaitingGrants> waiting_grants(const AssetRegistry& registry, const ProviderCall& call, const Address& owner,
                                     const std::optional<TokenId>& dt);

/// Closes or opens a token of `owner` at its provider.
Result<Unit> set_closed(const AssetRegistry& registry, const ProviderCall& call, const Address& owner,
                        const TokenId& dt, bool closed);

}  // namespace c2d::client
