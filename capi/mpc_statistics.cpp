/// Statistics of columns, of their bins, and of scores.
#include "mpc_handles.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give;
using c2d::capi::guard;

extern "C" {

c2d_status c2d_mpc_session_column_statistics(c2d_mpc_session* session, const c2d_mpc_tensor* a,
                                             const c2d_mpc_tensor* included, size_t count_min, const unsigned* to,
                                             size_t to_count, c2d_mpc_matrix** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, a, out);
        if (to_count != 0) C2D_CAPI_NEED(to);
        auto found = session->value->column_statistics(a->value, included ? included->value : c2d::mpc::Tensor(),
                                                       count_min, std::vector<unsigned>(to, to + to_count));
        if (!found) return std::move(found).error();
        *out = nullptr;
        if (!found->has_value()) return Unit{};
        const c2d::mpc::ColumnStatistics& statistics = **found;
        std::vector<double> all(statistics.mean.size(), statistics.count);
        all.insert(all.end(), statistics.mean.begin(), statistics.mean.end());
        all.insert(all.end(), statistics.variance.begin(), statistics.variance.end());
        *out = new c2d_mpc_matrix{{3, statistics.mean.size(), std::move(all)}};
        return Unit{};
    });
}

c2d_status c2d_mpc_session_bin_counts(c2d_mpc_session* session, unsigned owner, const c2d_mpc_matrix* bins,
                                      size_t count, const c2d_mpc_tensor* labels, c2d_mpc_tensor** out,
                                      c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, labels, out);
        return give(session->value->bin_counts(owner, bins ? &bins->value : nullptr, count, labels->value), out);
    });
}

c2d_status c2d_mpc_session_reveal_bin_counts(c2d_mpc_session* session, const c2d_mpc_tensor* counts,
                                             c2d_mpc_matrix** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, counts, out);
        auto found = session->value->reveal_bin_counts(counts->value);
        if (!found) return std::move(found).error();
        *out = found->has_value() ? new c2d_mpc_matrix{std::move(**found)} : nullptr;
        return Unit{};
    });
}

c2d_status c2d_mpc_session_encode_bins(c2d_mpc_session* session, unsigned owner, const c2d_mpc_matrix* bins,
                                       const c2d_mpc_tensor* values, c2d_mpc_tensor** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, values, out);
        return give(session->value->encode_bins(owner, bins ? &bins->value : nullptr, values->value), out);
    });
}

c2d_status c2d_mpc_session_auc(c2d_mpc_session* session, const c2d_mpc_tensor* scores, const c2d_mpc_tensor* labels,
                               unsigned to, int* out_known, double* out_auc, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, scores, labels, out_known, out_auc);
        auto auc = session->value->auc(scores->value, labels->value, to);
        if (!auc) return std::move(auc).error();
        *out_known = auc->has_value() ? 1 : 0;
        if (auc->has_value()) *out_auc = **auc;
        return Unit{};
    });
}

}  // extern "C"
