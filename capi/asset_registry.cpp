#include <c2d/capi/asset_registry.h>
#include <c2d/settings.hpp>

#include "handles.hpp"
#include "json_text.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give_text;
using c2d::capi::guard;
using c2d::capi::json_list;
using c2d::capi::json_text;
using c2d::capi::JsonObject;
using c2d::capi::optional_token;

namespace {

Result<c2d::OperatorDraft> to_cpp(const c2d_operator_draft* given) {
    C2D_TRY(const c2d_operator_draft draft, c2d::capi::read_options(given));
    C2D_CAPI_NEED(draft.metadata_json, draft.operation, draft.params_json);
    c2d::OperatorDraft out;
    out.metadata_json = draft.metadata_json;
    out.operation = draft.operation;
    out.params_json = draft.params_json;
    C2D_TRY(out.id, optional_token(draft.id));
    return out;
}

std::string service_json(const c2d::ServiceOffer& service) {
    return JsonObject()
        .text("index", service.index)
        .text("endpoint", service.endpoint)
        .raw("template", service.op_template ? json_text(c2d::token_text(*service.op_template)) : "null")
        .str();
}

std::string free_json(const c2d::FreeArgument& free) {
    return JsonObject().text("service", free.service).text("argument", free.argument).text("allows", free.allows).str();
}

JsonObject asset_json(const c2d::Asset& asset) {
    JsonObject out;
    out.text("dt", c2d::token_text(asset.record.id))
        .text("name", asset.name)
        .text("type", asset.type)
        .text("owner", c2d::address_text(asset.record.owner))
        .flag("active", asset.active)
        .flag("is_leaf", asset.record.is_leaf)
        .text("checksum", c2d::hex_text(asset.record.checksum))
        .text("cid", asset.record.document)
        .number("block", asset.record.block_updated)
        .raw("children",
             json_list(asset.children, [](const c2d::TokenId& id) { return json_text(c2d::token_text(id)); }))
        .raw("services", json_list(asset.services, service_json))
        .raw("free", json_list(asset.free, free_json));
    return out;
}

std::string operator_json(const c2d::OperatorTemplate& found) {
    return JsonObject()
        .text("tid", c2d::token_text(found.id))
        .text("name", found.record.name)
        .text("publisher", c2d::address_text(found.record.publisher))
        .text("checksum", c2d::hex_text(found.record.checksum))
        .text("cid", found.record.document)
        .number("block", found.record.block_updated)
        .text("operation", found.operation)
        .raw("params", found.params_json)
        .raw("document", found.document_json)
        .str();
}

/// A read that is put out as JSON.
template <class Read>
c2d_status json_read(const c2d_asset_registry* registry, char** out, c2d_error** error, Read read) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, out);
        C2D_TRY(const std::string json, read(registry->value));
        return give_text(json, out);
    });
}

}  // namespace

extern "C" {

void c2d_asset_registry_options_init(c2d_asset_registry_options* options) {
    if (options) *options = C2D_ASSET_REGISTRY_OPTIONS_INIT;
}

void c2d_operator_draft_init(c2d_operator_draft* draft) {
    if (draft) *draft = C2D_OPERATOR_DRAFT_INIT;
}

c2d_status c2d_asset_registry_open(const c2d_chain* chain, const c2d_asset_registry_options* options,
                                   c2d_asset_registry** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(chain, options, out);
        C2D_TRY(const c2d_asset_registry_options given, c2d::capi::read_options(options));
        C2D_CAPI_NEED(given.documents);
        c2d::AssetRegistryOptions wanted;
        wanted.documents = given.documents->value;
        wanted.accept_legacy_checksum = given.accept_legacy_checksum != 0;
        c2d::capi::use_environment(given.environment, wanted);
        C2D_TRY(c2d::AssetRegistry registry, c2d::AssetRegistry::open(chain->value, std::move(wanted)));
        *out = new c2d_asset_registry{std::move(registry)};
        return Unit{};
    });
}

c2d_status c2d_asset_registry_open_config(const char* path, const c2d_environment* environment,
                                          c2d_asset_registry** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(out);
        C2D_TRY(const c2d::Config config, c2d::read_config(std::string(c2d::capi::text_or_empty(path))));
        c2d::ConfigOverrides overrides;
        c2d::capi::use_environment(environment, overrides);
        C2D_TRY(c2d::AssetRegistry registry, c2d::open_registry(config, overrides));
        *out = new c2d_asset_registry{std::move(registry)};
        return Unit{};
    });
}

c2d_status c2d_asset_registry_chain(const c2d_asset_registry* registry, c2d_chain** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, out);
        *out = new c2d_chain{registry->value.chain()};
        return Unit{};
    });
}

c2d_status c2d_asset_registry_documents(const c2d_asset_registry* registry, c2d_document_store** out,
                                        c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, out);
        *out = new c2d_document_store{registry->value.options().documents};
        return Unit{};
    });
}

c2d_status c2d_asset_registry_publish_operator(const c2d_asset_registry* registry, const c2d_key* admin,
                                               const c2d_operator_draft* draft, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, admin, draft, out);
        C2D_TRY(const c2d::OperatorDraft wanted, to_cpp(draft));
        c2d::AssetRegistry shared = registry->value;
        C2D_TRY(const c2d::TokenId id, shared.publish_operator(*admin->signer, wanted));
        return give_text(c2d::token_text(id), out);
    });
}

c2d_status c2d_asset_registry_update_operator(const c2d_asset_registry* registry, const c2d_key* admin,
                                              const c2d_operator_draft* draft, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, admin, draft);
        C2D_TRY(const c2d::OperatorDraft wanted, to_cpp(draft));
        c2d::AssetRegistry shared = registry->value;
        return shared.update_operator(*admin->signer, wanted);
    });
}

c2d_status c2d_asset_registry_publish(const c2d_asset_registry* registry, const c2d_key* owner,
                                      const char* attributes_json, const char* id, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, owner, attributes_json, out);
        C2D_TRY(const auto wanted, optional_token(id));
        c2d::AssetRegistry shared = registry->value;
        C2D_TRY(const c2d::TokenId dt, shared.publish(*owner->signer, attributes_json, wanted));
        return give_text(c2d::token_text(dt), out);
    });
}

c2d_status c2d_asset_registry_grant(const c2d_asset_registry* registry, const c2d_key* owner, const char* dt,
                                    const char* cdt, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, owner, dt, cdt);
        C2D_TRY(const c2d::TokenId child, c2d::parse_token(dt));
        C2D_TRY(const c2d::TokenId grantee, c2d::parse_token(cdt));
        c2d::AssetRegistry shared = registry->value;
        return shared.grant(*owner->signer, child, grantee);
    });
}

c2d_status c2d_asset_registry_activate(const c2d_asset_registry* registry, const c2d_key* owner, const char* cdt,
                                       c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, owner, cdt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(cdt));
        c2d::AssetRegistry shared = registry->value;
        return shared.activate(*owner->signer, id);
    });
}

c2d_status c2d_asset_registry_resolve(const c2d_asset_registry* registry, const char* dt, char** out,
                                      c2d_error** error) {
    return json_read(registry, out, error, [&](const c2d::AssetRegistry& value) -> Result<std::string> {
        C2D_CAPI_NEED(dt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        C2D_TRY(const c2d::Asset asset, value.resolve(id));
        return asset_json(asset).raw("document", asset.document_json).str();
    });
}

c2d_status c2d_asset_registry_resolve_operator(const c2d_asset_registry* registry, const char* tid, char** out,
                                               c2d_error** error) {
    return json_read(registry, out, error, [&](const c2d::AssetRegistry& value) -> Result<std::string> {
        C2D_CAPI_NEED(tid);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(tid));
        C2D_TRY(const c2d::OperatorTemplate found, value.resolve_operator(id));
        return operator_json(found);
    });
}

c2d_status c2d_asset_registry_list(const c2d_asset_registry* registry, uint64_t start, uint64_t count, char** out,
                                   c2d_error** error) {
    return json_read(registry, out, error, [&](const c2d::AssetRegistry& value) -> Result<std::string> {
        C2D_TRY(const auto assets, value.list(start, count));
        return json_list(assets, [](const c2d::Asset& asset) { return asset_json(asset).str(); });
    });
}

c2d_status c2d_asset_registry_plan(const c2d_asset_registry* registry, const char* algorithm, char** out,
                                   c2d_error** error) {
    return json_read(registry, out, error, [&](const c2d::AssetRegistry& value) -> Result<std::string> {
        C2D_CAPI_NEED(algorithm);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(algorithm));
        C2D_TRY(const auto runs, value.plan(id));
        return json_list(runs, [](const c2d::LeafRun& run) {
            return JsonObject()
                .text("dt", c2d::token_text(run.dt))
                .text("endpoint", run.endpoint)
                .raw("args", run.args_json)
                .str();
        });
    });
}

void c2d_asset_registry_destroy(c2d_asset_registry* registry) { delete registry; }

}  // extern "C"
