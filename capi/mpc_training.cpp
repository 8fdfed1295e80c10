/// Models: trained by gradient descent, fitted by Newton steps.
#include "mpc_handles.hpp"

#include <c2d/regression.hpp>

using c2d::Result;
using c2d::Unit;
using c2d::capi::give;
using c2d::capi::guard;
using c2d::capi::or_default;

namespace {

c2d::mpc::TrainOptions train_options(const c2d_mpc_train_options& given) {
    const auto or_default = [&](auto value, auto otherwise) {
        return given.zero_is_zero != 0 ? value : c2d::capi::or_default(value, otherwise);
    };
    c2d::mpc::TrainOptions how;
    how.lr = or_default(given.lr, how.lr);
    how.batch_size = or_default(size_t{given.batch_size}, how.batch_size);
    how.split = given.split;
    how.iterations = or_default(size_t{given.iterations}, size_t{1});
    how.seed = given.seed;
    how.evaluate_every = or_default(size_t{given.evaluate_every}, how.evaluate_every);
    how.auc_to = given.auc_to;
    how.precise = given.precise != 0;
    how.l2 = given.l2;
    how.lr_decay = or_default(given.lr_decay, how.lr_decay);
    how.lr_decay_every = given.lr_decay_every;
    how.wide_area = given.wide_area != 0;
    return how;
}

/// A training; `train(session, features, targets, options, progress)`.
template <class Train>
c2d_status trained(c2d_mpc_session* session, const c2d_mpc_tensor* features, const c2d_mpc_tensor* targets,
                   const c2d_mpc_train_options* options, c2d_mpc_train_progress progress, void* user_data,
                   c2d_mpc_tensor** out, c2d_error** error, Train train) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(features);
        C2D_CAPI_NEED(targets);
        C2D_CAPI_NEED(out);
        const c2d_mpc_train_options defaults = C2D_MPC_TRAIN_OPTIONS_INIT;
        auto given = c2d::capi::read_options(options, defaults);
        if (!given) return std::move(given).error();
        if (given->reserved != 0) return c2d::Error(c2d::Status::INVALID_ARGUMENT, "reserved must be 0");
        const c2d::mpc::TrainOptions how = train_options(*given);
        const auto tell = [&](std::size_t iteration, std::optional<double> auc) {
            return !progress || c2d::CallScope::over_now() ||
                   progress(iteration, auc.has_value() ? 1 : 0, auc.value_or(0), user_data) == 0;
        };
        return give(train(*session->value, features->value, targets->value, how, c2d::mpc::TrainProgress(tell)), out);
    });
}

c2d::mpc::RegressionOptions regression_options(const c2d_mpc_regression_options& given) {
    c2d::mpc::RegressionOptions how;
    if (given.no_ridge != 0 || given.ridge != 0) how.ridge = given.no_ridge != 0 ? 0 : given.ridge;
    how.tolerance = or_default(given.tolerance, how.tolerance);
    how.steps_max = or_default<size_t>(given.steps_max, how.steps_max);
    how.curvature_rows = or_default<size_t>(given.curvature_rows, how.curvature_rows);
    how.seed = given.seed;
    if (given.sample_weight != nullptr) how.sample_weight = given.sample_weight->value;
    if (given.offset != nullptr) how.offset = given.offset->value;
    how.statistics_to.assign(given.statistics_to, given.statistics_to + given.statistics_to_count);
    return how;
}

/// One row a coefficient: itself, its standard error, z and p-value.
c2d::mpc::Matrix matrix_of(const c2d::mpc::RegressionStatistics& found) {
    c2d::mpc::Matrix out{found.coefficients.size(), 4, {}};
    for (size_t j = 0; j < out.rows; ++j)
        for (const std::vector<double>* column :
             {&found.coefficients, &found.standard_errors, &found.z_values, &found.p_values})
            out.data.push_back((*column)[j]);
    return out;
}

/// A fit; `run(session, features, targets, options)`.
template <class Run>
c2d_status fitted(c2d_mpc_session* session, const c2d_mpc_tensor* features, const c2d_mpc_tensor* targets,
                  const c2d_mpc_regression_options* options, c2d_mpc_tensor** out, c2d_mpc_regression_result* result,
                  c2d_mpc_matrix** statistics, c2d_error** error, Run run) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session, features, targets, out, result, statistics);
        const c2d_mpc_regression_options defaults = C2D_MPC_REGRESSION_OPTIONS_INIT;
        auto given = c2d::capi::read_options(options, defaults);
        if (!given) return std::move(given).error();
        if (given->reserved != 0) return c2d::Error(c2d::Status::INVALID_ARGUMENT, "reserved must be 0");
        if (given->statistics_to_count != 0) C2D_CAPI_NEED(given->statistics_to);
        auto found = run(*session->value, features->value, targets->value, regression_options(*given));
        if (!found) return std::move(found).error();
        const auto& open = found->statistics;
        auto opened = open ? std::make_unique<c2d_mpc_matrix>(c2d_mpc_matrix{matrix_of(*open)}) : nullptr;
        *out = new c2d_mpc_tensor{found->weights};
        *result = {found->steps, found->converged ? 1 : 0, 0, open ? open->scale : 1};
        *statistics = opened.release();
        return Unit{};
    });
}

}  // namespace

extern "C" {

void c2d_mpc_train_options_init(c2d_mpc_train_options* options) {
    if (options) *options = C2D_MPC_TRAIN_OPTIONS_INIT;
}

c2d_status c2d_mpc_session_train_logistic(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                          const c2d_mpc_tensor* labels, const c2d_mpc_train_options* options,
                                          c2d_mpc_train_progress progress, void* user_data, c2d_mpc_tensor** out,
                                          c2d_error** error) {
    return trained(session, features, labels, options, progress, user_data, out, error,
                   [](auto& s, const auto&... arguments) { return s.train_logistic(arguments...); });
}

c2d_status c2d_mpc_session_train_linear(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                        const c2d_mpc_tensor* targets, const c2d_mpc_train_options* options,
                                        c2d_mpc_train_progress progress, void* user_data, c2d_mpc_tensor** out,
                                        c2d_error** error) {
    return trained(session, features, targets, options, progress, user_data, out, error,
                   [](auto& s, const auto&... arguments) { return s.train_linear(arguments...); });
}

double c2d_mpc_session_iterations_per_second(const c2d_mpc_session* session) {
    return session ? session->value->iterations_per_second() : 0;
}

void c2d_mpc_regression_options_init(c2d_mpc_regression_options* options) {
    if (options) *options = C2D_MPC_REGRESSION_OPTIONS_INIT;
}

c2d_status c2d_mpc_session_fit_logistic(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                        const c2d_mpc_tensor* labels, const c2d_mpc_regression_options* options,
                                        c2d_mpc_tensor** out, c2d_mpc_regression_result* result,
                                        c2d_mpc_matrix** statistics, c2d_error** error) {
    return fitted(session, features, labels, options, out, result, statistics, error,
                  [](auto& s, const auto&... arguments) { return s.fit_logistic(arguments...); });
}

c2d_status c2d_mpc_session_fit_linear(c2d_mpc_session* session, const c2d_mpc_tensor* features,
                                      const c2d_mpc_tensor* targets, const c2d_mpc_regression_options* options,
                                      c2d_mpc_tensor** out, c2d_mpc_regression_result* result,
                                      c2d_mpc_matrix** statistics, c2d_error** error) {
    return fitted(session, features, targets, options, out, result, statistics, error,
                  [](auto& s, const auto&... arguments) { return s.fit_linear(arguments...); });
}

}  // extern "C"
