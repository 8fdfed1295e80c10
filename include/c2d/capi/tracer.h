/** @file
 * Walks a token's whole life: data token, grants, compositions, Algorithm, jobs.
 *
 * One walk over the chain as of one block, several renderings. Cycles and lost documents are shown, not fatal. A const
 * tracer and a const trace may be shared between threads. */
#ifndef C2D_CAPI_TRACER_H
#define C2D_CAPI_TRACER_H

#include <c2d/capi/asset_registry.h>

#ifdef __cplusplus
extern "C" {
#endif

/** Walks what one registry holds. */
typedef struct c2d_tracer c2d_tracer;
/** The trees of one walk. */
typedef struct c2d_trace c2d_trace;

/** Stands on the registry, and keeps it. */
C2D_API c2d_status c2d_tracer_create(const c2d_asset_registry* registry, c2d_tracer** out, c2d_error** error);
/** One tree per root, in the given order. `progress` counts tokens and may be NULL.
 * C2D_ERROR_NOT_FOUND: a root is not on the ledger. */
C2D_API c2d_status c2d_tracer_walk(const c2d_tracer* tracer, const char* const* roots, size_t roots_count,
                                   c2d_progress_function progress, void* user_data, c2d_trace** out, c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_tracer_destroy(c2d_tracer* tracer);

/** The trees for people, one line a node, which also says when it was written and what became of its grant. To be ended
 * with c2d_string_destroy. */
C2D_API c2d_status c2d_trace_to_text(const c2d_trace* trace, char** out, c2d_error** error);
/** {"roots":[…]}; docs/tracer.md has the members. To be ended with c2d_string_destroy. */
C2D_API c2d_status c2d_trace_to_json(const c2d_trace* trace, char** out, c2d_error** error);
/** Ends the handle; NULL does nothing. */
C2D_API void c2d_trace_destroy(c2d_trace* trace);

#ifdef __cplusplus
}
#endif

#endif
