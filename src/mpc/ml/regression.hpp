/// Newton's method for generalised linear models (iteratively reweighted least squares), as a program over `Backend`
/// and `Glm`: docs/mpc/regression.md.
#pragma once

#include "mpc/core/protocol.hpp"

#include <c2d/regression.hpp>

namespace c2d::mpc::ml {

/// Arguments arrive checked. Fails with `domain`, and the name `separable` or `collinear` where that is the cause.
/// `course` hears where a logistic one stands between two steps.
Result<Regression> fit(Protocol& protocol, const TensorData& x, const TensorData& y, const RegressionOptions& options,
                       Model model, LoopCourse& course);

/// Coefficients, z or t values and p-values of what was opened: weights, and diagonal elements of the inverse of the
/// curvature whose mean over 2^rows_log2(rows) rows it is. `scale` 0: a logistic model.
RegressionStatistics statistics_of(const std::vector<double>& weights, const std::vector<double>& inverse_diagonal,
                                   std::size_t rows, double scale);

/// Two-sided p-value of a standard normal variable, and of Student's t with `freedom` degrees.
double normal_p_value(double z);
double student_p_value(double t, double freedom);

}  // namespace c2d::mpc::ml
