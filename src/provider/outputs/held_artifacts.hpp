/// What runs left here, as the owner is told of it.
#pragma once

#include "codec/json.hpp"
#include "provider/state/job_store.hpp"

#include <c2d/provider.hpp>

namespace c2d::provider {

/// Artifacts that an answer names at most: those of the newest jobs.
inline constexpr std::size_t kArtifactsListedMax = 256;

/// The artifacts of one job, or of all (0), as a list. Those of one job have `origin`, what a model token says of them,
/// once their run has a receipt.
Result<json::Value> held_artifacts(const ProviderOptions& options, JobStore& store, std::uint64_t job_id);

}  // namespace c2d::provider
