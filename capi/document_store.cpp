#include <c2d/capi/document_store.h>

#include "handles.hpp"

using c2d::Error;
using c2d::Result;
using c2d::Status;
using c2d::Unit;
using c2d::capi::guard;

namespace {

constexpr std::uint64_t kFindWithinMsMax = std::uint64_t(24) * 3600 * 1000;

}  // namespace

extern "C" {

c2d_status c2d_document_store_directory(const char* path, c2d_document_store** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(path, out);
        C2D_TRY(auto store, c2d::DocumentStore::directory(path));
        *out = new c2d_document_store{std::move(store)};
        return Unit{};
    });
}

void c2d_ipfs_options_init(c2d_ipfs_options* options) {
    if (options) *options = C2D_IPFS_OPTIONS_INIT;
}

c2d_status c2d_document_store_ipfs(const c2d_ipfs_options* options, c2d_document_store** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(options, out);
        C2D_TRY(const c2d_ipfs_options given, c2d::capi::read_options(options));
        C2D_CAPI_NEED(given.endpoint);
        c2d::IpfsOptions wanted;
        wanted.endpoint = given.endpoint;
        wanted.authorization = c2d::capi::text_or_empty(given.authorization);
        if (given.find_within_ms != 0) {
            if (given.find_within_ms > kFindWithinMsMax)
                return Error(Status::INVALID_ARGUMENT, "find_within_ms: expected at most 86400000 (a day), found " +
                                                           std::to_string(given.find_within_ms));
            wanted.find_within = std::chrono::milliseconds(given.find_within_ms);
        }
        C2D_TRY(auto store, c2d::DocumentStore::ipfs(std::move(wanted)));
        *out = new c2d_document_store{std::move(store)};
        return Unit{};
    });
}

c2d_status c2d_document_store_memory(c2d_document_store** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(out);
        *out = new c2d_document_store{c2d::DocumentStore::memory()};
        return Unit{};
    });
}

c2d_status c2d_document_store_put(const c2d_document_store* store, const uint8_t* document, size_t size, char** out,
                                  c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(store);
        if (size != 0) C2D_CAPI_NEED(document);
        C2D_CAPI_NEED(out);
        C2D_TRY(const std::string cid, store->value->put(c2d::as_text({document, size})));
        return c2d::capi::give_text(cid, out);
    });
}

c2d_status c2d_document_store_get(const c2d_document_store* store, const char* cid, c2d_bytes** out,
                                  c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(store, cid, out);
        C2D_TRY(const std::string document, store->value->get(cid));
        *out = new c2d_bytes{c2d::Bytes(document.begin(), document.end())};
        return Unit{};
    });
}

void c2d_document_store_destroy(c2d_document_store* store) { delete store; }

}  // extern "C"
