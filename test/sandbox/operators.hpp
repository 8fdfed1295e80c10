/// Hostile operators: one bad thing each, as the body of a Python function that raises when it is
/// kept from it. `test/sandbox/hostile_test.cpp` runs each outside, where it must succeed, and
/// inside, where it must not.
#pragma once

#include <span>

namespace c2d::test {

struct HostileOperator {
    const char* name;
    /// Who can do it outside: anybody, root only, or only some machines (a module that may be
    /// absent, an interface that may be off).
    enum class Outside { anybody, root, some } outside;
    const char* body;
};

std::span<const HostileOperator> hostile_operators();
/// Defined before each body: call(number, …) is a system call that raises OSError; V is the
/// victim's coordinates: files, pid, ports.
extern const char* const kHostilePrelude;

}  // namespace c2d::test
