/// What outlives a session: shares that are kept, and checkpoints.
#include "mpc_handles.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give;
using c2d::capi::guard;

extern "C" {

c2d_status c2d_mpc_session_keep(c2d_mpc_session* session, const c2d_mpc_tensor* a, const char* name,
                                uint8_t* out_binding, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, name);
        auto binding = session->value->keep(a->value, name);
        if (!binding) return std::move(binding).error();
        if (out_binding) std::copy(binding->data.begin(), binding->data.end(), out_binding);
        return Unit{};
    });
}

c2d_status c2d_mpc_session_load(c2d_mpc_session* session, const char* name, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, name, out);
        return give(session->value->load(name), out);
    });
}

c2d_status c2d_mpc_session_save_checkpoint(c2d_mpc_session* session, uint64_t step, const c2d_mpc_tensor* const* state,
                                           size_t state_count, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, state);
        if (state_count > C2D_MPC_CHECKPOINT_STATE_MAX)
            return c2d::Error(c2d::Status::LIMIT, "a checkpoint takes at most 64 tensors");
        std::vector<c2d::mpc::Tensor> given;
        for (size_t i = 0; i < state_count; ++i) {
            C2D_CAPI_NEED(state[i]);
            given.push_back(state[i]->value);
        }
        return session->value->save_checkpoint(step, given);
    });
}

c2d_status c2d_mpc_session_load_checkpoint(c2d_mpc_session* session, size_t state_max, uint64_t* out_step,
                                           c2d_mpc_tensor** out_state, size_t* out_count, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, out_step, out_state, out_count);
        auto loaded = session->value->load_checkpoint();
        if (!loaded) return std::move(loaded).error();
        *out_step = *out_count = 0;
        if (!*loaded) return Unit{};
        if ((*loaded)->state.size() > state_max)
            return c2d::Error(c2d::Status::LIMIT, "the checkpoint has more tensors than there is room for");
        for (c2d::mpc::Tensor& tensor : (*loaded)->state)
            out_state[(*out_count)++] = new c2d_mpc_tensor{std::move(tensor)};
        *out_step = (*loaded)->step;
        return Unit{};
    });
}

}  // extern "C"
