#include "provider/state/answers.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/transient.hpp"

namespace c2d::provider {

using json::Value;

namespace {

/// A path names tokens, of 77 bytes each, before it comes to the point.
constexpr std::size_t kPathBytesMax = 2 * kDisplayBytesMax;

}  // namespace

Error refused(Reason reason, std::string_view path, std::string_view expected, std::string_view found) {
    Error error = fail(Status::REFUSED, "{} at {}: expected {}, found {}", reason_name(reason),
                       display_text(path, kPathBytesMax), display_text(expected), display_text(found));
    error.name = reason_name(reason);
    return error;
}

Result<Unit> require(Result<Verdict> verdict) {
    if (!verdict) return verdict.error();
    if (verdict->accepted()) return Unit{};
    return refused(verdict->reason, verdict->path, verdict->expected, verdict->actual);
}

bool is_refusal(const Error& error) {
    return error.status == Status::REFUSED && error.source.empty() && parse_reason(error.name);
}

bool is_outage(const Error& error) { return is_transient(error) || error.status == Status::CANCELLED; }

Reason reason_of(const Error& error) {
    if (const auto named = parse_reason(error.name)) return *named;
    return is_outage(error) ? Reason::ledger_unavailable : Reason::internal;
}

HttpResponse refusal(Reason reason, const std::string& request_id, std::uint64_t wait) {
    Value error =
        Value::object({{"code", reason_name(reason)}, {"message", reason_text(reason)}, {"request_id", request_id}});
    if (wait > 0) error.set("retry_after", wait);
    HttpResponse out{reason_http_status(reason), "application/json",
                     json::compact(Value::object({{"error", std::move(error)}}))};
    if (wait > 0) out.headers.emplace_back("Retry-After", std::to_string(wait));
    return out;
}

HttpResponse success(const Value& body) { return {200, "application/json", json::compact(body)}; }

namespace {

/// What the operator did reaches the solver as one bit, since it may have read rows before: an exit
/// status, a limit that it ran into, are words that it can choose.
std::string outcome_for(const JobRun& run, bool owner) {
    if (!run.end) return {};
    const auto outcome = run.end->outcome();
    const bool whole = owner || run.release_exit || outcome != ReceiptOutcome::failed;
    return whole ? run.end->text() : receipt_outcome_name(outcome);
}

}  // namespace

Value run_status(const JobRun& run, bool owner) {
    json::Array outputs;
    for (const auto& name : run.outputs) outputs.push_back(name);
    Value body = Value::object({{"job_id", run.job_id},
                                {"party", run.party},
                                {"algo_dt", token_text(run.algo_dt)},
                                {"state", run_state_name(run.state)},
                                {"outcome", outcome_for(run, owner)},
                                {"attempt", run.attempt},
                                {"attempts_max", run.attempts_max},
                                {"again", run.waits_for_attempt()},
                                {"outputs", std::move(outputs)},
                                {"created", run.created},
                                {"updated", run.updated}});
    if (run.receipt)
        body.set("receipt",
                 Value::object({{"digest", hex_text(run.receipt_digest)},
                                {"posting", run.again_until != 0 ? "waiting" : posting_name(*run.receipt)}}));
    return body;
}

}  // namespace c2d::provider
