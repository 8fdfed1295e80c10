/** @file
 * Decides whether a request may be served: the rules that a bank relies on.
 *
 * A verdict is an answer, accepted or refused; an error means that it could not be decided. Each call
 * reads the ledger and the documents anew. A const verifier may be shared between threads. */
#ifndef C2D_CAPI_JOB_VERIFIER_H
#define C2D_CAPI_JOB_VERIFIER_H

#include <c2d/capi/asset_registry.h>
#include <c2d/capi/request.h>

#ifdef __cplusplus
extern "C" {
#endif

/* -- which requests were seen, so that none counts twice -- */

/** Which nonces were seen, by signer. */
typedef struct c2d_nonce_store c2d_nonce_store;

/** Forgets at the end of the process, SO A RESTART LETS REQUESTS BE REPLAYED until they expire: for
 * tests and single runs. */
C2D_API c2d_status c2d_nonce_store_memory(c2d_nonce_store** out, c2d_error** error);

/** Both return a negative c2d_status when they failed. `signer` is an address, `nonce` 32 bytes. They
 * may be called on any thread, and on several at once.
 * seen: 1 when the nonce is remembered for the signer, else 0. */
typedef int (*c2d_nonce_seen_function)(const char* signer, const uint8_t* nonce, void* user_data);
/** remember: 1 when it was new and is now durable, 0 when it was there already. Keep it until
 * expiry + 120 seconds at least; bound what one signer may fill. */
typedef int (*c2d_nonce_remember_function)(const char* signer, const uint8_t* nonce, uint64_t expiry_seconds,
                                           uint64_t now_seconds, void* user_data);
/** A store of the caller's, for example a table of its own database. */
C2D_API c2d_status c2d_nonce_store_from_functions(c2d_nonce_seen_function seen, c2d_nonce_remember_function remember,
                                                  void* user_data, c2d_destroy_function destroy, c2d_nonce_store** out,
                                                  c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_nonce_store_destroy(c2d_nonce_store* store);

/* -- answers -- */

/** Accepted, or refused with a reason. */
typedef struct c2d_verdict c2d_verdict;

/** 1: accepted. 0: refused, or NULL. */
C2D_API int c2d_verdict_accepted(const c2d_verdict* verdict);
/** The stable name of the reason, for example "grant_missing"; "accepted" if it was. This, the text and
 * the HTTP status may go to the requester; path, expected and actual are for the owner only. */
C2D_API const char* c2d_verdict_reason(const c2d_verdict* verdict);
/** One English sentence. */
C2D_API const char* c2d_verdict_text(const c2d_verdict* verdict);
/** The HTTP status that a provider answers with. */
C2D_API int c2d_verdict_http_status(const c2d_verdict* verdict);
/** Where the check failed, for example "dt:…/services/0/constraint/inputs/1". */
C2D_API const char* c2d_verdict_path(const c2d_verdict* verdict);
/** What would have been accepted there, and what was found. */
C2D_API const char* c2d_verdict_expected(const c2d_verdict* verdict);
C2D_API const char* c2d_verdict_actual(const c2d_verdict* verdict);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_verdict_destroy(c2d_verdict* verdict);

/** What a request said, once its signature held. Texts are views into the envelope, "" if absent. */
typedef struct c2d_envelope c2d_envelope;

/** What was asked for; C2D_METHOD_GRANT_PERMISSION for NULL. */
C2D_API c2d_method c2d_envelope_method(const c2d_envelope* envelope);
/** The address that the signature recovered to. */
C2D_API const char* c2d_envelope_signer(const c2d_envelope* envelope);
/** The token asked about, the composition, the job's number (0: none), and, with
 * C2D_METHOD_INSERT_DT_STORE, the file named. */
C2D_API const char* c2d_envelope_dt(const c2d_envelope* envelope);
C2D_API const char* c2d_envelope_algo_dt(const c2d_envelope* envelope);
C2D_API uint64_t c2d_envelope_job_id(const c2d_envelope* envelope);
C2D_API const char* c2d_envelope_store_path(const c2d_envelope* envelope);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_envelope_destroy(c2d_envelope* envelope);

/* -- the verifier -- */

/** The rules of one owner. */
typedef struct c2d_job_verifier c2d_job_verifier;

/** What c2d_job_verifier_open takes. */
typedef struct c2d_job_verifier_options {
    size_t struct_size;
    const char* self;                    /**< the owner in whose name is answered; required */
    const c2d_nonce_store* nonces;       /**< required */
    const c2d_environment* environment;  /**< NULL: the default world */
    const char* const* accepted_parties; /**< organisation names or addresses that self computes with */
    size_t accepted_parties_count;       /**< 0: any registered one */
    int allow_collusion;                 /**< 1: for demonstrations only */
    int accept_legacy_signatures;        /**< 1: take the original's replayable signatures */
    const char* const*
        accepted_composers; /**< organisations whose compositions may use self's tokens, by address or legal id */
    size_t accepted_composers_count; /**< 0: any registered one */
} c2d_job_verifier_options;
#define C2D_JOB_VERIFIER_OPTIONS_INIT \
    { sizeof(c2d_job_verifier_options), 0, 0, 0, 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_job_verifier_options_init(c2d_job_verifier_options* options);

/** Stands on the registry and the nonce store, and keeps both. */
C2D_API c2d_status c2d_job_verifier_open(const c2d_asset_registry* registry, const c2d_job_verifier_options* options,
                                         c2d_job_verifier** out, c2d_error** error);

/** All at once, for a body: check, then decide as the method asks, then admit. An accepted body is
 * accepted once; another time it is "replayed". */
C2D_API c2d_status c2d_job_verifier_verify(const c2d_job_verifier* verifier, c2d_method method, const char* body,
                                           size_t body_size, c2d_verdict** out, c2d_error** error);

/** Step by step. A body as far as its signature and nonce: *out_verdict is set, *out_envelope only when
 * it is accepted (else NULL). */
C2D_API c2d_status c2d_job_verifier_check_body(const c2d_job_verifier* verifier, c2d_method method, const char* body,
                                               size_t body_size, c2d_envelope** out_envelope, c2d_verdict** out_verdict,
                                               c2d_error** error);
/** The same for the value of an `Authorization` header. */
C2D_API c2d_status c2d_job_verifier_check_authorization(const c2d_job_verifier* verifier, c2d_method method,
                                                        const char* header, c2d_envelope** out_envelope,
                                                        c2d_verdict** out_verdict, c2d_error** error);
/** May the dt be granted to the composition, whose owner must be the signer? */
C2D_API c2d_status c2d_job_verifier_verify_grant(const c2d_job_verifier* verifier, const c2d_envelope* envelope,
                                                 c2d_verdict** out, c2d_error** error);
/** A party of a joint computation. */
typedef struct c2d_job_party {
    uint32_t number;
    uint32_t reserved;
    const char* owner;        /**< its address */
    const char* organisation; /**< its name on the ledger, as it wrote it */
    const char* endpoint;     /**< "host:port" of the verified arguments */
} c2d_job_party;
/** A data set that the operator gets to see. */
typedef struct c2d_job_input {
    const char* dt;
    const char* name;              /**< its file below inputs/, from the service's attributes.path; "": no file */
    const char* document_checksum; /**< the ledger's, of the token's document, and so of the terms: 0x and 64 digits */
} c2d_job_input;
/** A grant that the job rests on. */
typedef struct c2d_job_grant {
    const char* dt;
    const char* grantee; /**< the composition that may use it */
} c2d_job_grant;

/** All that a provider needs to run its side of an accepted job. The library makes it and sets `struct_size`: a field
 * beyond it is not there. Checksums and hashes are 0x and 64 digits; what others wrote stands as they wrote it, but for
 * zero bytes, which are shown as "\x00". */
typedef struct c2d_job_terms {
    size_t struct_size;
    uint64_t job_id;
    const char* algo_dt;
    const char* algo_checksum; /**< the ledger's, of the Algorithm's document */
    const char* solver;
    const char* op_template; /**< the operator template, */
    const char* template_checksum;
    const char* operation; /**< and its program text, which a zero byte would not end */
    size_t operation_size;
    const char* args_json; /**< the verified arguments of our party, RFC 8785 */
    const char* args_hash; /**< Keccak-256 of the arguments without the party: equal for all */
    const c2d_job_party* all_parties;
    size_t all_parties_count;
    const c2d_job_input* inputs; /**< our data sets that this party uses: they run in one sandbox */
    size_t inputs_count;
    const c2d_job_grant* grants; /**< every grant below the Algorithm */
    size_t grants_count;
    const char* const* outputs; /**< file names below outputs/ that may be released */
    size_t outputs_count;
    const char* release_log;  /**< "none", "tail" or "full" */
    uint32_t parties;         /**< 1: no peer channel */
    uint32_t party;           /**< our number; for an operator that runs alone, the leaf's place in the composition */
    int release_exit;         /**< 1: the solver may know how the operator ended */
    int collusion_overridden; /**< 1: accepted by `allow_collusion` alone */
    uint32_t attempt;         /**< which attempt at the job this is, */
    uint32_t attempts_max;    /**< and how many the terms allow */
} c2d_job_terms;

/** May the job run on the dt? `*out_terms` is set when it may, to be ended with c2d_job_terms_destroy, else NULL. */
C2D_API c2d_status c2d_job_verifier_verify_job_terms(const c2d_job_verifier* verifier, const c2d_envelope* envelope,
                                                     c2d_job_terms** out_terms, c2d_verdict** out_verdict,
                                                     c2d_error** error);
/** Ends terms and everything that they point to; NULL does nothing. */
C2D_API void c2d_job_terms_destroy(c2d_job_terms* terms);
/** The same as JSON. `out_terms` may be NULL; when accepted it becomes (to be ended with c2d_string_destroy)
 * {"job_id","algo_dt","algo_checksum","solver","attempt","attempts_max","template","template_checksum","operation",
 * "args","args_hash","parties", "party","all_parties":[{"party","owner","organisation","endpoint"}…],"inputs":[{"dt",
 * "name","document_checksum"}…], "grants":[{"dt","grantee"}…],"outputs":[…],"kept":[…],"release_log","release_exit",
 * "collusion_overridden"}; when refused, NULL. Texts of others are fit for a terminal. */
C2D_API c2d_status c2d_job_verifier_verify_job(const c2d_job_verifier* verifier, const c2d_envelope* envelope,
                                               char** out_terms, c2d_verdict** out_verdict, c2d_error** error);
/** Remembers the request: accepted, or refused as "replayed". To be called before it is acted on. */
C2D_API c2d_status c2d_job_verifier_admit(const c2d_job_verifier* verifier, const c2d_envelope* envelope,
                                          c2d_verdict** out, c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_job_verifier_destroy(c2d_job_verifier* verifier);

#ifdef __cplusplus
}
#endif

#endif
