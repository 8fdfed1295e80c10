/// `attributes.runtime` of a service: which c2d its owner accepts, at every party of a run.
#pragma once

#include "codec/json.hpp"

#include <c2d/job_receipt.hpp>
#include <c2d/result.hpp>

#include <vector>

namespace c2d::asset {

/// Empty where nothing is said: any. Fails with `invalid_argument` and what is wrong.
Result<std::vector<AcceptedRuntime>> runtime_terms_of(const json::Value& attributes);

}  // namespace c2d::asset
