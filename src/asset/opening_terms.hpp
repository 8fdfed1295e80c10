/// What the attributes of a service ask of everything that is opened: `minimum` and `release.reveal`.
#pragma once

#include "codec/json.hpp"

#include <c2d/opening_rules.hpp>
#include <c2d/result.hpp>

namespace c2d::asset {

/// Of what is not said: one row, a share of the weights as of equal rows, and nothing but results. Fails with `invalid_argument` and what is wrong.
Result<mpc::OpeningRules> opening_rules_of(const json::Value& attributes);

}  // namespace c2d::asset
