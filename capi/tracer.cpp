#include <c2d/capi/tracer.h>
#include <c2d/tracer.hpp>

#include "handles.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give_text;
using c2d::capi::guard;

struct c2d_tracer {
    c2d::Tracer value;
};
struct c2d_trace {
    std::vector<c2d::TraceNode> roots;
};

extern "C" {

c2d_status c2d_tracer_create(const c2d_asset_registry* registry, c2d_tracer** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, out);
        *out = new c2d_tracer{c2d::Tracer(registry->value)};
        return Unit{};
    });
}

c2d_status c2d_tracer_walk(const c2d_tracer* tracer, const char* const* roots, size_t roots_count,
                           c2d_progress_function progress, void* user_data, c2d_trace** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(tracer);
        if (roots_count != 0) C2D_CAPI_NEED(roots);
        C2D_CAPI_NEED(out);
        std::vector<c2d::TokenId> ids;
        for (std::size_t i = 0; i < roots_count; ++i) {
            C2D_CAPI_NEED(roots[i]);
            C2D_TRY(const c2d::TokenId id, c2d::parse_token(roots[i]));
            ids.push_back(id);
        }
        c2d::capi::ProgressCall call(progress, user_data);
        auto trees = tracer->value.walk(ids, call.progress(), call.token());
        if (!trees) return call.finish(std::move(trees).error());
        *out = new c2d_trace{*std::move(trees)};
        return Unit{};
    });
}

void c2d_tracer_destroy(c2d_tracer* tracer) { delete tracer; }

c2d_status c2d_trace_to_text(const c2d_trace* trace, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(trace, out);
        return give_text(c2d::trace_text(trace->roots), out);
    });
}

c2d_status c2d_trace_to_json(const c2d_trace* trace, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(trace, out);
        return give_text(c2d::trace_json(trace->roots), out);
    });
}

void c2d_trace_destroy(c2d_trace* trace) { delete trace; }

}  // extern "C"
