/// What a provider tells the engine of a party before its operator runs, by a file that the operator never sees.
#pragma once

#include <c2d/opening_rules.hpp>
#include <c2d/result.hpp>

#include <string>

namespace c2d {

struct EngineStart {
    unsigned party = 0;
    mpc::OpeningRules rules = {};
};

std::string engine_start_text(const EngineStart& start);
/// Fails with `invalid_argument`.
Result<EngineStart> engine_start_from(std::string_view text);

}  // namespace c2d
