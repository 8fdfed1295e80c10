/// Failures that pass by themselves.
#pragma once

#include <c2d/result.hpp>

namespace c2d {

/// Nobody answered, or not in time: the same call may do later.
inline bool is_transient(const Error& error) noexcept {
    return error.status == Status::UNAVAILABLE || error.status == Status::TIMEOUT;
}

}  // namespace c2d
