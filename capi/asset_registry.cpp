#include <c2d/capi/asset_registry.h>
#include <c2d/published_schema.hpp>
#include <c2d/settings.hpp>

#include "asset/values.hpp"
#include "handles.hpp"
#include "json_text.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give_text;
using c2d::capi::guard;
using c2d::capi::json_read;
using c2d::capi::optional_token;
using c2d::json::list_of;
using c2d::json::Value;

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

c2d_status c2d_asset_registry_grant_bounded(const c2d_asset_registry* registry, const c2d_key* owner, const char* dt,
                                            const char* cdt, uint64_t seconds, uint64_t jobs, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, owner, dt, cdt);
        C2D_TRY(const c2d::TokenId child, c2d::parse_token(dt));
        C2D_TRY(const c2d::TokenId grantee, c2d::parse_token(cdt));
        c2d::AssetRegistry shared = registry->value;
        return shared.grant(*owner->signer, child, grantee, {seconds, jobs});
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
    return json_read(registry, "registry", out, error, [&](const c2d::AssetRegistry& value) -> Result<Value> {
        C2D_CAPI_NEED(dt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        C2D_TRY(const c2d::Asset asset, value.resolve(id));
        Value answer = to_value(asset);
        answer.set("document", Value::written(asset.document_json));
        return answer;
    });
}

c2d_status c2d_asset_registry_schema(const c2d_asset_registry* registry, const char* dt, char** out,
                                     c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, dt, out);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        C2D_TRY(const auto schema, c2d::published_schema(registry->value, id));
        return give_text(c2d::table::schema_json(schema), out);
    });
}

c2d_status c2d_asset_registry_resolve_operator(const c2d_asset_registry* registry, const char* tid, char** out,
                                               c2d_error** error) {
    return json_read(registry, "registry", out, error, [&](const c2d::AssetRegistry& value) -> Result<Value> {
        C2D_CAPI_NEED(tid);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(tid));
        C2D_TRY(const c2d::OperatorTemplate found, value.resolve_operator(id));
        return to_value(found);
    });
}

c2d_status c2d_asset_registry_list(const c2d_asset_registry* registry, uint64_t start, uint64_t count, char** out,
                                   c2d_error** error) {
    return json_read(registry, "registry", out, error, [&](const c2d::AssetRegistry& value) -> Result<Value> {
        C2D_TRY(const auto assets, value.list(start, count));
        return Value(list_of(assets));
    });
}

c2d_status c2d_asset_registry_plan(const c2d_asset_registry* registry, const char* algorithm, char** out,
                                   c2d_error** error) {
    return json_read(registry, "registry", out, error, [&](const c2d::AssetRegistry& value) -> Result<Value> {
        C2D_CAPI_NEED(algorithm);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(algorithm));
        C2D_TRY(const auto runs, value.plan(id));
        return Value(list_of(runs));
    });
}

void c2d_asset_registry_destroy(c2d_asset_registry* registry) { delete registry; }

}  // extern "C"
