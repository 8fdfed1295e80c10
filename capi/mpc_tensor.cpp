/// Tensors, and the operations on them that the generator does not write (mpc_operations.cpp has the others).
#include "mpc_handles.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give;
using c2d::capi::guard;

namespace {

template <class Operation>
c2d_status unary(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out, c2d_error** error,
                 Operation operation) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(a);
        C2D_CAPI_NEED(out);
        return give(operation(*session->value, a->value), out);
    });
}

/// An operation on a list of tensors.
template <class Operation>
c2d_status joined(c2d_mpc_session* session, const c2d_mpc_tensor* const* parts, size_t parts_count,
                  c2d_mpc_tensor** out, c2d_error** error, Operation operation) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(parts);
        C2D_CAPI_NEED(out);
        std::vector<c2d::mpc::Tensor> tensors;
        for (size_t i = 0; i < parts_count; ++i) {
            C2D_CAPI_NEED(parts[i]);
            tensors.push_back(parts[i]->value);
        }
        return give(operation(*session->value, tensors), out);
    });
}

}  // namespace

extern "C" {

c2d_status c2d_mpc_session_sigmoid(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_tensor** out,
                                   c2d_error** error) {
    return unary(session, a, out, error, [](auto& s, const auto& x) { return s.sigmoid(x); });
}

c2d_status c2d_mpc_session_sigmoid_by_comparison(c2d_mpc_session* session, const c2d_mpc_tensor* a,
                                                 c2d_mpc_tensor** out, c2d_error** error) {
    return unary(session, a, out, error,
                 [](auto& s, const auto& x) { return s.sigmoid(x, c2d::mpc::SigmoidKind::comparison); });
}

c2d_status c2d_mpc_session_sum(c2d_mpc_session* session, const c2d_mpc_tensor* a, c2d_mpc_sum which,
                               c2d_mpc_tensor** out, c2d_error** error) {
    return unary(session, a, out, error, [which](auto& s, const auto& x) -> Result<c2d::mpc::Tensor> {
        switch (static_cast<int>(which)) {
            case C2D_MPC_SUM_EACH_ROW: return s.sum(x, c2d::mpc::Sum::each_row);
            case C2D_MPC_SUM_EACH_COLUMN: return s.sum(x, c2d::mpc::Sum::each_column);
            case C2D_MPC_SUM_ALL: return s.sum(x, c2d::mpc::Sum::all);
            default: return c2d::Error(c2d::Status::INVALID_ARGUMENT, "there is no such sum");
        }
    });
}

c2d_status c2d_mpc_session_rows(c2d_mpc_session* session, const c2d_mpc_tensor* a, const size_t* index,
                                size_t index_count, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, index, out);
        const std::vector<size_t> wanted(index, index + index_count);
        return give(session->value->rows(a->value, wanted), out);
    });
}

c2d_status c2d_mpc_session_hconcat(c2d_mpc_session* session, const c2d_mpc_tensor* const* parts, size_t parts_count,
                                   c2d_mpc_tensor** out, c2d_error** error) {
    return joined(session, parts, parts_count, out, error, [](auto& s, const auto& all) { return s.hconcat(all); });
}

c2d_status c2d_mpc_session_vconcat(c2d_mpc_session* session, const c2d_mpc_tensor* const* parts, size_t parts_count,
                                   c2d_mpc_tensor** out, c2d_error** error) {
    return joined(session, parts, parts_count, out, error, [](auto& s, const auto& all) { return s.vconcat(all); });
}

size_t c2d_mpc_tensor_rows(const c2d_mpc_tensor* tensor) { return tensor ? tensor->value.rows() : 0; }

size_t c2d_mpc_tensor_cols(const c2d_mpc_tensor* tensor) { return tensor ? tensor->value.cols() : 0; }

void c2d_mpc_tensor_destroy(c2d_mpc_tensor* tensor) { delete tensor; }

}  // extern "C"
