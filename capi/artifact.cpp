#include <c2d/artifact.hpp>
#include <c2d/capi/artifact.h>

#include "artifact/values.hpp"
#include "json_text.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give_json;
using c2d::capi::give_text;
using c2d::capi::guard;

struct c2d_artifact_store {
    c2d::ArtifactStore value;
};

extern "C" {

c2d_status c2d_artifact_store_open(const char* folder, const char* key_file, c2d_artifact_store** out,
                                   c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(folder, out);
        c2d::ArtifactStoreOptions options;
        if (key_file) options.key_file = key_file;
        C2D_TRY(auto store, c2d::ArtifactStore::open(folder, std::move(options)));
        *out = new c2d_artifact_store{std::move(store)};
        return Unit{};
    });
}

void c2d_artifact_store_destroy(c2d_artifact_store* store) { delete store; }

c2d_status c2d_artifact_folder(const char* exec_dirpath, const char* organisation, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(exec_dirpath, organisation, out);
        C2D_TRY(const c2d::Address address, c2d::parse_address(organisation));
        return give_text(c2d::artifact_folder(exec_dirpath, address).string(), out);
    });
}

c2d_status c2d_artifact_store_list(const c2d_artifact_store* store, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(store, out);
        C2D_TRY(const auto all, store->value.list());
        return give_json(c2d::json::list_of(all), out);
    });
}

c2d_status c2d_artifact_store_check(const c2d_artifact_store* store, const char* sha256, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(store, sha256);
        C2D_TRY(const c2d::Bytes32 digest, c2d::parse_bytes32(sha256));
        return store->value.check(digest);
    });
}

c2d_status c2d_artifact_store_rewrap(const c2d_artifact_store* store, size_t* out_count, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(store);
        c2d::ArtifactStore shared = store->value;
        C2D_TRY(const std::size_t count, shared.rewrap());
        if (out_count) *out_count = count;
        return Unit{};
    });
}

c2d_status c2d_artifact_store_rewrap_to(const c2d_artifact_store* store, const char* key_file, size_t* out_count,
                                        c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(store, key_file);
        c2d::ArtifactStore shared = store->value;
        C2D_TRY(const std::size_t count, shared.rewrap_to(key_file));
        if (out_count) *out_count = count;
        return Unit{};
    });
}

c2d_status c2d_artifact_store_wrapped_by(const c2d_artifact_store* store, const char* sha256, char** out,
                                         c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(store, sha256, out);
        C2D_TRY(const c2d::Bytes32 digest, c2d::parse_bytes32(sha256));
        C2D_TRY(const std::string key, store->value.wrapped_by(digest));
        return give_text(key, out);
    });
}

c2d_status c2d_artifact_store_erase(const c2d_artifact_store* store, const char* sha256, const c2d_key* owner,
                                    char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(store, sha256, owner, out);
        C2D_TRY(const c2d::Bytes32 digest, c2d::parse_bytes32(sha256));
        c2d::ArtifactStore shared = store->value;
        C2D_TRY(const std::string tombstone, shared.destroy(digest, *owner->signer));
        return give_text(tombstone, out);
    });
}

c2d_status c2d_tombstone_read(const char* text, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(text, out);
        C2D_TRY(const c2d::ArtifactTombstone tombstone, c2d::read_tombstone(text));
        c2d::json::Value shown = to_value(tombstone.artifact);
        shown.set("signer", c2d::address_text(tombstone.signer));
        return give_json(shown, out);
    });
}

}  // extern "C"
