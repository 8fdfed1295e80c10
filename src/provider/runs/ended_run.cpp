#include "provider/runs/ended_run.hpp"

#include <fmt/format.h>

namespace c2d::provider {

namespace {

RunEnd end_by_peer(const Error& error) {
    if (error.name.empty()) return {RunEndKind::peer_missing, {}};
    if (error.name == run_end_kind_name(RunEndKind::input_unusable)) return {RunEndKind::input_unusable, {}};
    for (const auto kind : {RunEndKind::peer_lost, RunEndKind::peer_failed})
        if (error.name == run_end_kind_name(kind)) return RunEnd::of_peer(kind, unsigned(error.code));
    return RunEnd::of_peer(RunEndKind::peer_missing, unsigned(error.code));
}

}  // namespace

EndedRun EndedRun::of(const Error& error) {
    switch (error.status) {
        case Status::CANCELLED: return early(RunEndKind::cancelled, error.message);
        // What connecting to a party fails with names it (src/net/peer_channel.hpp).
        case Status::PEER: return {end_by_peer(error), error.message, {}};
        case Status::UNAVAILABLE:
        case Status::TIMEOUT: return early(RunEndKind::ledger_unavailable, error.message);
        default: return {RunEnd::not_prepared(error.status), error.message, {}};
    }
}

EndedRun EndedRun::of(const Verdict& verdict) {
    auto detail = fmt::format("refused at launch: {} at {}: expected {}, found {}", reason_text(verdict.reason),
                              verdict.path, verdict.expected, verdict.actual);
    if (verdict.reason == Reason::document_unavailable)
        return early(RunEndKind::document_unavailable, std::move(detail));
    return {RunEnd::refused(verdict.reason), std::move(detail), {}};
}

}  // namespace c2d::provider
