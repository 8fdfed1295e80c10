/// What is asked of openings, as text: so parties tell each other when a session opens, and a provider tells its
/// engine.
#pragma once

#include <c2d/opening_rules.hpp>
#include <c2d/result.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace c2d::mpc {

/// Counts of labels that an owner may let be opened.
inline constexpr std::size_t kLabelCountsMax = 1'000'000;
/// Columns that are named of a row, at most.
inline constexpr std::size_t kReasonCodesMax = 10;

/// Fails with `invalid_argument` for a share outside (0, 1], or a minimum or number of counts beyond its bound.
Result<Unit> check_rules(const OpeningRules& rules);
std::string rules_text(const OpeningRules& rules);
/// Nothing for what is no text of rules.
std::optional<OpeningRules> rules_from(std::string_view text);
/// What satisfies both.
AlignmentRules strictest(const AlignmentRules& a, const AlignmentRules& b);
OpeningRules strictest(const OpeningRules& a, const OpeningRules& b);

}  // namespace c2d::mpc
