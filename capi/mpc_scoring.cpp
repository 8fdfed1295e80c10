/// What a model says of customers.
#include "mpc_handles.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give;
using c2d::capi::guard;
using c2d::capi::or_default;

extern "C" {

void c2d_mpc_score_options_init(c2d_mpc_score_options* options) {
    if (options) *options = C2D_MPC_SCORE_OPTIONS_INIT;
}

c2d_status c2d_mpc_session_score(c2d_mpc_session* session, const c2d_mpc_tensor* features, const c2d_mpc_tensor* model,
                                 const c2d_mpc_score_options* options, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, features, model, out);
        const c2d_mpc_score_options defaults = C2D_MPC_SCORE_OPTIONS_INIT;
        auto given = c2d::capi::read_options(options, defaults);
        if (!given) return std::move(given).error();
        c2d::mpc::ScoreOptions how;
        how.kind = static_cast<c2d::mpc::ScoreKind>(given->kind);
        how.points = or_default(given->points, how.points);
        how.odds = or_default(given->odds, how.odds);
        how.double_after = or_default(given->double_after, how.double_after);
        return give(session->value->score(features->value, model->value, how), out);
    });
}

c2d_status c2d_mpc_session_contributions(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                         const c2d_mpc_tensor* model, const size_t* columns, size_t count,
                                         c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, features, model, out);
        if (count != 0) C2D_CAPI_NEED(columns);
        const std::vector<std::size_t> of(columns, columns + count);
        return give(session->value->contributions(features->value, model->value, of), out);
    });
}

c2d_status c2d_mpc_session_reason_codes(c2d_mpc_session* session, const c2d_mpc_tensor* contributions,
                                        const c2d_mpc_tensor* baseline, size_t count, const c2d_mpc_tensor* shares,
                                        c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, contributions, baseline, out);
        const c2d::mpc::Tensor of_bins = shares ? shares->value : c2d::mpc::Tensor();
        return give(session->value->reason_codes(contributions->value, baseline->value, count, of_bins), out);
    });
}

}  // extern "C"
