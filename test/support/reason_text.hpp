/// How doctest shows a reason.
#pragma once

#include <c2d/reason.hpp>

#include <doctest/doctest.h>

namespace c2d {

inline doctest::String toString(Reason reason) { return reason_name(reason); }

}  // namespace c2d
