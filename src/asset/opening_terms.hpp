/// What the attributes of a service ask of everything that is opened: `minimum` and `release.reveal`.
#pragma once

#include "codec/json.hpp"

#include <c2d/opening_rules.hpp>
#include <c2d/result.hpp>

namespace c2d::asset {

/// Of what is not said: one row, a share of the weights as of equal rows, and nothing but results. Fails with
/// `invalid_argument` and what is wrong.
Result<mpc::OpeningRules> opening_rules_of(const json::Value& attributes);
/// How many different models may score over the service's table: `attributes.models_max`, else a quarter of the columns
/// that its schema states, at least one. 0: it has no table. Fails with `invalid_argument`.
Result<std::uint64_t> models_max_of(const json::Value& attributes);

}  // namespace c2d::asset
