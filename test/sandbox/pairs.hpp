/// Hostile operators in pairs: one run was told a secret, another run, of another job, is to learn
/// it. `test/sandbox/pairs_test.cpp` lets each pair try outside, where it must succeed, and in two
/// sandboxes at the same time, where it must not.
#pragma once

#include "sandbox/operators.hpp"

#include <span>

namespace c2d::test {

struct HostilePair {
    const char* name;
    HostileOperator::Outside outside;
    /// What docs/sandbox.md says of it: closed, or open for an ordinary user's host, or for all.
    enum class Stays { never, for_a_user, for_all } stays;
    /// Defines `send(bit)` and `hear()`; one of the two runs calls the one, one the other.
    const char* body;
};

std::span<const HostilePair> hostile_pairs();
/// Before each body: `shared` is a file of the runtime that both see, `unprivileged()` gives up
/// root's exemption from limits a user. After it, `kPairLoop` takes orders from descriptor 3.
extern const char* const kPairPrelude;
extern const char* const kPairLoop;

}  // namespace c2d::test
