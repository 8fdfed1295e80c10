/** @file
 * Requests to a provider: signed typed data that say who is asked for what, once, until when. */
#ifndef C2D_CAPI_REQUEST_H
#define C2D_CAPI_REQUEST_H

#include <c2d/capi/chain.h>

#ifdef __cplusplus
extern "C" {
#endif

/** What a request asks for. */
typedef enum c2d_method C2D_ENUM {
    C2D_METHOD_GRANT_PERMISSION = 0,
    C2D_METHOD_ON_PREMISE_COMPUTE = 1,
    C2D_METHOD_INSERT_DT_STORE = 2,
    C2D_METHOD_VERIFY = 3,
    C2D_METHOD_STATUS = 4,
    C2D_METHOD_LOG = 5,
    C2D_METHOD_RESULT = 6,
    C2D_METHOD_CANCEL = 7,
    C2D_METHOD_LIST = 8,
    C2D_METHOD_GRANTS = 9,
    C2D_METHOD_CLOSE = 10,
    C2D_METHOD_OPEN = 11,
    C2D_METHOD_ARTIFACTS = 12,
    C2D_METHOD_QUEUE = 13,
    C2D_METHOD_HOLD = 14,
    C2D_METHOD_RELEASE = 15,
    C2D_METHOD_RENEW = 16
} c2d_method;
/** The name on the wire, for example "grantPermission"; NULL for numbers unknown. */
C2D_API const char* c2d_method_name(c2d_method method);

/** What is asked of whom; c2d_request_sign_body and c2d_request_sign_authorization take it. */
typedef struct c2d_request {
    size_t struct_size;
    c2d_method method;
    const char* audience;               /**< the owner of the dt; required */
    const char* dt;                     /**< required */
    const char* algo_dt;                /**< NULL: none */
    uint64_t job_id;                    /**< 0: none */
    const char* store_path;             /**< C2D_METHOD_INSERT_DT_STORE only */
    uint64_t lifetime_seconds;          /**< 0: 300; at most 900 */
    const c2d_environment* environment; /**< clock and randomness; NULL: the default world */
    uint64_t attempt;                   /**< C2D_METHOD_ON_PREMISE_COMPUTE and _VERIFY only: at the job; 0: the first */
} c2d_request;
#define C2D_REQUEST_INIT \
    { sizeof(c2d_request), C2D_METHOD_GRANT_PERMISSION, 0, 0, 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_request_init(c2d_request* request);

/** The signed JSON body of a POST, with a fresh nonce, for the network of `chain`. To be ended with
 * c2d_string_destroy. */
C2D_API c2d_status c2d_request_sign_body(const c2d_request* request, const c2d_chain* chain, const c2d_key* signer,
                                         char** out, c2d_error** error);
/** The value of the `Authorization` header of a GET. To be ended with c2d_string_destroy. */
C2D_API c2d_status c2d_request_sign_authorization(const c2d_request* request, const c2d_chain* chain,
                                                  const c2d_key* signer, char** out, c2d_error** error);

#ifdef __cplusplus
}
#endif

#endif
