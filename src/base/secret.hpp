/// Handling of secrets: cleared in a way the compiler keeps, compared in constant time.
#pragma once

#include <c2d/types.hpp>

namespace c2d {

void clear_secret(void* data, std::size_t bytes_count) noexcept;
/// True when equal; the time depends on the lengths only.
bool equal_constant_time(BytesView a, BytesView b) noexcept;

}  // namespace c2d
