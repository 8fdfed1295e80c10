/** @file
 * The world that the library does not own: time, randomness, the log, and the caller's own functions.
 *
 * An environment is filled first and then passed in option structs; what was opened with it keeps it
 * as it was then. Filling is for one thread; a const environment may be shared. Its functions may be
 * called from any thread, and several at once. */
#ifndef C2D_CAPI_ENVIRONMENT_H
#define C2D_CAPI_ENVIRONMENT_H

#include <c2d/capi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Ends user data. Called once, when the last object that may use the data ends, on whichever thread
 * that happens. NULL where a parameter of this type stands: nothing is called. When the call that
 * takes it fails, it is not called and the data stay the caller's. */
typedef void (*c2d_destroy_function)(void* user_data);

/** Told how far a long call is: `done` of `total` (0: unknown), and a line for people. Called on the
 * thread that made the call. A return other than 0 stops it with C2D_ERROR_CANCELLED, and that number
 * is the error's code. */
typedef int (*c2d_progress_function)(uint64_t done, uint64_t total, const char* line, void* user_data);

/** Seconds since the Unix epoch. */
typedef uint64_t (*c2d_clock_function)(void* user_data);
/** Fills `size` bytes with secret-grade randomness. A return other than 0 means it could not. */
typedef int (*c2d_random_function)(uint8_t* out, size_t size, void* user_data);

/** How much a line of the log matters. */
typedef enum c2d_log_level C2D_ENUM {
    C2D_LOG_DEBUG = 0,
    C2D_LOG_INFO = 1,
    C2D_LOG_WARN = 2,
    C2D_LOG_ERROR = 3
} c2d_log_level;
/** One line without a line end; valid during the call. Secrets never reach it. */
typedef void (*c2d_log_function)(c2d_log_level level, const char* line, void* user_data);

/** Clock, randomness and log. */
typedef struct c2d_environment c2d_environment;

/** The default world: the system's clock and randomness, no log. Owned by the caller. */
C2D_API c2d_status c2d_environment_create(c2d_environment** out, c2d_error** error);
/** Replaces the clock. Fails only for NULL arguments. */
C2D_API c2d_status c2d_environment_set_clock(c2d_environment* environment, c2d_clock_function clock, void* user_data,
                                             c2d_destroy_function destroy, c2d_error** error);
/** Replaces the randomness. WEAK RANDOMNESS GIVES KEYS AWAY; meant for hardware and for tests. */
C2D_API c2d_status c2d_environment_set_random(c2d_environment* environment, c2d_random_function random, void* user_data,
                                              c2d_destroy_function destroy, c2d_error** error);
/** Sends the log to a function. */
C2D_API c2d_status c2d_environment_set_log(c2d_environment* environment, c2d_log_function log, void* user_data,
                                           c2d_destroy_function destroy, c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_environment_destroy(c2d_environment* environment);

#ifdef __cplusplus
}
#endif

#endif
