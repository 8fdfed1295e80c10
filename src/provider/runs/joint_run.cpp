#include "provider/runs/joint_run.hpp"

#include "base/checkpoint_area.hpp"
#include "base/engine_start.hpp"
#include "base/fail.hpp"
#include "base/secret.hpp"

#include <algorithm>

namespace c2d::provider {

namespace {

/// What a run may keep of shares.
constexpr std::size_t kKeptRoomBytes = std::size_t(16) << 20;

EngineStart start_of(unsigned party, const mpc::OpeningRules& rules, const PeerRelay& peers) {
    EngineStart start;
    start.party = party;
    start.rules = rules;
    for (std::size_t peer = 0; peer < std::min(kEngineParties, peers.session_bindings.size()); ++peer) {
        start.session_binding[peer] = peers.session_bindings[peer];
        if (peer >= peers.pre_shared.size()) continue;
        const BytesView secret = peers.pre_shared[peer].view();
        start.pre_shared[peer].assign(secret.begin(), secret.end());
    }
    return start;
}

}  // namespace

std::string engine_start(unsigned party, const mpc::OpeningRules& rules, const PeerRelay& peers, bool clear) {
    EngineStart start = start_of(party, rules, peers);
    start.clear = clear;
    return engine_start_text(start);
}

std::string engine_start(const JobTerms& terms, const PeerRelay& peers, const JobRun& run,
                         std::chrono::seconds checkpoint_every) {
    EngineStart start = start_of(terms.party, terms.rules, peers);
    start.attempt = run.attempt;
    start.checkpoint_ms = std::uint64_t(std::chrono::milliseconds(checkpoint_every).count());
    // All parties know by the terms of all whether there may be another attempt.
    start.checkpoint_bytes = run.attempts_max > 1 ? kCheckpointAreaBytes : 0;
    return engine_start_text(start);
}

Result<Unit> add_kept_memory(const std::vector<KeptRecordBytes>& shares, bool keeps, SandboxEngine& engine) {
    if (shares.empty() && !keeps) return Unit{};
    engine.kept.resize(kept_region_bytes(shares));
    const std::span<std::uint8_t> region(reinterpret_cast<std::uint8_t*>(engine.kept.data()), engine.kept.size());
    if (!write_kept_region(shares, region))
        return fail(Status::LIMIT, "a party uses at most {} model tokens, each with another output", kKeptRecordsMax);
    engine.kept_bytes = engine.kept.size() + (keeps ? kKeptRoomBytes : 0);
    return Unit{};
}

std::optional<std::vector<KeptRecordBytes>> take_kept(Report& report) {
    auto out =
        report.engine_kept.empty() ? std::vector<KeptRecordBytes>() : read_kept_region(as_bytes(report.engine_kept));
    clear_secret(report.engine_kept.data(), report.engine_kept.size());
    report.engine_kept.clear();
    return out;
}

std::string traffic_text(const FrameRelayReport& traffic) {
    return fmt::format("{} bytes to peers, {} from peers, {}", traffic.bytes_to_peers, traffic.bytes_from_peers,
                       frame_relay_end_name(traffic.end));
}

EndedRun ended_joint_run(Report report, const std::optional<FrameRelayReport>& traffic, bool peer_gone) {
    EndedRun ended{RunEnd::of(report), report.detail, std::move(report)};
    if (!traffic) return ended;
    if (ended.end.kind != RunEndKind::exited) return ended;
    if (traffic->end == FrameRelayReport::End::peer_lost) {
        ended.end = RunEnd::of_peer(RunEndKind::peer_lost, *traffic->party);
        ended.detail += "; " + traffic->detail;
    } else if (peer_gone && traffic->first_gone) {
        ended.end = RunEnd::of_peer(RunEndKind::peer_failed, *traffic->first_gone);
        ended.detail += fmt::format("; party {} ended before", *traffic->first_gone);
    }
    return ended;
}

}  // namespace c2d::provider
