/** @file
 * HTTP as values: what a provider answers to, and how a client asks. No server is needed, nor a
 * network: whoever has the bytes of a request can have it answered.
 *
 * A response is an owned value. A const one may be shared between threads. */
#ifndef C2D_CAPI_HTTP_H
#define C2D_CAPI_HTTP_H

#include <c2d/capi/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A request as a value: what a provider is asked, or what a transport shall ask. */
typedef struct c2d_http_request {
    size_t struct_size;
    const char* method;        /**< "GET" or "POST"; required */
    const char* target;        /**< a path, or a whole URL; required */
    const char* body;          /**< NULL: none */
    size_t body_size;          /**< in bytes */
    const char* authorization; /**< the value of the `Authorization` header; NULL: none */
    const char* range;         /**< the value of the `Range` header, which with `Authorization` is all that
                                * counts of a header; NULL: none */
} c2d_http_request;
#define C2D_HTTP_REQUEST_INIT \
    { sizeof(c2d_http_request), 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_http_request_init(c2d_http_request* request);

/** An answer of any status. */
typedef struct c2d_http_response c2d_http_response;

/** Makes an answer, as a transport of the caller's gives it. Copies the body, which may be NULL if its
 * size is 0. C2D_ERROR_INVALID_ARGUMENT: the status is not within 100 to 599. */
C2D_API c2d_status c2d_http_response_create(int http_status, const char* body, size_t body_size,
                                            c2d_http_response** out, c2d_error** error);
/** Adds a header field, as a transport gives on those of an answer: a client needs `C2D-Answer`, which holds
 * the provider's signature. C2D_ERROR_INVALID_ARGUMENT: a name that is not a token of RFC 9110, 5.6.2, or
 * a value with a line break. C2D_ERROR_LIMIT: more than 64 fields. */
C2D_API c2d_status c2d_http_response_add_header(c2d_http_response* response, const char* name, const char* value,
                                                c2d_error** error);
/** How many header fields there are, beside the content type: a server gives them all on. */
C2D_API size_t c2d_http_response_header_count(const c2d_http_response* response);
/** The name of field `index`; "" beyond the last. View into the response; so the next one. */
C2D_API const char* c2d_http_response_header_name(const c2d_http_response* response, size_t index);
/** The value of field `index`; "" beyond the last. */
C2D_API const char* c2d_http_response_header_value(const c2d_http_response* response, size_t index);
/** The HTTP status, for example 200; 0 for NULL. */
C2D_API int c2d_http_response_status(const c2d_http_response* response);
/** For example "application/json". View into the response. */
C2D_API const char* c2d_http_response_content_type(const c2d_http_response* response);
/** The body, with a zero after its last byte. View into the response; "" for NULL. */
C2D_API const char* c2d_http_response_body(const c2d_http_response* response);
/** The body's size in bytes. */
C2D_API size_t c2d_http_response_body_size(const c2d_http_response* response);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_http_response_destroy(c2d_http_response* response);

/** Sends a request whose target is a URL, and puts the answer out, which the library then owns.
 * `request` is valid during the call. Returns C2D_OK, or why there is no answer
 * (C2D_ERROR_UNAVAILABLE, C2D_ERROR_TIMEOUT, …), which the caller of the client sees. May be called on
 * any thread, and on several at once. */
typedef c2d_status (*c2d_http_function)(const c2d_http_request* request, c2d_http_response** out, void* user_data);

#ifdef __cplusplus
}
#endif

#endif
