/// What leaves the domain of an operation: the same words from every protocol.
#pragma once

#include <c2d/mpc.hpp>

namespace c2d::mpc {

Error division_domain();
Error root_domain();
Error log_domain();
Error sigmoid_domain();
Error standardise_domain();

/// What is wrong with the labels of an AUC, as `announce_input` says it of its owner.
inline constexpr std::string_view kOneClassOnly =
    "has labels of one class only in the rows to evaluate: there is no AUC";

/// An argument that holds no tensor.
Error no_tensor();
/// The largest magnitude of constants, public factors and, where nothing less was agreed, inputs.
inline constexpr double kFactorMax = 0x1p20;

/// The caller's `TrainProgress` said no.
Error training_cancelled();

}  // namespace c2d::mpc
