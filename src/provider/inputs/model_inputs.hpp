/// The artifacts behind model tokens: opened for a run, the file for its operator and the shares for its engine alone.
#pragma once

#include "base/file.hpp"
#include "base/kept_region.hpp"
#include "provider/state/job_store.hpp"

#include <c2d/provider.hpp>

namespace c2d::provider {

/// Is the artifact there, and what the token says of it? Fails with `not_found` or `conflict`, in the owner's words.
Result<Unit> check_model(const ProviderOptions& options, const JobInput& input);
/// The file that the run's operator wrote, in memory. As `check_model`, and with `corrupt` where it does not open.
Result<Fd> open_model_file(const ProviderOptions& options, const JobInput& input);
/// What an engine kept, of all inputs that are model tokens.
Result<std::vector<KeptRecordBytes>> open_model_shares(const ProviderOptions& options, const JobTerms& terms);

}  // namespace c2d::provider
