/// What a provider tells the engine of a party before its operator runs, by a file that the operator never sees.
#pragma once

#include "base/secret.hpp"

#include <c2d/opening_rules.hpp>
#include <c2d/result.hpp>
#include <c2d/types.hpp>

#include <array>
#include <string>

namespace c2d {

inline constexpr std::size_t kEngineParties = 3;

struct EngineStart {
    unsigned party = 0;
    mpc::OpeningRules rules = {};
    /// By party: what the keys with it are bound to (`mpc::SessionOptions`). Zeros for itself.
    std::array<Bytes32, kEngineParties> session_binding = {};
    /// Secrets agreed on with each beforehand, of at most 64 bytes; empty: none.
    std::array<ClearedBytes, kEngineParties> pre_shared = {};
};

/// Whoever has the text knows what goes into the keys: clear it.
std::string engine_start_text(const EngineStart& start);
/// Fails with `invalid_argument`.
Result<EngineStart> engine_start_from(std::string_view text);

}  // namespace c2d
