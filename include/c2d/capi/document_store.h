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

/** A directory with one file per document, made if absent. C2D_ERROR_IO: it cannot be had. */
C2D_API c2d_status c2d_document_store_directory(const char* path, c2d_document_store** out,
                                                c2d_error** error);
/** In memory; ends with the last object that stands on it. */
C2D_API c2d_status c2d_document_store_memory(c2d_document_store** out, c2d_error** error);
/** Stores at most 4 MiB (`document` may be NULL if size is 0) and puts the CID out, to be ended with
 * c2d_string_destroy. The same bytes again change nothing. */
C2D_API c2d_status c2d_document_store_put(const c2d_document_store* store, const uint8_t* document,
                                          size_t size, char** out, c2d_error** error);
/** The bytes of a CID. C2D_ERROR_NOT_FOUND; C2D_ERROR_CORRUPT: the stored bytes are others. */
C2D_API c2d_status c2d_document_store_get(const c2d_document_store* store, const char* cid,
                                          c2d_bytes** out, c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_document_store_destroy(c2d_document_store* store);

#ifdef __cplusplus
}
#endif

#endif
