/** @file
 * A bank's side of the flow: verifies requests by itself, runs operators next to the data.
 *
 * It takes requests as values: put it behind any server, queue or file drop. Runs are carried out on
 * threads of its own, from a queue that survives a restart. A const provider may be shared between
 * threads. Texts put out end with c2d_string_destroy. */
#ifndef C2D_CAPI_PROVIDER_H
#define C2D_CAPI_PROVIDER_H

#include <c2d/capi/asset_registry.h>
#include <c2d/capi/http.h>
#include <c2d/capi/sandbox.h>

#ifdef __cplusplus
extern "C" {
#endif

/** A bank's side: one owner's tokens, queue and runs. */
typedef struct c2d_provider c2d_provider;

/** The file behind one of our tokens. */
typedef struct c2d_provider_asset {
    const char* dt;
    const char* path;
} c2d_provider_asset;

/** A database behind one of our tokens, in place of a file. */
typedef struct c2d_provider_source {
    const char* dt;
    const char* source; /**< JSON, as c2d_table_query takes it */
} c2d_provider_source;

/** A host file or directory shown read-only to every operator at `inside`, an absolute path. */
typedef struct c2d_provider_mount {
    const char* host;
    const char* inside;
} c2d_provider_mount;

/** A variable of every operator's environment. */
typedef struct c2d_provider_variable {
    const char* name;
    const char* value;
} c2d_provider_variable;

/** TCP ports, both ends included. */
typedef struct c2d_port_range {
    uint16_t first;
    uint16_t last;
} c2d_port_range;

/** A secret that was agreed on beforehand with an organisation. */
typedef struct c2d_provider_peer_psk {
    const char* organisation; /**< its address */
    const char* path;         /**< at least 32 characters, for us alone to read; the organisation has the same */
} c2d_provider_peer_psk;

/** How much of the turns a solver has. */
typedef struct c2d_provider_queue_weight {
    const char* solver; /**< its address */
    uint32_t weight;    /**< 1 to 1000: who has 2 has two runs taken where another has one */
} c2d_provider_queue_weight;

/** What c2d_provider_open takes. */
typedef struct c2d_provider_options {
    size_t struct_size;
    const c2d_key* key;                 /**< signs in the organisation's name; required */
    const c2d_environment* environment; /**< NULL: the default world */
    const char* exec_dirpath;           /**< job folders and our state, made if absent; NULL: "./tests/" */

    /** The data behind our tokens. What cannot be opened is told to the log, and fails the call where there is none. */
    const c2d_provider_asset* assets;
    size_t assets_count;
    const char* const* registrable; /**< files, or folders whose files, /insertDtStore may name */
    size_t registrable_count;

    const char* const* accepted_parties; /**< organisation names or addresses we compute with */
    size_t accepted_parties_count;       /**< 0: any registered one */
    int allow_collusion;                 /**< 1: for demonstrations only; OTHERS' DATA ARE NOT SAFE */
    int accept_legacy_signatures;        /**< 1: take the original's replayable signatures */

    const char* peer_bind;            /**< where our own parties listen; NULL: "127.0.0.1" */
    const c2d_port_range* peer_ports; /**< ports that our own endpoints may name */
    size_t peer_ports_count;          /**< 0: none, so no joint computations */
    const char* const* peer_networks; /**< private and loopback ranges (CIDR) that peers may be in;
                                             * public addresses need no entry */
    size_t peer_networks_count;
    uint64_t peer_connect_ms; /**< until peers must be there; 0: 60000 */

    const c2d_sandbox_options* sandbox; /**< NULL: the defaults; its environment is not used */
    const c2d_sandbox_limits* limits;   /**< of one run; NULL: the defaults */
    uint32_t workers;                   /**< runs at a time, at most 64; 0: 2 */
    uint32_t queue_max;                 /**< runs that may wait; 0: 64 */

    const char* python_package;       /**< folder of the package `c2d` for operators, */
    const char* python_library;       /**< and its libc2d.so; NULL: looked for beside this library */
    const c2d_provider_mount* mounts; /**< what operators see beside it */
    size_t mounts_count;
    const c2d_provider_variable* variables;
    size_t variables_count;

    const char* const* peer_sources; /**< networks (CIDR) that peers call from, beside where their
                                             * endpoints lie: places are kept for these callers */
    size_t peer_sources_count;
    int peer_sources_only;    /**< 1: nobody else may call */
    uint64_t waiting_seconds; /**< until the rest of a run must be asked for; 0: 600 */
    uint64_t disk_bytes_min;  /**< free bytes below exec_dirpath for another run to begin;
                                             * 0: 64 MiB */
    int defer_start;          /**< 1: c2d_provider_start is called when the port is ours */
    const char* const*
        accepted_composers;          /**< organisations whose compositions may use our tokens, by address or legal id */
    size_t accepted_composers_count; /**< 0: any registered one */
    const char* organisation; /**< owner of our tokens; NULL: whom the key acts for on the ledger, else its address */
    /** Files with secrets that were agreed on beforehand with organisations: they go into the keys of joint runs. */
    const c2d_provider_peer_psk* peer_psk;
    size_t peer_psk_count;
    uint64_t
        peer_silence_ms; /**< how long nothing may be heard of a peer's provider while an operator runs, at least 5000;
                               * 0: 30 s */
    uint16_t peer_port;  /**< the port of all joint computations, which our own endpoints name; 0: peer_ports alone */
    const c2d_provider_queue_weight*
        queue_weights; /**< solvers are served in turn, those who are not named with weight 1 */
    size_t queue_weights_count;
    uint32_t queue_share; /**< runs of one solver that may wait; 0: a quarter of queue_max */
    const char*
        artifact_key; /**< the key of artifacts: a file, made with the first, or a pkcs11: URI; NULL: beside them, below exec_dirpath */
    const c2d_provider_source* sources; /**< asked when a run begins; the operator gets a table file */
    size_t sources_count;
    uint64_t release_bytes_max; /**< what the solver gets of one run's outputs at most; 0: 1 MiB */
    uint64_t attempt_seconds;   /**< how long a receipt waits for another attempt, a week at most; 0: 900 */
    uint64_t
        checkpoint_seconds; /**< how far apart computations that may be tried again write checkpoints, a day at most; 0: 60 */
} c2d_provider_options;
#define C2D_PROVIDER_OPTIONS_INIT                                                                                      \
    {                                                                                                                  \
        sizeof(c2d_provider_options), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, \
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0                                           \
    }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_provider_options_init(c2d_provider_options* options);

/** Checks the options, locks the state in exec_dirpath for this process and, unless `defer_start` is
 * set, starts as c2d_provider_start does; stands on the registry, and keeps it and the key. A failure
 * leaves the state as it was. C2D_ERROR_CONFLICT: another provider works on that state;
 * C2D_ERROR_REFUSED: the key does not act for the organisation;
 * C2D_ERROR_NOT_FOUND: there is no sandbox helper; C2D_ERROR_IO: exec_dirpath cannot be had. */
C2D_API c2d_status c2d_provider_open(const c2d_asset_registry* registry, const c2d_provider_options* options,
                                     c2d_provider** out, c2d_error** error);

/** Opens the durable state and starts the workers; runs that were under way when the last process
 * ended are failed as "interrupted". For programs that listen on a port: open with `defer_start`, bind
 * the port, then call this, so that a start which cannot have the port harms no run; until then
 * requests are answered 503 "starting". Does nothing when called again. C2D_ERROR_UNSUPPORTED: the
 * state was written by a newer version. */
C2D_API c2d_status c2d_provider_start(const c2d_provider* provider, c2d_error** error);

/** Answers one request: a refusal is an answer too, with its status and
 * {"error":{"code","message","request_id"}}. The routes are in docs/provider.md. A server in front
 * should stop reading bodies at c2d_provider_body_bytes_max(); larger ones are refused. */
C2D_API c2d_status c2d_provider_handle(const c2d_provider* provider, const c2d_http_request* request,
                                       c2d_http_response** out, c2d_error** error);
/** The largest body that is taken, in bytes. */
C2D_API size_t c2d_provider_body_bytes_max(void);

/** The organisation's address: owner of our tokens, audience of requests. View into the provider; "" for NULL. */
C2D_API const char* c2d_provider_address(const c2d_provider* provider);

/* -- the owner's own view; solvers ask by requests -- */

/** [{"job_id","party","algo_dt","solver","state","outcome","detail","folder","outputs":[…],"created",
 * "updated","attempt","attempts_max","again"}…]: the newest runs, at most 200. `detail` is one line, FOR THE OWNER
 * ONLY. */
C2D_API c2d_status c2d_provider_runs(const c2d_provider* provider, char** out, c2d_error** error);
/** The same of one job, one object a party of ours. C2D_ERROR_NOT_FOUND: it was not admitted here. */
C2D_API c2d_status c2d_provider_runs_of(const c2d_provider* provider, uint64_t job, char** out, c2d_error** error);
/** Cancels what has not ended of a job. C2D_ERROR_NOT_FOUND; C2D_ERROR_CONFLICT: all of it has. */
C2D_API c2d_status c2d_provider_cancel(const c2d_provider* provider, uint64_t job, c2d_error** error);
/** [{"dt","cdt","composer","since"}…]: requests for grants that only the owner may give ("grant_needs_owner"), at most
 * 256, oldest first. c2d_asset_registry_grant with the owner's key answers them. */
C2D_API c2d_status c2d_provider_waiting_grants(const c2d_provider* provider, char** out, c2d_error** error);
/** Closes a token of ours at this provider, until it is opened: no grants, no new jobs, and runs under way end as
 * "revoked". C2D_ERROR_REFUSED: it is not ours. */
C2D_API c2d_status c2d_provider_close_token(const c2d_provider* provider, const char* dt, c2d_error** error);
/** Opens a token that was closed. */
C2D_API c2d_status c2d_provider_open_token(const c2d_provider* provider, const char* dt, c2d_error** error);
/** Waits until no run is queued or running; while held, until none has begun. */
C2D_API c2d_status c2d_provider_drain(const c2d_provider* provider, c2d_error** error);
/** held 1: no run is taken from the queue, until it is released with 0 or the provider starts anew; what has begun goes
 * on. */
C2D_API c2d_status c2d_provider_hold(const c2d_provider* provider, int held, c2d_error** error);

/** Shuts down: cancels what runs, waits for it, and ends the handle; NULL does nothing. Queued runs
 * start when the provider is opened again. No other call may be under way. */
C2D_API void c2d_provider_destroy(c2d_provider* provider);

#ifdef __cplusplus
}
#endif

#endif
