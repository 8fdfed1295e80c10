/// The one field list of what an owner is told of a run.
#pragma once

#include "codec/json.hpp"

#include <c2d/operator_trial.hpp>
#include <c2d/provider.hpp>

namespace c2d {

json::Value to_value(const ProviderRun& run);
json::Value to_value(const TrialReport& report);

}  // namespace c2d
