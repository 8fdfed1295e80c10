/** @file
 * The ground rules of c2d's C interface, and what every part of it shares.
 *
 * Arguments come in the order: handle, inputs, outputs, error. A length follows its pointer; user
 * data follows its function. A single output is called `out`.
 *
 * Calls that can fail return a `c2d_status`; C2D_OK is 0. On failure outputs are left untouched and,
 * if `error` is not NULL, *error becomes an owned object to be given to c2d_error_destroy. On
 * success *error is untouched. `error` may always be NULL; other pointers may be NULL only where
 * their comment says so: a NULL that may not be is C2D_ERROR_INVALID_ARGUMENT.
 *
 * Handles are opaque. What a function calls `out` is owned by the caller and ends with the type's
 * `_destroy`, which accepts NULL. Pointers returned by getters are views: valid until their handle
 * is destroyed. Objects that stand on others keep them alive, so handles may be destroyed in any
 * order.
 *
 * A const handle may be shared between threads; a non-const one is for one thread at a time.
 * Text is UTF-8 with a terminating zero. No exception leaves the library.
 *
 * Option structs begin with `struct_size` and have an _INIT macro and an `_init` function; zero in a
 * field means its documented default. They grow at the end only. */
#ifndef C2D_CAPI_BASE_H
#define C2D_CAPI_BASE_H

#include <c2d/status_codes.h>

#include <stddef.h>
#include <stdint.h>

/** Marks what the shared library exports. */
#if defined(__GNUC__)
#define C2D_API __attribute__((visibility("default")))
#else
#define C2D_API
#endif

/** In C an enum holds any int, and so it does here in C++: an unknown number is an error, not undefined. */
#ifdef __cplusplus
#define C2D_ENUM : int
extern "C" {
#else
#define C2D_ENUM
#endif

/** What a call did; each is explained in c2d/status_codes.h. The numbers never change. */
typedef enum c2d_status C2D_ENUM {
    C2D_OK = 0,
    C2D_ERROR_INVALID_ARGUMENT = 1,
    C2D_ERROR_NOT_FOUND = 2,
    C2D_ERROR_REFUSED = 3,
    C2D_ERROR_CORRUPT = 4,
    C2D_ERROR_IO = 5,
    C2D_ERROR_UNAVAILABLE = 6,
    C2D_ERROR_TIMEOUT = 7,
    C2D_ERROR_LIMIT = 8,
    C2D_ERROR_UNSUPPORTED = 9,
    C2D_ERROR_CANCELLED = 10,
    C2D_ERROR_CONFLICT = 11,
    C2D_ERROR_LAYER_UNAVAILABLE = 12,
    C2D_ERROR_PEER = 13,
    C2D_ERROR_DOMAIN = 14,
    C2D_ERROR_INTERNAL = 15
} c2d_status;

/** The lower-case name, for example "invalid_argument"; "internal" for numbers unknown. */
C2D_API const char* c2d_status_name(c2d_status status);
/** What it means to the caller, one line. */
C2D_API const char* c2d_status_text(c2d_status status);

/** Version of the library, for example "0.1.0", and of this interface: it grows by one whenever a
 * program compiled against an older header could stop working. */
#define C2D_ABI_VERSION 1
/** The library's version, and the interface's as it was compiled; compare with C2D_ABI_VERSION. */
C2D_API const char* c2d_version(void);
C2D_API uint32_t c2d_abi_version(void);

/** A failure: what was expected, what was found, what to do. */
typedef struct c2d_error c2d_error;
/** Its class; C2D_OK for NULL. */
C2D_API c2d_status c2d_error_status(const c2d_error* error);
/** One line of UTF-8; "" for NULL. View into the error, as what the next ones return. */
C2D_API const char* c2d_error_message(const c2d_error* error);
/** Who refused: a contract ("DTFactory"), a sandbox layer, or "". */
C2D_API const char* c2d_error_source(const c2d_error* error);
/** The contract's code (for example 4005), or 0. */
C2D_API uint64_t c2d_error_code(const c2d_error* error);
/** The stable name of a refusal ("granted_already"), or "". */
C2D_API const char* c2d_error_name(const c2d_error* error);
/** 32 bytes: the transaction that carries a refusal, all zero if there is none. */
C2D_API const uint8_t* c2d_error_transaction(const c2d_error* error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_error_destroy(c2d_error* error);

/** Ends an owned text, as functions with a `char** out` give it; NULL does nothing. */
C2D_API void c2d_string_destroy(char* text);

/** Text that others wrote, made fit for a terminal, a log or a page: of `text`, `size` bytes, controls, marks that
 * reorder, characters that nothing is drawn for and bytes that are no UTF-8 are shown by their numbers (\x1b, \u202e),
 * newlines and tabs too unless `lines` is 1. HTML still wants its own escapes. *out ends with c2d_string_destroy. */
C2D_API c2d_status c2d_display_text(const char* text, size_t size, int lines, char** out, c2d_error** error);
/** The URL as it may be shown: of "http://user:password@node" *out is "http://…@node", and any other text as it is.
 * *out ends with c2d_string_destroy. */
C2D_API c2d_status c2d_url_without_credentials(const char* url, char** out, c2d_error** error);

/** Owned bytes. The view may be NULL when the size is 0. */
typedef struct c2d_bytes c2d_bytes;
C2D_API const uint8_t* c2d_bytes_data(const c2d_bytes* bytes);
C2D_API size_t c2d_bytes_size(const c2d_bytes* bytes);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_bytes_destroy(c2d_bytes* bytes);

/** Asked by a call that waits, on the thread that made it, whether to end: some 20 times a second, and
 * before a callback of the caller's. A return other than 0 ends the call with C2D_ERROR_CANCELLED. */
typedef int (*c2d_interrupt_function)(void* user_data);
/** Sets that of the calls of this thread; NULL: nothing is asked. For interpreters, whose signal handlers
 * run between calls alone: the function lets them run, and says whether they raised something. An
 * interrupted call on an mpc session leaves the computation, and the other parties get C2D_ERROR_PEER; other
 * objects stay usable. The function may make calls of its own, during which it is not asked. */
C2D_API void c2d_set_interrupt(c2d_interrupt_function function, void* user_data);

#ifdef __cplusplus
}
#endif

#endif
