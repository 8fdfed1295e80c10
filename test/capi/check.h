/* What the C tests share: checks that count (from any thread), and calls that must succeed. */
#ifndef C2D_TEST_CAPI_CHECK_H
#define C2D_TEST_CAPI_CHECK_H

#include <c2d/c2d.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures = 0;

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
            __atomic_add_fetch(&failures, 1, __ATOMIC_SEQ_CST);             \
        }                                                                   \
    } while (0)

/* Whoever keeps an error of another call may use the name too. */
#define ERROR_OF_ITS_OWN(declaration)                                             \
    _Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wshadow\"") \
        declaration _Pragma("GCC diagnostic pop")

/* `call` uses `&error`; it must succeed, since what follows stands on it. */
#define MUST(call)                                                                           \
    do {                                                                                     \
        ERROR_OF_ITS_OWN(c2d_error* error = NULL;)                                           \
        c2d_status status_ = (call);                                                         \
        if (status_ != C2D_OK || error) {                                                    \
            fprintf(stderr, "%s:%d: %s: %s\n", __FILE__, __LINE__, c2d_status_name(status_), \
                    c2d_error_message(error));                                               \
            exit(1);                                                                         \
        }                                                                                    \
    } while (0)

/* `call` must fail so, and say why: with the stable name `why`, or any when that is "". */
#define FAILS(call, wanted, why)                                                                \
    do {                                                                                        \
        ERROR_OF_ITS_OWN(c2d_error* error = NULL;)                                              \
        c2d_status status_ = (call);                                                            \
        CHECK(status_ == (wanted));                                                             \
        CHECK(error != NULL && c2d_error_status(error) == (wanted));                            \
        CHECK(c2d_error_message(error)[0] != '\0');                                             \
        if ((why)[0] != '\0') CHECK(strcmp(c2d_error_name(error), (why)) == 0);                 \
        if (status_ != (wanted) || ((why)[0] && strcmp(c2d_error_name(error), (why)) != 0))     \
            fprintf(stderr, "    %s %s: %s\n", c2d_status_name(status_), c2d_error_name(error), \
                    c2d_error_message(error));                                                  \
        c2d_error_destroy(error);                                                               \
    } while (0)

#define HAS(text, part) CHECK(strstr((text), (part)) != NULL)

static int done(const char* name) {
    if (failures == 0) printf("%s: all checks hold\n", name);
    return failures == 0 ? 0 : 1;
}

#endif
