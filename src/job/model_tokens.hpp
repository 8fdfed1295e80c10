/// What a job's model tokens must be: artifacts that receipts on the ledger name, of one run, each at the party that it
/// was of.
#pragma once

#include "asset/composition.hpp"
#include "job/parties.hpp"

#include <c2d/job_verifier.hpp>

namespace c2d::job {

/// Where the artifact behind a leaf comes from; nothing for a leaf that is no model token.
Verdict read_origin(const asset::Leaf& leaf, std::optional<ArtifactOrigin>& out);
/// Tokens of one output have one binding, and each party its own, where it was at the training. `models`: the bindings.
Verdict check_same_model(const std::vector<asset::Leaf>& leaves, const PartyPlan& plan, std::vector<Bytes32>& models);
/// The ledger has the receipt that each token names, with its artifact.
Result<Verdict> check_origins(const std::vector<asset::Leaf>& leaves, const Chain& chain);
/// `JobInput::models_max` of a leaf.
Verdict read_models_max(const asset::Leaf& leaf, std::uint64_t& out);

}  // namespace c2d::job
