/// What makes the rest of a file unreadable, as an error on its way to the list of problems.
#pragma once

#include <c2d/table.hpp>

#include <fmt/format.h>

namespace c2d::table {

/// The name of such errors; their code is the line.
inline constexpr const char* kUnusable = "table_unusable";

template <class... Args>
Error unusable(std::uint64_t line, fmt::format_string<Args...> format, Args&&... args) {
    Error error(Status::INVALID_ARGUMENT, fmt::format(format, std::forward<Args>(args)...));
    error.name = kUnusable;
    error.code = line;
    return error;
}
inline bool is_unusable(const Error& error) { return error.name == kUnusable; }
inline Problem problem_of(const Error& error) { return {error.code, "", "", error.message}; }

}  // namespace c2d::table
