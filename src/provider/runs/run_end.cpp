#include <c2d/run_end.hpp>

#include "base/fail.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace c2d {

namespace {

struct Row {
    const char* name;
    int outcome;
    const char* text;
};

constexpr Row kRows[] = {
#define C2D_X(name, outcome, text) {#name, outcome, text},
    C2D_RUN_END_LIST(C2D_X)
#undef C2D_X
};

const Row& row(RunEndKind kind) { return kRows[std::size_t(kind)]; }

/// By convention: EX_DATAERR of sysexits.h, and the numbers of EDOM and ENOMEM.
constexpr int kExitInputUnusable = 65, kExitDomain = 33, kExitLimit = 12;

/// Overloads as one visitor.
template <class... F>
struct Overloaded : F... {
    using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;  // deduced without it by later compilers only

constexpr std::array kStatuses = {
#define C2D_X(name, number, text, meaning) Status::name,
    C2D_STATUS_LIST(C2D_X)
#undef C2D_X
};
constexpr ReceiptOutcome kOutcomes[] = {ReceiptOutcome::succeeded, ReceiptOutcome::failed, ReceiptOutcome::cancelled,
                                        ReceiptOutcome::refused, ReceiptOutcome::aborted};

/// The value of `list` that `name_of` gives `text` for.
template <class List, class NameOf>
auto named_in(const List& list, NameOf name_of, std::string_view text) {
    const auto found = std::ranges::find_if(list, [&](auto value) { return name_of(value) == text; });
    return found == std::end(list) ? std::nullopt : std::optional(*found);
}

std::optional<int> whole_number(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(number) : std::nullopt;
}

/// Those that were stored before parties were named have none.
bool names_party(RunEndKind kind) {
    return kind == RunEndKind::peer_missing || kind == RunEndKind::peer_lost || kind == RunEndKind::peer_failed;
}

}  // namespace

const char* run_end_kind_name(RunEndKind kind) noexcept { return row(kind).name; }
const char* run_end_kind_text(RunEndKind kind) noexcept { return row(kind).text; }

RunEnd RunEnd::exited(int status) {
    switch (status) {
        case 0: return {RunEndKind::succeeded, {}};
        case kExitInputUnusable: return {RunEndKind::input_unusable, {}};
        case kExitDomain: return {RunEndKind::domain, {}};
        case kExitLimit: return {RunEndKind::limit, {}};
        default: return {RunEndKind::exited, status};
    }
}

RunEnd RunEnd::of(const Report& report) {
    switch (report.outcome) {
        case Outcome::exited: return exited(report.exit_code);
        case Outcome::signaled: return {RunEndKind::signaled, {}};
        case Outcome::wall_timeout: return {RunEndKind::wall_timeout, {}};
        case Outcome::cpu_limit: return {RunEndKind::cpu_limit, {}};
        case Outcome::memory_limit: return {RunEndKind::memory_limit, {}};
        case Outcome::cancelled: return {RunEndKind::cancelled, {}};
        case Outcome::outputs_rejected: return {RunEndKind::outputs_rejected, {}};
        case Outcome::peer_missing: return {RunEndKind::peer_missing, {}};
        case Outcome::setup_failed: return {RunEndKind::setup_failed, {}};
        case Outcome::file_size_limit: return {RunEndKind::file_size_limit, {}};
        case Outcome::process_limit: return {RunEndKind::process_limit, {}};
    }
    return {RunEndKind::setup_failed, {}};
}

Result<RunEnd> RunEnd::parse(std::string_view kind, std::string_view named) {
    const auto found = std::ranges::find_if(kRows, [&](const Row& r) { return kind == r.name; });
    const auto unknown = [&] {
        return fail(Status::CORRUPT,
                    "expected the end of a run as include/c2d/run_ends.h lists them, found \"{}\" \"{}\"", kind, named);
    };
    if (found == std::end(kRows)) return unknown();
    RunEnd out{RunEndKind(found - std::begin(kRows)), {}};
    const auto take = [&](const auto& value) {
        if (value) out.named = *value;
        return value.has_value();
    };
    bool whole = named.empty();
    if (out.kind == RunEndKind::exited || (names_party(out.kind) && !whole)) {
        whole = take(whole_number(named));
    } else if (out.kind == RunEndKind::refused) {
        whole = take(parse_reason(named));
    } else if (out.kind == RunEndKind::not_prepared) {
        whole = take(named_in(kStatuses, status_name, named));
    } else if (out.kind == RunEndKind::recorded) {
        whole = take(named_in(kOutcomes, receipt_outcome_name, named));
    }
    if (!whole) return unknown();
    return out;
}

ReceiptOutcome RunEnd::outcome() const noexcept {
    if (const auto* there = std::get_if<ReceiptOutcome>(&named)) return *there;
    return ReceiptOutcome(row(kind).outcome);
}

bool RunEnd::may_be_tried_again() const noexcept {
    switch (kind) {
        case RunEndKind::peer_missing:
        case RunEndKind::peer_lost:
        // Whose operator ended decides at its own provider whether there is another attempt.
        case RunEndKind::peer_failed:
        case RunEndKind::interrupted:
        case RunEndKind::incomplete:
        case RunEndKind::ledger_unavailable:
        case RunEndKind::document_unavailable: return true;
        default: return false;
    }
}

std::string RunEnd::named_text() const {
    return std::visit(
        Overloaded{[](std::monostate) { return std::string(); }, [](int number) { return std::to_string(number); },
                   [](Reason reason) { return std::string(reason_name(reason)); },
                   [](Status status) { return std::string(status_name(status)); },
                   [](ReceiptOutcome outcome) { return std::string(receipt_outcome_name(outcome)); }},
        named);
}

std::string RunEnd::text() const {
    if (kind == RunEndKind::refused) return named_text();
    const auto what = named_text();
    return what.empty() ? row(kind).name : fmt::format("{} {}", row(kind).name, what);
}

}  // namespace c2d
