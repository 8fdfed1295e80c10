/** @file
 * Keys: something that can sign for one address. In memory, from a keystore file, on a PKCS#11
 * token, or the caller's own device behind a function.
 *
 * A const key may be shared between threads. The secret of a key in memory is cleared when the last
 * object that uses it ends; nothing in this interface gives it out in the clear. It lies on pages that
 * stay out of core dumps. Texts and passwords passed in are read during the call, no copy of them is
 * kept; the caller clears its own (explicit_bzero), and forbids core dumps and tracing of its process
 * if it wants that (PR_SET_DUMPABLE): the library does not decide it. */
#ifndef C2D_CAPI_KEY_H
#define C2D_CAPI_KEY_H

#include <c2d/capi/environment.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Bytes of a digest, and of a signature: r, s, v. */
#define C2D_DIGEST_SIZE 32
#define C2D_SIGNATURE_SIZE 65
/** The same as functions, for languages that see no macros. */
C2D_API size_t c2d_digest_size(void);
C2D_API size_t c2d_signature_size(void);

/** Something that can sign for one address. */
typedef struct c2d_key c2d_key;

/** A fresh key. `environment` gives the randomness and may be NULL. C2D_ERROR_IO: there was none. */
C2D_API c2d_status c2d_key_generate(const c2d_environment* environment, c2d_key** out, c2d_error** error);
/** 64 hexadecimal digits, with or without 0x. The message of a failure never holds the text.
 * C2D_ERROR_INVALID_ARGUMENT: not a key. */
C2D_API c2d_status c2d_key_from_hex(const char* secret, c2d_key** out, c2d_error** error);
/** Opens a Web3 Secret Storage (keystore v3) document, given as text.
 * C2D_ERROR_INVALID_ARGUMENT: not a keystore, or the wrong password. */
C2D_API c2d_status c2d_key_from_keystore(const char* json, const char* password, c2d_key** out, c2d_error** error);

/** Opens a key that stays in an HSM or on a smart card, named by a PKCS#11 URI (RFC 7512):
 * pkcs11:token=NAME;object=KEY?module-path=/PATH&pin-source=file:/PATH. What may stand in it, when a session is opened
 * again and what a fork means: c2d/pkcs11_key.hpp. `pin` may be NULL, where the URI names a file for the PIN or the
 * token asks for it itself; otherwise a copy is kept until the end, on pages that stay out of core dumps.
 * C2D_ERROR_INVALID_ARGUMENT: not such a URI, another curve, a PIN that is missing, wrong or locked ("pin_needed",
 * "wrong_pin", "pin_locked"). C2D_ERROR_NOT_FOUND, C2D_ERROR_CONFLICT: none or several that fit. C2D_ERROR_UNAVAILABLE:
 * the module failed, with its CKR_ code. */
C2D_API c2d_status c2d_key_from_pkcs11(const char* uri, const char* pin, c2d_key** out, c2d_error** error);

/** Signs the digest for the key's address: fills C2D_SIGNATURE_SIZE bytes with r, s (in the lower
 * half) and v (0 or 1) and returns 0. Any other return means that it could not; that number becomes
 * the code of the C2D_ERROR_UNAVAILABLE which the caller sees. May be called on any thread, and on
 * several at once. */
typedef int (*c2d_sign_function)(const uint8_t* digest, uint8_t* out_signature, void* user_data);
/** A key that stays outside: in a device, or another process. Each answer is checked against the
 * address before it is used. `address`: 0x and 40 digits. */
C2D_API c2d_status c2d_key_from_signer(const char* address, c2d_sign_function sign, void* user_data,
                                       c2d_destroy_function destroy, c2d_key** out, c2d_error** error);

/** The key as a keystore v3 document, to be ended with c2d_string_destroy. scrypt_log2n: 1 to 19; 0
 * means 18 (256 MiB, about a second). C2D_ERROR_UNSUPPORTED: the key stays outside. */
C2D_API c2d_status c2d_key_to_keystore(const c2d_key* key, const char* password, unsigned scrypt_log2n, char** out,
                                       c2d_error** error);
/** The address in EIP-55 spelling. View into `key`; "" for NULL. */
C2D_API const char* c2d_key_address(const c2d_key* key);
/** Signs a digest of C2D_DIGEST_SIZE bytes; fills C2D_SIGNATURE_SIZE bytes. Fails as the signer does. */
C2D_API c2d_status c2d_key_sign_digest(const c2d_key* key, const uint8_t* digest, uint8_t* out_signature,
                                       c2d_error** error);
/** Whose key made the signature: the address as text, to be ended with c2d_string_destroy.
 * C2D_ERROR_INVALID_ARGUMENT: no strict signature of anybody. */
C2D_API c2d_status c2d_recover_signer(const uint8_t* digest, const uint8_t* signature, size_t signature_size,
                                      char** out, c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_key_destroy(c2d_key* key);

#ifdef __cplusplus
}
#endif

#endif
