/// What the document of a token says that its table is made of.
#pragma once

#include <c2d/asset_registry.hpp>
#include <c2d/table.hpp>

namespace c2d {

/// Names, types and roles of the columns of a token's table, as its document publishes them (`attributes.schema`). It
/// is the owner's word; its provider holds the table against it before each run. Fails with `not_found` where the
/// document states none, with `invalid_argument` where it is none, or its services state different ones, and as
/// `AssetRegistry::resolve`.
Result<table::Schema> published_schema(const AssetRegistry& registry, const TokenId& dt);

}  // namespace c2d
