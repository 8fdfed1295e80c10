/// Named places between two steps that must not be torn apart: a test ends the process there and looks at what is left.
#pragma once

#include <atomic>

namespace c2d {

/// Null, but in a test.
inline std::atomic<void (*)(const char* name)> fail_point_hook{nullptr};

inline void fail_point(const char* name) {
    if (auto* const hook = fail_point_hook.load(std::memory_order_relaxed)) hook(name);
}

}  // namespace c2d
