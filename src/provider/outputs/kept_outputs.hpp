/// Outputs that stay with the party: from the run's folder into the provider's artifacts.
#pragma once

#include "artifact/artifact_key.hpp"
#include "base/kept_region.hpp"
#include "provider/state/job_store.hpp"

#include <c2d/artifact.hpp>
#include <c2d/job_receipt.hpp>
#include <c2d/provider.hpp>

namespace c2d::provider {

/// The artifacts of this provider's organisation.
Result<ArtifactStore> open_artifacts(const ProviderOptions& options);

/// The artifact key where it is in a token, which is opened then and held: a PIN or a key that is not right is heard of
/// at once, and no run logs in anew. Says to the log what its owner should hear of it.
Result<std::optional<artifact::ArtifactKey>> hold_token_key(const ProviderOptions& options);

/// Fails with `limit`, naming the output that is larger than its template declares.
Result<Unit> check_output_sizes(const JobTerms& terms, const Report& report);
/// Seals what the run wrote of `terms.kept_names`, and what its engine kept under these names: all of it is durable
/// when this returns, or none is left. Fails with `conflict` where the engine kept under a name that the template does
/// not declare.
Result<std::vector<ReceiptArtifact>> keep_outputs(const ProviderOptions& options, const JobRun& run,
                                                  const JobTerms& terms, const std::vector<KeptRecordBytes>& kept);
/// Removes the files that stand in the artifacts by now, or that nothing came of.
void remove_kept_files(const JobRun& run, const JobTerms& terms);
/// Removes all that a run wrote.
void remove_outputs(const JobRun& run);

/// Removes the artifacts of runs that did not succeed: what was sealed right before the last process ended. Only while
/// no run is under way. A run that the state does not know keeps what it has: an older state may have been restored.
Result<Unit> sweep_artifacts(const ProviderOptions& options, JobStore& store);

}  // namespace c2d::provider
