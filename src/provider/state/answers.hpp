/// The bodies that a provider answers with.
#pragma once

#include "codec/json.hpp"
#include "provider/state/job_store.hpp"

#include <c2d/http.hpp>
#include <c2d/reason.hpp>

namespace c2d::provider {

/// A refusal as the way out of a handler: an error of status `refused`, named by the reason; where the
/// check failed, what was expected and found are its message, which is for the owner.
Error refused(Reason reason, std::string_view path, std::string_view expected, std::string_view found);
/// Goes on when the verdict accepts.
Result<Unit> require(Result<Verdict> verdict);
/// Whether a handler decided this, rather than failed.
bool is_refusal(const Error& error);
/// Whether the ledger, or what it stands on, did not answer in time.
bool is_outage(const Error& error);
/// What a requester is told of an error.
Reason reason_of(const Error& error);

/// {"error":{"code","message","request_id"}} with the reason's HTTP status. `wait`: after how many seconds to ask
/// again, in "retry_after" and the header Retry-After (RFC 9110); 0: nobody knows.
HttpResponse refusal(Reason reason, const std::string& request_id, std::uint64_t wait = 0);
HttpResponse success(const json::Value& body);
/// What a solver may know of a run: state, stage and end, no detail of the operator's; how the operator
/// failed only when the terms release it. The owner is told the end in any case.
json::Value run_status(const JobRun& run, bool owner = false);

}  // namespace c2d::provider
