/** @file
 * Results for one receiver: files in the format age v1, to X25519 keys. docs/models.md tells how results come to be
 * encrypted; c2d_client_save_results decrypts them, with `identity_file` of its options. */
#ifndef C2D_CAPI_AGE_H
#define C2D_CAPI_AGE_H

#include <c2d/capi/environment.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Makes a key and writes it to `identity_file`, mode 0600; never over one that stands there (C2D_ERROR_CONFLICT).
 * *out_recipient, `age1…`, is for everybody. `environment`: for its randomness; NULL: the default world. */
C2D_API c2d_status c2d_age_identity_create(const char* identity_file, const c2d_environment* environment,
                                           char** out_recipient, c2d_error** error);
/** The recipient of a key in a file. C2D_ERROR_INVALID_ARGUMENT: it holds no one key. */
C2D_API c2d_status c2d_age_identity_recipient(const char* identity_file, char** out_recipient, c2d_error** error);
/** Encrypts a file of any size to one recipient. `out_file` is new, of mode 0600: C2D_ERROR_CONFLICT where something
 * stands there. `environment` as above. */
C2D_API c2d_status c2d_age_encrypt_file(const char* file, const char* recipient, const char* out_file,
                                        const c2d_environment* environment, c2d_error** error);
/** The way back. C2D_ERROR_CORRUPT: it is no such file, was altered or cut off; C2D_ERROR_REFUSED with the name
 * `age_other_identity`: it is encrypted to others. Then there is no `out_file`. */
C2D_API c2d_status c2d_age_decrypt_file(const char* file, const char* identity_file, const char* out_file,
                                        c2d_error** error);

#ifdef __cplusplus
}
#endif

#endif
