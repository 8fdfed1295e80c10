/// What parties ask of openings, as they tell each other when a session opens.
#pragma once

#include <c2d/mpc.hpp>

namespace c2d::mpc {

/// Fails with `invalid_argument` for a share outside (0, 1].
Result<Unit> check_rules(const OpeningRules& rules);
std::string rules_text(const OpeningRules& rules);
/// Fails with `peer` for what is no text of rules.
Result<OpeningRules> rules_from(std::string_view text);
/// What satisfies both.
OpeningRules strictest(const OpeningRules& a, const OpeningRules& b);

}  // namespace c2d::mpc
