#include "provider/ended_run.hpp"

#include <fmt/format.h>

namespace c2d::provider {

EndedRun EndedRun::of(const Error& error) {
    switch (error.status) {
        case Status::CANCELLED: return early(RunEndKind::cancelled, error.message);
        // What connecting to a party fails with names it (src/net/peer_channel.hpp).
        case Status::PEER:
            return {error.name.empty() ? RunEnd{RunEndKind::peer_missing, {}}
                                       : RunEnd::of_peer(RunEndKind::peer_missing, unsigned(error.code)),
                    error.message,
                    {}};
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
