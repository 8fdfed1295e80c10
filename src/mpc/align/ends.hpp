/// How an alignment ends where it does not succeed.
#pragma once

#include "base/fail.hpp"

namespace c2d::mpc {

/// Names of the errors that all parties of an alignment get.
inline constexpr const char* kInputUnusable = "input_unusable";
inline constexpr const char* kCommonBelowMinimum = "common_below_minimum";

}  // namespace c2d::mpc

namespace c2d::mpc::align_detail {

/// What only the owner of the input is told.
template <class... Args>
Error unusable(fmt::format_string<Args...> format, Args&&... args) {
    Error out = fail(Status::DOMAIN, format, std::forward<Args>(args)...);
    out.name = kInputUnusable;
    return out;
}
/// What the others are told.
inline Error unusable_input_of(unsigned party) {
    return unusable("the input of party {} is not usable (its own message says why)", party);
}
/// What all are told, and nothing else.
inline Error too_few_common() {
    Error out = fail(Status::DOMAIN, "the tables have fewer common rows than a party asks for (common_min)");
    out.name = kCommonBelowMinimum;
    return out;
}

}  // namespace c2d::mpc::align_detail
