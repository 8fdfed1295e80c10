#include <c2d/published_schema.hpp>

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"
#include "table/values.hpp"

#include <optional>

namespace c2d {

Result<table::Schema> published_schema(const AssetRegistry& registry, const TokenId& dt) {
    C2D_TRY(const auto asset, registry.resolve(dt));
    C2D_TRY(const auto document, json::parse(asset.document_json));
    std::optional<table::Schema> out;
    const json::Value* const services = document.find("services");
    for (const json::Value& service : services ? services->items() : json::Array()) {
        const json::Value* const stated = service.at({"attributes", "schema"});
        if (!stated) continue;
        auto schema = table::schema_of(*stated);
        if (!schema)
            return fail(Status::INVALID_ARGUMENT, "attributes.schema of {}: {}", token_text(dt),
                        schema.error().message);
        if (out && *out != *schema)
            return fail(Status::INVALID_ARGUMENT, "the services of {} state different schemas", token_text(dt));
        out = *std::move(schema);
    }
    if (out) return *std::move(out);
    return fail(Status::NOT_FOUND, "the document of {} states no schema of its table", token_text(dt));
}

}  // namespace c2d
