/// Artifacts as JSON.
#pragma once

#include "codec/json.hpp"

#include <c2d/artifact.hpp>

namespace c2d {

json::Value to_value(const Artifact& artifact);

namespace artifact {
/// Reads what `to_value` writes. Fails with `corrupt`.
Result<Artifact> artifact_from(std::string_view text);
Result<Artifact> artifact_from(const json::Value& value);
}  // namespace artifact

}  // namespace c2d
