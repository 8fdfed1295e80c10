/// The handles of c2d/capi/mpc.h.
#pragma once

#include <c2d/capi/mpc.h>
#include <c2d/mpc.hpp>

#include "handles.hpp"

#include <memory>

struct c2d_mpc_matrix {
    c2d::mpc::Matrix value;
};
struct c2d_mpc_session {
    std::unique_ptr<c2d::mpc::Session> value;
};
struct c2d_mpc_tensor {
    c2d::mpc::Tensor value;
};

namespace c2d::capi {

/// What NULL stands for: the weakest.
Result<mpc::OpeningRules> read_opening_rules(const c2d_mpc_opening_rules* rules);

/// What an option stands for: 0 is the default.
template <class T>
T or_default(T value, T otherwise) {
    return value == T{} ? otherwise : value;
}

/// Hands a tensor over.
inline Result<Unit> give(Result<mpc::Tensor>&& tensor, c2d_mpc_tensor** out) {
    if (!tensor) return std::move(tensor).error();
    *out = new c2d_mpc_tensor{*std::move(tensor)};
    return Unit{};
}

}  // namespace c2d::capi
