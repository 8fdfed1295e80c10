/// What the runs of a job may release, as the verified arguments spell it.
#pragma once

#include "asset/composition.hpp"

#include <c2d/asset_registry.hpp>

namespace c2d::job {

/// A result is sent in pieces of at most this many bytes, each an answer of its own.
inline constexpr std::uint64_t kResultPieceBytes = std::uint64_t(1) << 20;

/// The names that one party's entry of `outputs` spells: one path or a list of them. An operator
/// that runs alone may name them directly. `wrong`: the first that is no ./outputs/NAME, or there twice.
std::vector<std::string> named_outputs(const json::Value& outputs, bool joint, unsigned party, std::string& wrong);

/// The same of a leaf's arguments, as its template declares outputs. Accepted: `names` has each once, as `plain_name`
/// takes it.
Verdict output_names(const asset::Leaf& leaf, bool joint, unsigned party, std::vector<std::string>& names);

/// What every party keeps, as the template declares it.
std::vector<std::string> kept_names(const asset::Leaf& leaf);

/// Whom the arguments name to encrypt what is released to (`results_to`), `age1…`; empty, as where they say "": nobody.
/// Refused as `argument_refused` where it is no such recipient.
Verdict results_to(const asset::Leaf& leaf, std::string& recipient);

/// One run of a job: one party, or one leaf whose operator runs alone.
struct RunOutputs {
    /// The first of its data tokens, and who answers for it where.
    TokenId dt;
    Address owner;
    std::string endpoint;
    unsigned party = 0;
    std::vector<std::string> names;
    /// All runs are one computation.
    bool joint = false;
};

/// The runs of an Algorithm from the documents on the ledger: nobody is asked what it would
/// release. Fails with `refused` and the name of the reason when the terms do not hold.
Result<std::vector<RunOutputs>> outputs_of_runs(const AssetRegistry& registry, const TokenId& algorithm);

}  // namespace c2d::job
