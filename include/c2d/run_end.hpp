/// How a provider's run ended; one table for every language, c2d/run_ends.h.
#pragma once

#include <c2d/chain.hpp>
#include <c2d/reason.hpp>
#include <c2d/run_ends.h>
#include <c2d/sandbox.hpp>

#include <string>
#include <variant>

namespace c2d {

/// Every end of c2d/run_ends.h.
enum class RunEndKind {
#define C2D_X(name, outcome, text) name,
    C2D_RUN_END_LIST(C2D_X)
#undef C2D_X
};
/// The stable name, for example "peer_lost".
const char* run_end_kind_name(RunEndKind kind) noexcept;
/// One English sentence without a full stop.
const char* run_end_kind_text(RunEndKind kind) noexcept;

/// A run's end: its kind and, where the table says so, what it names.
struct RunEnd {
    RunEndKind kind = RunEndKind::setup_failed;
    /// `exited`: the exit status; `peer_missing`, `peer_lost`, `peer_failed`: the party's number, where it is known;
    /// `refused`: the reason; `not_prepared`: the status; `recorded`: the outcome; else nothing.
    std::variant<std::monostate, int, Reason, Status, ReceiptOutcome> named;

    /// The end of an operator that exited: `succeeded` for 0, and what the statuses of the table mean.
    static RunEnd exited(int status);
    static RunEnd refused(Reason reason) { return {RunEndKind::refused, reason}; }
    static RunEnd not_prepared(Status status) { return {RunEndKind::not_prepared, status}; }
    /// `peer_missing`, `peer_lost` or `peer_failed`, of a party.
    static RunEnd of_peer(RunEndKind kind, unsigned party) { return {kind, int(party)}; }
    static RunEnd recorded(ReceiptOutcome outcome) { return {RunEndKind::recorded, outcome}; }
    /// What a sandbox's report comes to.
    static RunEnd of(const Report& report);
    /// Of the stable name of a kind and the text of what it names. Fails with `corrupt`.
    static Result<RunEnd> parse(std::string_view kind, std::string_view named);

    /// What the ledger says of it.
    ReceiptOutcome outcome() const noexcept;
    /// Nothing of the run's own ended it: its peers, its provider or what it was to read were gone. The job may be
    /// tried again where the terms allow another attempt.
    bool may_be_tried_again() const noexcept;
    /// What it names, as text: "3", "template_changed", "io"; empty for nothing.
    std::string named_text() const;
    /// For people: "exited 3", "template_changed", "not_prepared io", "peer_lost 1".
    std::string text() const;
    bool operator==(const RunEnd&) const = default;
};

}  // namespace c2d
