/** @file
 * Runs an approved operator next to private data so that it reaches only its inputs and its outputs.
 *
 * Who runs (c2d_sandbox_job), how much (c2d_sandbox_limits) and what happened (c2d_report) are apart.
 * Strict by default: a layer that cannot be had is C2D_ERROR_LAYER_UNAVAILABLE, never silence. See
 * docs/sandbox.md for what is a boundary and what is not. A const sandbox may be shared between
 * threads. */
#ifndef C2D_CAPI_SANDBOX_H
#define C2D_CAPI_SANDBOX_H

#include <c2d/capi/environment.h>
#include <c2d/capi/mpc.h>

#ifdef __cplusplus
extern "C" {
#endif

/* -- what to run -- */

/** What to run; see c2d_sandbox_job_create. */
typedef struct c2d_sandbox_job c2d_sandbox_job;

/** How much one run may use. */
typedef struct c2d_sandbox_limits {
    size_t struct_size;
    uint64_t memory_bytes; /**< 0: 4 GiB */
    uint64_t tmp_bytes;    /**< 0: 256 MiB */
    uint64_t output_bytes; /**< 0: 256 MiB */
    uint64_t log_bytes;    /**< kept of the log; 0: 1 MiB */
    uint64_t wall_ms;      /**< 0: one hour */
    uint64_t cpu_ms;       /**< 0: two hours */
    uint32_t output_files; /**< 0: 64 */
    uint32_t processes;    /**< 0: 64 */
    uint32_t open_files;   /**< 0: 256 */
    uint32_t reserved;     /**< must be 0 */
} c2d_sandbox_limits;
#define C2D_SANDBOX_LIMITS_INIT \
    { sizeof(c2d_sandbox_limits), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_sandbox_limits_init(c2d_sandbox_limits* limits);

/** A job that runs `code` (its text, shown at /job/code) as python3 /job/code --config /job/args.json
 * with arguments {}. Filled by the functions below, for one thread; a const job may be started often.
 * They copy what they are given; files are opened when it starts. */
C2D_API c2d_status c2d_sandbox_job_create(const char* code, c2d_sandbox_job** out, c2d_error** error);
/** The arguments, a JSON object (shown at /job/args.json). */
C2D_API c2d_status c2d_sandbox_job_set_args(c2d_sandbox_job* job, const char* args_json, c2d_error** error);
/** Adds a word to the command line; the first replaces the default one. */
C2D_API c2d_status c2d_sandbox_job_add_argument(c2d_sandbox_job* job, const char* word, c2d_error** error);
/** Shows a host file read-only at /job/inputs/NAME. */
C2D_API c2d_status c2d_sandbox_job_add_input(c2d_sandbox_job* job, const char* name, const char* path,
                                             c2d_error** error);
/** Shows a host file or directory read-only at `inside`, an absolute path: for libraries. */
C2D_API c2d_status c2d_sandbox_job_add_mount(c2d_sandbox_job* job, const char* host, const char* inside,
                                             c2d_error** error);
/** Adds a variable to the fixed environment. */
C2D_API c2d_status c2d_sandbox_job_add_variable(c2d_sandbox_job* job, const char* name, const char* value,
                                                c2d_error** error);
/** Gives the operator one end of a UNIX socketpair as descriptor 3. The descriptor stays the caller's
 * and must be open when the job starts. */
C2D_API c2d_status c2d_sandbox_job_set_peer_fd(c2d_sandbox_job* job, int fd, c2d_error** error);
/** Collects outputs in a directory that does not exist yet or is empty. Required. */
C2D_API c2d_status c2d_sandbox_job_set_outputs(c2d_sandbox_job* job, const char* path, c2d_error** error);
/** Names an output that is collected. Without any, whatever the operator wrote is; once one is named,
 * any other makes the outcome "outputs_rejected", and nothing is collected. */
C2D_API c2d_status c2d_sandbox_job_add_output_name(c2d_sandbox_job* job, const char* name, c2d_error** error);
/** Replaces the default limits. C2D_ERROR_INVALID_ARGUMENT: `reserved` is set, or a time is past 2^53 ms. */
C2D_API c2d_status c2d_sandbox_job_set_limits(c2d_sandbox_job* job, const c2d_sandbox_limits* limits,
                                              c2d_error** error);
/** What an operator wrote: raw bytes, valid during the call, that may hold terminal escapes and rows of data. */
typedef void (*c2d_output_function)(const uint8_t* bytes, size_t bytes_count, void* user_data);
/** Takes what the operator writes while it runs, in pieces of any length, all of them before waiting for it returns. It
 * is called on the thread that keeps the run to its limits, one of the library's or the one that waits: it must return
 * at once. */
C2D_API c2d_status c2d_sandbox_job_set_log(c2d_sandbox_job* job, c2d_output_function log, void* user_data,
                                           c2d_destroy_function destroy, c2d_error** error);
/** LETS A WALL BE MISSING, for example "landlock"; the report says whether it was. */
C2D_API c2d_status c2d_sandbox_job_waive_layer(c2d_sandbox_job* job, const char* layer, c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_sandbox_job_destroy(c2d_sandbox_job* job);

/* -- what happened; a bad outcome is an answer, not an error -- */

/** What happened in one run. */
typedef struct c2d_report c2d_report;

/** 1 when the operator ended by itself with 0. */
C2D_API int c2d_report_succeeded(const c2d_report* report);
/** "exited", "signaled", "wall_timeout", "cpu_limit", "memory_limit", "cancelled",
 * "outputs_rejected", … */
C2D_API const char* c2d_report_outcome(const c2d_report* report);
/** One line for people. View into the report. */
C2D_API const char* c2d_report_detail(const c2d_report* report);
/** Of the operator, when the outcome is "exited"; else -1. */
C2D_API int c2d_report_exit_code(const c2d_report* report);
/** The operator's log, raw bytes that may hold terminal escapes and rows of data. View. */
C2D_API const uint8_t* c2d_report_log_data(const c2d_report* report);
C2D_API size_t c2d_report_log_size(const c2d_report* report);
/** The log made harmless for a terminal. To be ended with c2d_string_destroy. */
C2D_API c2d_status c2d_report_log_text(const c2d_report* report, char** out, c2d_error** error);
/** All of it but the log: times, peak memory, layers, digests, outputs. To be ended with
 * c2d_string_destroy. */
C2D_API c2d_status c2d_report_to_json(const c2d_report* report, char** out, c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_report_destroy(c2d_report* report);

/* -- the sandbox -- */

/** Starts operators. */
typedef struct c2d_sandbox c2d_sandbox;
/** A started operator. */
typedef struct c2d_run c2d_run;

/** What c2d_sandbox_open takes. */
typedef struct c2d_sandbox_options {
    size_t struct_size;
    const char* helper;                 /**< NULL: C2D_SANDBOX_HELPER, else looked for */
    const char* cgroup;                 /**< a writable cgroup v2 directory; NULL: looks for one */
    const c2d_environment* environment; /**< NULL: the default world */
} c2d_sandbox_options;
#define C2D_SANDBOX_OPTIONS_INIT \
    { sizeof(c2d_sandbox_options), 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_sandbox_options_init(c2d_sandbox_options* options);

/** `options` may be NULL. C2D_ERROR_NOT_FOUND: there is no helper. */
C2D_API c2d_status c2d_sandbox_open(const c2d_sandbox_options* options, c2d_sandbox** out, c2d_error** error);
/** [{"layer","state":"on"|"soft"|"off","errno","hint"}…]: what each wall would be on this machine.
 * To be ended with c2d_string_destroy. */
C2D_API c2d_status c2d_sandbox_probe(const c2d_sandbox* sandbox, char** out, c2d_error** error);
/** Runs a job to its end. C2D_ERROR_INVALID_ARGUMENT: the job asks for what cannot be;
 * C2D_ERROR_NOT_FOUND: an input is missing; C2D_ERROR_LAYER_UNAVAILABLE. */
C2D_API c2d_status c2d_sandbox_run(const c2d_sandbox* sandbox, const c2d_sandbox_job* job, c2d_report** out,
                                   c2d_error** error);
/** Starts a job and returns once the operator runs. Fails as c2d_sandbox_run. */
C2D_API c2d_status c2d_sandbox_start(const c2d_sandbox* sandbox, const c2d_sandbox_job* job, c2d_run** out,
                                     c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_sandbox_destroy(c2d_sandbox* sandbox);

/** What c2d_sandbox_try_parties takes beside the parties. */
typedef struct c2d_trial_options {
    size_t struct_size;
    const c2d_mpc_opening_rules* rules; /**< what the owners ask of openings, at all parties; NULL: the weakest */
    const char* kept; /**< folder of what is kept from one run to the next, NOT sealed; NULL: nothing is kept */
    int clear;        /**< 1: what is computed jointly is computed in the clear */
    int reserved;     /**< must be 0 */
} c2d_trial_options;
#define C2D_TRIAL_OPTIONS_INIT \
    { sizeof(c2d_trial_options), 0, 0, 0, 0 }
/** Sets what the macro sets; NULL does nothing. */
C2D_API void c2d_trial_options_init(c2d_trial_options* options);

/** Tries an operator out as its providers would run it. `jobs` are its parties: one, or the three of a joint
 * computation, each in a sandbox of its own with the engine beside it and relays between them. Code, mounts, variables,
 * limits and waived layers are those of the first job; arguments, inputs and outputs each job's own.
 * {"succeeded","failed":[party…],"parties":[{"party","end", "detail","log","opened","kept","bytes_to_peers",
 * "sandbox"}…]}: `failed` begins with who failed by itself. To be ended with c2d_string_destroy.
 * C2D_ERROR_INVALID_ARGUMENT: neither one job nor three; else fails as c2d_sandbox_start. */
C2D_API c2d_status c2d_sandbox_try_parties(const c2d_sandbox* sandbox, const c2d_sandbox_job* const* jobs,
                                           size_t jobs_count, const c2d_trial_options* options, char** out,
                                           c2d_error** error);

/** Waits for the end and collects the outputs. Once per run: again is C2D_ERROR_INVALID_ARGUMENT. */
C2D_API c2d_status c2d_run_wait(c2d_run* run, c2d_report** out, c2d_error** error);
/** Kills the whole process tree; waiting then reports "cancelled". From any thread, while another
 * waits; not while one destroys. NULL does nothing. */
C2D_API void c2d_run_cancel(const c2d_run* run);
/** Kills what still runs, and ends the handle; NULL does nothing. */
C2D_API void c2d_run_destroy(c2d_run* run);

#ifdef __cplusplus
}
#endif

#endif
