/// What the fuzz targets share. A target takes any bytes whatever and aborts on a broken promise.
#pragma once

#include <c2d/types.hpp>

#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace c2d::fuzz {

/// Ends the program when a promise does not hold; libFuzzer and the replay driver both notice.
inline void require(bool holds, const char* promise) {
    if (holds) return;
    std::fprintf(stderr, "broken promise: %s\n", promise);
    std::abort();
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
    return {reinterpret_cast<const char*>(data), size};
}

}  // namespace c2d::fuzz
