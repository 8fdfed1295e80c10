/// Where the artifact behind a model token comes from: `attributes.origin` of a leaf's service.
#pragma once

#include "asset/ddo.hpp"

#include <c2d/artifact.hpp>

namespace c2d::asset {

/// Nothing where there is none. Fails with `invalid_argument` and what is wrong.
Result<std::optional<ArtifactOrigin>> origin_of(const json::Value& attributes);
/// The same of the member's own value.
Result<ArtifactOrigin> read_origin_value(const json::Value& origin);
/// Of each service that has one of the documented form.
std::vector<ArtifactOrigin> origins_of(const std::vector<Service>& services);

}  // namespace c2d::asset
