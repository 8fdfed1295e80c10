/// Which endpoints a provider lets its runs use.
#pragma once

#include "base/secret.hpp"

#include <c2d/provider.hpp>

namespace c2d::provider {

struct HostPort {
    std::string host;
    std::uint16_t port = 0;
};
/// "host:port" or "[v6]:port".
Result<HostPort> parse_endpoint(std::string_view text);

/// True when our own endpoint may use this port.
bool port_allowed(const PeerPolicy& policy, std::uint16_t port);
/// True when a peer may have this numeric address: a public one, or one inside `networks`.
bool address_allowed(const PeerPolicy& policy, std::string_view ip);
/// True when a peer is known to call from this numeric address: one inside `sources`.
bool source_known(const PeerPolicy& policy, std::string_view ip);
/// The secret that was agreed on with `organisation`, as keys take it: SHA-256 of the file's text. Empty without one.
Result<SecretBytes> pre_shared_with(const PeerPolicy& policy, const Address& organisation);
/// The entries of `networks` and `sources` that are no CIDR, and secrets that cannot be read, a line each.
std::vector<std::string> policy_problems(const PeerPolicy& policy);

/// What the arguments of an accepted job ask of this provider's network.
Verdict check_endpoints(const PeerPolicy& policy, const JobTerms& terms);

/// Every other party's provider speaks a protocol that ours does, as far as the requester says what it speaks. Refuses
/// with `peer_version`, so that no operator is started on data which could not compute with the others.
Verdict check_protocols(const JobTerms& terms, const Address& self, const PeerProtocols& protocols);

}  // namespace c2d::provider
