/// How a run came out, before that is stored: its typed end and what the owner is told.
#pragma once

#include <c2d/run_end.hpp>

#include <optional>
#include <string>

namespace c2d::provider {

struct EndedRun {
    RunEnd end;
    /// One line, for the owner.
    std::string detail;
    /// Nothing when the operator was not started.
    std::optional<Report> report;

    static EndedRun early(RunEndKind kind, std::string detail) { return {{kind, {}}, std::move(detail), {}}; }
    /// A run that could not be prepared.
    static EndedRun of(const Error& error);
    /// The checks right before the launch said no. A document or a ledger that could not be read is
    /// nobody's refusal.
    static EndedRun of(const Verdict& verdict);
};

}  // namespace c2d::provider
