/// How many counts of labels in bins may still be opened of a table of ours: each is a linear equation in the labels,
/// so the number in its terms (`release.label_counts`) bounds all jobs, grants and tokens of the table together.
/// docs/mpc/woe.md.
#pragma once

#include "provider/state/owner_store.hpp"

#include <c2d/chain.hpp>
#include <c2d/job_receipt.hpp>
#include <c2d/job_verifier.hpp>

#include <map>
#include <string>
#include <vector>

namespace c2d::provider {

/// Refused as `budget_spent` where the job says that it opens more (`model_args.open_counts`) than is left.
Result<Verdict> check_label_counts(OwnerStore& owner, const Chain& chain, const JobTerms& terms);
/// The same, and what it may open is set aside, before the run: what it says, or all that is left where it says
/// nothing. From then on `terms.rules` let so many be opened.
Result<Verdict> reserve_label_counts(OwnerStore& owner, const Chain& chain, JobTerms& terms,
                                     const std::vector<ReceiptFile>& inputs);
/// After the run: what it opened, in place of what was set aside.
Result<Unit> settle_label_counts(OwnerStore& owner, const JobTerms& terms,
                                 const std::map<std::string, std::uint64_t>& disclosures);

}  // namespace c2d::provider
