/// The bodies that a provider answers with.
#pragma once

#include "codec/json.hpp"
#include "provider/job_store.hpp"

#include <c2d/http.hpp>
#include <c2d/reason.hpp>

namespace c2d::provider {

/// {"error":{"code","message","request_id"}} with the reason's HTTP status.
HttpResponse refusal(Reason reason, const std::string& request_id);
HttpResponse success(const json::Value& body);
/// What a solver may know of a run: state, stage and outcome; no detail of the operator's.
json::Value run_status(const Run& run);

}  // namespace c2d::provider
