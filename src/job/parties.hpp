/// Who computes with whom: parties of a joint computation, and the rule against collusion.
#pragma once

#include "asset/composition.hpp"

#include <c2d/job_verifier.hpp>

namespace c2d::job {

struct PartyRules {
    const std::vector<std::string>& accepted_parties;
    Address self;
    bool allow_collusion = false;
};

struct PartyPlan {
    asset::ProtocolTerms protocol;
    /// Ordered by number; empty for an operator that runs alone.
    std::vector<Party> parties;
    Bytes32 args_hash;
    bool collusion_overridden = false;
};

/// All leaves agree on operator and arguments but the party; every party is named, each by one
/// owner; owners are registered, have their role, and are accepted; no organisation, by legal id or name,
/// controls more parties than the protocol bears. Accepted: `out` is filled.
Result<Verdict> plan_parties(const Chain& chain, const std::vector<asset::Leaf>& leaves, const PartyRules& rules,
                             PartyPlan& out);

/// The party number in the arguments of a leaf.
std::optional<unsigned> party_of(const asset::Leaf& leaf, const asset::ProtocolTerms& protocol);

/// Did nobody take the role of an organisation that composes, solves or takes part?
Result<Verdict> check_role(const Chain& chain, const Address& organisation, std::string_view path);

/// Trimmed and case-folded: how organisations are told apart.
std::string organisation_key(std::string_view name);

}  // namespace c2d::job
