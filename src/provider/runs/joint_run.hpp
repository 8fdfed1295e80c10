/// One party of a joint run between its relay and its sandbox: what its engine is told and leaves, and how it came out.
/// Providers run so, and who tries an operator out.
#pragma once

#include "base/kept_region.hpp"
#include "provider/peers/peer_relay.hpp"
#include "provider/runs/ended_run.hpp"
#include "provider/state/job_store.hpp"

#include <c2d/opening_rules.hpp>
#include <c2d/sandbox.hpp>

namespace c2d::provider {

/// What the engine is told, and nobody else: what keys are bound to must not be known to the operator. `clear`: it
/// computes in the clear, whatever the operator asks for.
std::string engine_start(unsigned party, const mpc::OpeningRules& rules, const PeerRelay& peers, bool clear = false);
/// The same of an attempt that writes checkpoints, or goes on from one.
std::string engine_start(const JobTerms& terms, const PeerRelay& peers, const JobRun& run,
                         std::chrono::seconds checkpoint_every);

/// The shares that the party has, and room for those that a run `keeps`. Fails with `limit`.
Result<Unit> add_kept_memory(const std::vector<KeptRecordBytes>& shares, bool keeps, SandboxEngine& engine);
/// What the engine left; of a run that did not succeed it is of no use. Nothing for what is none.
std::optional<std::vector<KeptRecordBytes>> take_kept(Report& report);

/// For the log.
std::string traffic_text(const FrameRelayReport& traffic);
/// What the operator came to, and whether it was its peers' doing.
/// `peer_gone`: the engine could not go on because a party was gone. An operator that fails then is not at fault.
EndedRun ended_joint_run(Report report, const std::optional<FrameRelayReport>& traffic, bool peer_gone);

}  // namespace c2d::provider
