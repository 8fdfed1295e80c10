/// Where the artifact behind a model token comes from: `attributes.origin` of a leaf's service.
#pragma once

#include "codec/json.hpp"

#include <c2d/artifact.hpp>

namespace c2d::asset {

/// Nothing where there is none. Fails with `invalid_argument` and what is wrong.
Result<std::optional<ArtifactOrigin>> origin_of(const json::Value& attributes);

}  // namespace c2d::asset
