/// The one field list of each of the registry's records, for the C interface and the command line.
#pragma once

#include "asset/ddo.hpp"
#include "codec/json.hpp"

#include <c2d/asset_registry.hpp>

namespace c2d {

json::Value to_value(const ServiceOffer& service);
json::Value to_value(const FreeArgument& free);
/// Without its document.
json::Value to_value(const Asset& asset);
json::Value to_value(const OperatorTemplate& op);
json::Value to_value(const LeafRun& run);

namespace asset {

/// What `AssetRegistry::resolve` and `plan` give as JSON text, before it is written.
struct ReadAsset {
    /// With an empty `document_json`.
    Asset asset;
    json::Value document;
};
Result<ReadAsset> read_asset(const AssetRegistry& registry, const TokenId& dt);

/// Whether a service's `attributes` keep a joint computation from opening results over single rows.
bool guards_openings(const json::Value& attributes);

/// How the document of a token bounds grants of it.
Result<GrantTerms> grant_terms_of(const AssetRegistry& registry, const TokenId& dt);

struct PlannedRun {
    TokenId dt;
    std::string endpoint;
    /// In RFC 8785 order and numbers.
    json::Value arguments;
};
Result<std::vector<PlannedRun>> plan_runs(const AssetRegistry& registry, const TokenId& algorithm);

}  // namespace asset

}  // namespace c2d
