/// What a job must look like before anything is started.
#pragma once

#include <c2d/sandbox.hpp>

#include <string_view>

namespace c2d::sandbox {

inline constexpr std::size_t kCodeBytesMax = 32u << 20;
inline constexpr std::size_t kArgumentsBytesMax = 4u << 20;
inline constexpr std::size_t kInputsMax = 128;
inline constexpr std::size_t kRuntimeMountsMax = 64;

/// `[A-Za-z0-9_][A-Za-z0-9._-]{0,127}`: names of inputs and outputs.
bool name_is_plain(std::string_view name) noexcept;
/// Absolute, below the root, without empty, "." and ".." parts.
bool inside_path_is_plain(std::string_view path) noexcept;
/// Checks names, bounds and limits; fails with `invalid_argument` and says which.
Result<Unit> check_job(const SandboxJob& job);

}  // namespace c2d::sandbox
