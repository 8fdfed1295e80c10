/// `fail(Status::IO, "cannot open {}", path)`: an Error with a formatted message.
#pragma once

#include <c2d/result.hpp>

#include <fmt/format.h>

namespace c2d {

template <class... Args>
Error fail(Status status, fmt::format_string<Args...> format, Args&&... args) {
    return Error(status, fmt::format(format, std::forward<Args>(args)...));
}

/// The system's words for an errno value, thread-safe.
std::string errno_text(int error_number);

}  // namespace c2d
