/// Whether the kernel is an emulator's (test/arm64.sh says so): qemu's user mode has no openat2 and
/// no flags in smaps.
#pragma once

#include <cstdlib>

namespace c2d::support {

inline bool emulated() { return std::getenv("C2D_TEST_EMULATED") != nullptr; }

}  // namespace c2d::support
