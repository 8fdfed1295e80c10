/// How many different models may score over a table of ours: each tells its receiver a projection of the columns.
#pragma once

#include "base/kept_region.hpp"
#include "provider/state/owner_store.hpp"

#include <c2d/job_receipt.hpp>
#include <c2d/job_verifier.hpp>

#include <map>
#include <string>
#include <vector>

namespace c2d::provider {

/// Refused as `models_spent` where the job's models would be too many over one of its tables.
Result<Verdict> check_models(OwnerStore& owner, const JobTerms& terms);
/// The same, and from now on they count. `inputs`: the tables' files. A job that brings no model may still train one
/// and score with it: that counts, too, until `settle_trained_model`, and where a table has no room for it,
/// `terms.rules` let no scores be opened.
Result<Verdict> reserve_models(OwnerStore& owner, JobTerms& terms, const std::vector<ReceiptFile>& inputs);
/// After a job that brought none, where it is known what was opened: the model that it trained counts if scores were,
/// by what it kept of it.
Result<Unit> settle_trained_model(OwnerStore& owner, const JobTerms& terms, const std::vector<ReceiptFile>& inputs,
                                  const std::map<std::string, std::uint64_t>& disclosures,
                                  const std::vector<KeptRecordBytes>& kept);

}  // namespace c2d::provider
