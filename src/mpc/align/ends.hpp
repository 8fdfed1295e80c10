/// How an alignment ends where it does not succeed.
#pragma once

#include "base/fail.hpp"
#include "mpc/core/input_agreement.hpp"

namespace c2d::mpc {

/// The name of the error that all parties of an alignment get.
inline constexpr const char* kCommonBelowMinimum = "common_below_minimum";

}  // namespace c2d::mpc

namespace c2d::mpc::align_detail {

/// What only the owner of the input is told.
template <class... Args>
Error unusable(fmt::format_string<Args...> format, Args&&... args) {
    return unusable_input(fmt::format(format, std::forward<Args>(args)...));
}
/// What all are told, and nothing else.
inline Error too_few_common() {
    Error out = fail(Status::DOMAIN, "the tables have fewer common rows than a party asks for (common_min)");
    out.name = kCommonBelowMinimum;
    return out;
}

}  // namespace c2d::mpc::align_detail
