/// Regression without a rate to tune: iteratively reweighted least squares on shared columns, with standard errors.
///
/// `Session::fit_logistic` and `Session::fit_linear` take the options here. docs/mpc/regression.md: method, accuracy,
/// what is opened.
#pragma once

#include <c2d/mpc.hpp>

namespace c2d::mpc {

/// How a regression is fitted.
struct RegressionOptions {
    /// Penalty: `ridge` times the rows times |w|^2 / 2, w without the intercept; 0 to 1. scikit-learn's C is
    /// 1 / (ridge times rows). Empty: 1e-4, and of fewer than 10,000 rows 1 / rows, which is scikit-learn's default.
    std::optional<double> ridge = {};
    /// A step is the last when it moves the model by less than this many standard errors (all coefficients together),
    /// four times as many where `curvature_rows` is used; 2^-6 to 1.
    double tolerance = 1.0 / 64;
    /// Then the model is returned as it is, not `converged`; 1 to 100.
    std::size_t steps_max = 25;
    /// Rows that are drawn for the curvature of a step while the model is far from its end; 0: all. Twice as many near
    /// the end, and four times as many where a step went too far.
    std::size_t curvature_rows = 8192;
    /// Public; which rows these are is a function of it alone.
    std::uint64_t seed = 0;
    /// Rows x 1, from `input` with magnitude_max up to 64: how often a row counts. Empty: once. Below 0 is `domain`
    /// with the name `negative_weight`.
    Tensor sample_weight = {};
    /// Rows x 1: added to the row's linear predictor. Empty: nothing is.
    Tensor offset = {};
    /// Who learns coefficients, standard errors and what follows from them; nobody by default.
    std::vector<unsigned> statistics_to = {};
};

/// What the parties in `statistics_to` learn, by column, the intercept last.
struct RegressionStatistics {
    std::vector<double> coefficients, standard_errors;
    /// Coefficient by standard error: Wald's z, or Student's t of a linear model.
    std::vector<double> z_values;
    /// Of a coefficient that differs from 0 to either side.
    std::vector<double> p_values;
    /// Variance of a linear model's residuals; 1 of a logistic one.
    double scale = 1;
};

/// A fitted model.
struct Regression {
    /// (columns + 1) x 1, still shared: weights, then the intercept; as `train_logistic` returns it.
    Tensor weights = {};
    /// Steps taken, and whether the last was below the tolerance: public.
    std::size_t steps = 0;
    bool converged = false;
    /// At the parties named alone.
    std::optional<RegressionStatistics> statistics = {};
};

}  // namespace c2d::mpc
