/// Results for the one party that the arguments name: nobody on the way to it, nor whoever has the job folder, reads
/// them.
#pragma once

#include "provider/state/job_store.hpp"

#include <c2d/job_verifier.hpp>
#include <c2d/sandbox.hpp>

namespace c2d::provider {

/// Puts in the place of each output that is released what it comes to, encrypted to `terms.results_to`; `report` has
/// the sizes and digests of what stands there then. In memory there is a part of a file at a time.
Result<Unit> encrypt_outputs(const JobRun& run, const JobTerms& terms, Random& random, Report& report);

}  // namespace c2d::provider
