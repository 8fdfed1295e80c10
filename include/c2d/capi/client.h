/** @file
 * The side of whoever computes: publishes and composes in its own name, asks providers for grants,
 * starts jobs and fetches what they release.
 *
 * Providers are found through the endpoints in the tokens' documents. A provider's refusal is
 * C2D_ERROR_REFUSED with the endpoint as source and the reason's name ("grant_missing"); one that does
 * not answer is C2D_ERROR_UNAVAILABLE or C2D_ERROR_TIMEOUT. A const client may be shared between
 * threads. Texts put out end with c2d_string_destroy. */
#ifndef C2D_CAPI_CLIENT_H
#define C2D_CAPI_CLIENT_H

#include <c2d/capi/asset_registry.h>
#include <c2d/capi/http.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Whoever computes on others' data, in the name of one key. */
typedef struct c2d_client c2d_client;

/** What c2d_client_open takes. */
typedef struct c2d_client_options {
    size_t struct_size;
    const c2d_key* key;                 /**< in whose name; required */
    const c2d_environment* environment; /**< NULL: the default world */
    c2d_http_function http;             /**< how to reach providers; NULL: over HTTP(S), without redirects
                                         * and without proxies from the environment */
    void* http_user_data;
    c2d_destroy_function http_destroy; /**< ends http_user_data; may be NULL */
    uint64_t http_timeout_ms;          /**< of one request, when `http` is NULL; 0: two minutes */
    uint64_t result_bytes_max;         /**< what one run may release; 0: 64 MiB */
} c2d_client_options;
#define C2D_CLIENT_OPTIONS_INIT \
    { sizeof(c2d_client_options), 0, 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_client_options_init(c2d_client_options* options);

/** Stands on the registry, and keeps it and the key. */
C2D_API c2d_status c2d_client_open(const c2d_asset_registry* registry, const c2d_client_options* options,
                                   c2d_client** out, c2d_error** error);

/* -- tokens -- */

/** Publishes a token, as c2d_asset_registry_publish does. `id` may be NULL; *out is the token. */
C2D_API c2d_status c2d_client_publish(const c2d_client* client, const char* attributes_json, const char* id, char** out,
                                      c2d_error** error);
/** Asks the owner of `dt` to grant it to our composition `cdt`. C2D_ERROR_NOT_FOUND: the token's
 * document names no endpoint. */
C2D_API c2d_status c2d_client_request_grant(const c2d_client* client, const char* dt, const char* cdt,
                                            c2d_error** error);
/** Publishes a composition, asks for the grant of every child and activates it. When grants are
 * refused the composition stands on the ledger inactive, the error names it and all who refused, and the
 * same call with its id goes on from there. `id` may be NULL; *out is the token. */
C2D_API c2d_status c2d_client_compose(const c2d_client* client, const char* attributes_json, const char* id, char** out,
                                      c2d_error** error);
/** Tells our own provider in which file the data of a leaf are. */
C2D_API c2d_status c2d_client_insert_dt_store(const c2d_client* client, const char* dt, const char* path,
                                              c2d_error** error);

/** {"grants":[{"dt","cdt","composer","since"}…],"unanswered":[{"dt","endpoint","status","code","message"}…]}: requests
 * for grants that wait for our word ("grant_needs_owner") at the provider of `dt`, a token of ours, which must answer;
 * NULL: at those of all our tokens, and which of these did not answer, where others may wait. c2d_asset_registry_grant
 * with our key answers them. */
C2D_API c2d_status c2d_client_waiting_grants(const c2d_client* client, const char* dt, char** out, c2d_error** error);
/** What a job left with our providers: as c2d_artifact_store_list, each with "origin", what a model token says of it,
 * once its run has a receipt. C2D_ERROR_NOT_FOUND: no part of the job is ours. */
C2D_API c2d_status c2d_client_artifacts(const c2d_client* client, uint64_t job, char** out, c2d_error** error);
/** `attributes.origin` of a model token over `output` of a job, asked of our provider and confirmed on the ledger.
 * `party`: which one of the job we were, where we were several; else -1. C2D_ERROR_NOT_FOUND: it left none, or has no
 * receipt yet; C2D_ERROR_CONFLICT: more than one party left it; C2D_ERROR_REFUSED with the name `origin_invalid`: the
 * ledger does not confirm it. */
C2D_API c2d_status c2d_client_origin(const c2d_client* client, uint64_t job, const char* output, int party, char** out,
                                     c2d_error** error);
/** Tells our provider that a grant of `dt` to `cdt`, which stands, is given anew: peers' inputs that are not those of
 * the jobs before ("input_changed") are right from now on. C2D_ERROR_REFUSED: there is no such grant. */
C2D_API c2d_status c2d_client_renew_grant(const c2d_client* client, const char* dt, const char* cdt, c2d_error** error);
/** Closes a token of ours: no grants, no new jobs, and runs under way end as "revoked". On the ledger where its rules
 * know of closed tokens (edition 2), else at our provider. */
C2D_API c2d_status c2d_client_close_token(const c2d_client* client, const char* dt, c2d_error** error);
/** Opens a token that was closed. */
C2D_API c2d_status c2d_client_open_token(const c2d_client* client, const char* dt, c2d_error** error);

/* -- the queue of our own provider, the one of `dt`, a token of ours; NULL: the one that all our tokens name -- */

/** {"endpoint","held","workers","queue_max","queue_share","runs":[{"job_id","party","algo_dt","solver","state",
 * "attempt", "attempts_max","created","updated"}…]}: what has not ended there, 200 at most, oldest first. */
C2D_API c2d_status c2d_client_provider_queue(const c2d_client* client, const char* dt, char** out, c2d_error** error);
/** 1: our provider takes no run from its queue until it is released or starts anew; 0: it goes on. *out is the
 * queue. */
C2D_API c2d_status c2d_client_hold_queue(const c2d_client* client, const char* dt, int held, char** out,
                                         c2d_error** error);
/** Holds the queue, and returns when nothing is under way there. `progress` counts the runs that ended; it may be
 * NULL. */
C2D_API c2d_status c2d_client_drain_queue(const c2d_client* client, const char* dt, c2d_progress_function progress,
                                          void* user_data, char** out, c2d_error** error);
/** Cancels our own runs of a job, whoever its solver is. C2D_ERROR_CONFLICT: nothing was left to cancel. */
C2D_API c2d_status c2d_client_cancel_own_runs(const c2d_client* client, uint64_t job, c2d_error** error);

/* -- jobs -- */

/** Opens a task; *out is its number. */
C2D_API c2d_status c2d_client_create_task(const c2d_client* client, const char* name, const char* description,
                                          uint64_t* out, c2d_error** error);
/** Registers a job on the ledger, once every provider would take it, and starts nothing; *out is its number. */
C2D_API c2d_status c2d_client_register_job(const c2d_client* client, uint64_t task, const char* cdt, uint64_t* out,
                                           c2d_error** error);
/** As c2d_client_register_job, and starts it. On a refusal after it was registered what was started is cancelled; the
 * job stands on the ledger, and the message names it. */
C2D_API c2d_status c2d_client_execute(const c2d_client* client, uint64_t task, const char* cdt, uint64_t* out,
                                      c2d_error** error);
/** Asks every leaf's provider whether it would run a registered job, starting nothing. */
C2D_API c2d_status c2d_client_verify(const c2d_client* client, uint64_t job, const char* cdt, c2d_error** error);
/** Starts a registered job at every leaf's provider; on a refusal cancels the rest. */
C2D_API c2d_status c2d_client_start(const c2d_client* client, uint64_t job, const char* cdt, c2d_error** error);

/** Asks for the next attempt at a registered job of ours; *out is its number: the first one where no provider was asked
 * yet, at those where it is missing, and the one after the last where all parts have ended. C2D_ERROR_CONFLICT: nothing
 * is left to start, or a part ended so that it is not tried again. */
C2D_API c2d_status c2d_client_start_attempt(const c2d_client* client, uint64_t job, uint64_t* out, c2d_error** error);

/** [{"dt","endpoint","party","state","outcome","receipt","attempt","attempts_max","again"}…]: the parts of a job. A
 * state is "waiting", "queued", "preparing", "connecting", "running", or finally "succeeded", "failed", "cancelled".
 * How the receipt stands with the ledger: "pending", "posted", "unsupported", "refused", "waiting" while another
 * attempt may be asked for ("again"); "" before the end. Of a provider that does not answer within 10 s the state is
 * "unknown", and "unanswered" is {"status","code","message"}; fails where none answers. */
C2D_API c2d_status c2d_client_status(const c2d_client* client, uint64_t job, char** out, c2d_error** error);
/** Waits until every part has ended and, for a while, until its receipt is on the ledger; *out is what
 * c2d_client_status would put out then. `progress` counts parts that ended and gets a line whenever a
 * state changes or a provider stops answering, which is borne for 10 minutes, else every 15 seconds; it may be NULL. */
C2D_API c2d_status c2d_client_wait(const c2d_client* client, uint64_t job, c2d_progress_function progress,
                                   void* user_data, char** out, c2d_error** error);
/** As c2d_client_wait, of a job of ours: starts it first where it is registered and some provider was not asked yet,
 * and asks for the next attempt whenever all parts have ended and it may be made, as often as the terms allow. */
C2D_API c2d_status c2d_client_wait_with_attempts(const c2d_client* client, uint64_t job, c2d_progress_function progress,
                                                 void* user_data, char** out, c2d_error** error);
/** [{"dt","release","log"}…]: what the owners release of the operator's log; "release" is "none",
 * "tail" or "full". */
C2D_API c2d_status c2d_client_logs(const c2d_client* client, uint64_t job, char** out, c2d_error** error);
/** Cancels every part that has not ended; fails with the first refusal after trying all.
 * C2D_ERROR_CONFLICT: every part has ended or was never started, so that nothing was cancelled. */
C2D_API c2d_status c2d_client_cancel(const c2d_client* client, uint64_t job, c2d_error** error);

/** The outputs that providers released. */
typedef struct c2d_released_files c2d_released_files;

/** Fetches the released outputs of every part; none before its part succeeded. */
C2D_API c2d_status c2d_client_results(const c2d_client* client, uint64_t job, c2d_released_files** out,
                                      c2d_error** error);
/** How c2d_client_save_results writes. */
typedef struct c2d_save_options {
    size_t struct_size;
    int replace;                 /**< not 0: files that stand there are replaced */
    const char* const* receipts; /**< receipts of the job's runs, JSON; NULL if there is none */
    size_t receipts_count;
    const char*
        identity_file; /**< whose key the results were encrypted to (c2d/capi/age.h): what is written is what was
                                * encrypted, and every file must be so; NULL: as they come */
} c2d_save_options;
#define C2D_SAVE_OPTIONS_INIT \
    { sizeof(c2d_save_options), 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_save_options_init(c2d_save_options* options);

/** Writes the released outputs of every run as files below `folder`, which is made if need be. Names are
 * those that the verified arguments spell as outputs; a name that they spell for two parties stands in a
 * folder party_N of each. A file that is there already is C2D_ERROR_CONFLICT before anything is fetched,
 * unless `options` (NULL: the defaults) replace. C2D_ERROR_CORRUPT with the name "result_invalid": a provider
 * sent something else than the documents allow, its signed manifest or a given receipt says; no file is left.
 * *out: [{"dt","name","path","bytes","sha256"}…]. */
C2D_API c2d_status c2d_client_save_results(const c2d_client* client, uint64_t job, const char* folder,
                                           const c2d_save_options* options, char** out, c2d_error** error);
/** How many files; 0 for NULL. */
C2D_API size_t c2d_released_files_count(const c2d_released_files* files);
/** The name of file `index`, for example "rtt_log.txt"; "" beyond the last. View into `files`; so the
 * next two. */
C2D_API const char* c2d_released_files_name(const c2d_released_files* files, size_t index);
/** The token at whose provider it was released. */
C2D_API const char* c2d_released_files_dt(const c2d_released_files* files, size_t index);
/** Its bytes; NULL beyond the last. */
C2D_API const uint8_t* c2d_released_files_data(const c2d_released_files* files, size_t index);
/** Its size in bytes. */
C2D_API size_t c2d_released_files_size(const c2d_released_files* files, size_t index);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_released_files_destroy(c2d_released_files* files);

/** Ends the handle; NULL does nothing. What it started goes on at the providers. */
C2D_API void c2d_client_destroy(c2d_client* client);

#ifdef __cplusplus
}
#endif

#endif
