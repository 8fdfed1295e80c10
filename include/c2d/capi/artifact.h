/** @file
 * Outputs that stay with the party that computed them: sealed, named by their digest, used again by later jobs.
 *
 * A folder of a provider's own; docs/models.md. Handles may be shared between threads. */
#ifndef C2D_CAPI_ARTIFACT_H
#define C2D_CAPI_ARTIFACT_H

#include <c2d/capi/key.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The artifacts in one folder. */
typedef struct c2d_artifact_store c2d_artifact_store;

/** Opens the artifacts in `folder`, which is made where it is missing. `key_file`: the artifact key, a file or a
 * pkcs11: URI; NULL: `artifact.key` in the folder. C2D_ERROR_INVALID_ARGUMENT: others can look into the folder, and it
 * is not ours to change. */
C2D_API c2d_status c2d_artifact_store_open(const char* folder, const char* key_file, c2d_artifact_store** out,
                                           c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_artifact_store_destroy(c2d_artifact_store* store);
/** The folder of an organisation's artifacts below its provider's `exec_dirpath`. To be ended with
 * c2d_string_destroy. */
C2D_API c2d_status c2d_artifact_folder(const char* exec_dirpath, const char* organisation, char** out,
                                       c2d_error** error);

/** [{"job_id","party","algo_dt","name","kind","sha256","bytes","binding","created"}…], and "destroyed" of one that is
 * gone; by job, party and name. To be ended with c2d_string_destroy. */
C2D_API c2d_status c2d_artifact_store_list(const c2d_artifact_store* store, char** out, c2d_error** error);
/** Opens one and compares its digest, `sha256` as the list has it. C2D_ERROR_CORRUPT: it is not what was sealed;
 * C2D_ERROR_NOT_FOUND: there is none, or it was destroyed. */
C2D_API c2d_status c2d_artifact_store_check(const c2d_artifact_store* store, const char* sha256, c2d_error** error);
/** The key under which an artifact's own key is wrapped: "file", or the URI of a token's key without its module.
 * Nothing is opened for that. To be ended with c2d_string_destroy. */
C2D_API c2d_status c2d_artifact_store_wrapped_by(const c2d_artifact_store* store, const char* sha256, char** out,
                                                 c2d_error** error);
/** Makes a new artifact key, wraps all keys under that and erases the old one; how many. `out_count` may be NULL.
 * C2D_ERROR_INVALID_ARGUMENT: the key is in a token. */
C2D_API c2d_status c2d_artifact_store_rewrap(const c2d_artifact_store* store, size_t* out_count, c2d_error** error);
/** The same to the key of another place, a file, which is made where it is missing, or a pkcs11: URI. An old key in a
 * file is erased, one in a token stays there. Open the store anew with this key; what was cut off goes on with the next
 * call. `out_count` may be NULL. */
C2D_API c2d_status c2d_artifact_store_rewrap_to(const c2d_artifact_store* store, const char* key_file,
                                                size_t* out_count, c2d_error** error);
/** Erases one for ever; the answer is a tombstone that `owner` signed, which stays. To be ended with
 * c2d_string_destroy. */
C2D_API c2d_status c2d_artifact_store_erase(const c2d_artifact_store* store, const char* sha256, const c2d_key* owner,
                                            char** out, c2d_error** error);
/** Checks a tombstone; *out is the artifact as the list has it, with "signer". C2D_ERROR_INVALID_ARGUMENT: it is none;
 * C2D_ERROR_REFUSED with the name `tombstone_altered`: its signer did not sign this text. */
C2D_API c2d_status c2d_tombstone_read(const char* text, char** out, c2d_error** error);

#ifdef __cplusplus
}
#endif

#endif
