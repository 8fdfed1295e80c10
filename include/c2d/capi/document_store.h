/** @file
 * Documents stored by content: the id is the IPFS CID of the bytes, and every read is checked against
 * it. A const store may be shared between threads. */
#ifndef C2D_CAPI_DOCUMENT_STORE_H
#define C2D_CAPI_DOCUMENT_STORE_H

#include <c2d/capi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Documents by their CID. */
typedef struct c2d_document_store c2d_document_store;

/** A directory with one file per document, made with the first document if absent. C2D_ERROR_IO: it cannot be had. */
C2D_API c2d_status c2d_document_store_directory(const char* path, c2d_document_store** out, c2d_error** error);

/** The HTTP API of an IPFS node (kubo, js-ipfs). */
typedef struct c2d_ipfs_options {
    size_t struct_size;
    const char* endpoint;      /**< "http(s)://HOST:PORT", or a multiaddr as "/dns/localhost/tcp/5001/http"; required */
    const char* authorization; /**< the value of the Authorization header; NULL: none */
    uint64_t find_within_ms;   /**< how long the node may look for a document in its network; 0: 20000 */
} c2d_ipfs_options;
#define C2D_IPFS_OPTIONS_INIT \
    { sizeof(c2d_ipfs_options), 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_ipfs_options_init(c2d_ipfs_options* options);
/** An IPFS node, which pins what is put and is not asked here yet. What it answers is checked: a read against the CID,
 * the CID of what it stores against the one computed here. Reads and writes fail with C2D_ERROR_UNAVAILABLE when it
 * does not answer; C2D_ERROR_INVALID_ARGUMENT: `endpoint` is none. */
C2D_API c2d_status c2d_document_store_ipfs(const c2d_ipfs_options* options, c2d_document_store** out,
                                           c2d_error** error);
/** In memory; ends with the last object that stands on it. */
C2D_API c2d_status c2d_document_store_memory(c2d_document_store** out, c2d_error** error);
/** Stores at most 4 MiB (`document` may be NULL if size is 0) and puts the CID out, to be ended with
 * c2d_string_destroy. The same bytes again change nothing. */
C2D_API c2d_status c2d_document_store_put(const c2d_document_store* store, const uint8_t* document, size_t size,
                                          char** out, c2d_error** error);
/** The bytes of a CID. C2D_ERROR_NOT_FOUND; C2D_ERROR_CORRUPT: the stored bytes are others. */
C2D_API c2d_status c2d_document_store_get(const c2d_document_store* store, const char* cid, c2d_bytes** out,
                                          c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_document_store_destroy(c2d_document_store* store);

#ifdef __cplusplus
}
#endif

#endif
