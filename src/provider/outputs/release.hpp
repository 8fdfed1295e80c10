/// What leaves a provider of the log of a run that has ended.
#pragma once

#include "codec/json.hpp"
#include "provider/state/job_store.hpp"

namespace c2d::provider {

/// The run with `release`, and with `log` if it has ended and the terms release it. The operator's own
/// words may hold rows: they go out only as the owner's terms say, and not at all once a grant that
/// the run rests on was taken back.
Result<json::Value> released_log(const JobRun& run, bool owner);

}  // namespace c2d::provider
