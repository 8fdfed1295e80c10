/* The operations on tensors, each the method of c2d::mpc::Session of its name.
 * Made by src/tools/codegen/generate.py; change c2d/capi/mpc.h and run it again. */
/* clang-format off */
#include "mpc_handles.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give;
using c2d::capi::guard;

extern "C" {

c2d_status c2d_mpc_session_add(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, b, out);
        return give(session->value->add(a->value, b->value), out);
    });
}

c2d_status c2d_mpc_session_sub(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, b, out);
        return give(session->value->sub(a->value, b->value), out);
    });
}

c2d_status c2d_mpc_session_scale(c2d_mpc_session* session, const c2d_mpc_tensor* a, double factor, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, out);
        return give(session->value->scale(a->value, factor), out);
    });
}

c2d_status c2d_mpc_session_mul(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, b, out);
        return give(session->value->mul(a->value, b->value), out);
    });
}

c2d_status c2d_mpc_session_matmul(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, b, out);
        return give(session->value->matmul(a->value, b->value), out);
    });
}

c2d_status c2d_mpc_session_transpose(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, out);
        return give(session->value->transpose(a->value), out);
    });
}

c2d_status c2d_mpc_session_less(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, b, out);
        return give(session->value->less(a->value, b->value), out);
    });
}

c2d_status c2d_mpc_session_select(c2d_mpc_session* session, const c2d_mpc_tensor* bit, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, bit, a, b, out);
        return give(session->value->select(bit->value, a->value, b->value), out);
    });
}

c2d_status c2d_mpc_session_repeat(c2d_mpc_session* session, const c2d_mpc_tensor* a, size_t rows, size_t cols, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, out);
        return give(session->value->repeat(a->value, rows, cols), out);
    });
}

c2d_status c2d_mpc_session_divide(c2d_mpc_session* session, const c2d_mpc_tensor* a, const c2d_mpc_tensor* b, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, b, out);
        return give(session->value->divide(a->value, b->value), out);
    });
}

c2d_status c2d_mpc_session_reciprocal(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, out);
        return give(session->value->reciprocal(a->value), out);
    });
}

c2d_status c2d_mpc_session_inverse_sqrt(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, out);
        return give(session->value->inverse_sqrt(a->value), out);
    });
}

c2d_status c2d_mpc_session_log(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, out);
        return give(session->value->log(a->value), out);
    });
}

c2d_status c2d_mpc_session_standardise(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, out);
        return give(session->value->standardise(a->value), out);
    });
}

c2d_status c2d_mpc_session_weight_of_evidence(c2d_mpc_session* session, const c2d_mpc_tensor* counts, double smoothing, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, counts, out);
        return give(session->value->weight_of_evidence(counts->value, smoothing), out);
    });
}

c2d_status c2d_mpc_session_information_value(c2d_mpc_session* session, const c2d_mpc_tensor* counts, double smoothing, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, counts, out);
        return give(session->value->information_value(counts->value, smoothing), out);
    });
}

c2d_status c2d_mpc_session_correlations(c2d_mpc_session* session, const c2d_mpc_tensor* features, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, features, out);
        return give(session->value->correlations(features->value), out);
    });
}

c2d_status c2d_mpc_session_variance_inflation(c2d_mpc_session* session, const c2d_mpc_tensor* correlations, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, correlations, out);
        return give(session->value->variance_inflation(correlations->value), out);
    });
}

c2d_status c2d_mpc_session_bin_points(c2d_mpc_session* session, const c2d_mpc_tensor* values, const c2d_mpc_tensor* model, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, values, model, out);
        return give(session->value->bin_points(values->value, model->value), out);
    });
}

}  // extern "C"
