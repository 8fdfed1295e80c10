/// What leaves a provider of a run that has ended: the operator's log as far as the terms allow, and
/// the named outputs.
#pragma once

#include "codec/json.hpp"
#include "provider/job_store.hpp"

namespace c2d::provider {

/// The run with `release`, and with `log` if it has ended and the terms release it. The operator's own
/// words may hold rows: they go out only as the owner's terms say.
Result<json::Value> released_log(const Run& run, bool owner);
/// The run with `files`, empty unless it succeeded. Fails with `limit` and the name `result_too_large`.
Result<json::Value> released_files(const Run& run);

}  // namespace c2d::provider
