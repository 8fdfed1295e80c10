/// What a test takes for granted.
#pragma once

#include <c2d/result.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

namespace c2d::support {

/// The value of a result that must be there. Otherwise the running test fails with the error's message; in another
/// thread than the test's own the whole program ends with it.
template <class T>
T must(Result<T> result) {
    if (!result) FAIL(std::string(status_name(result.status())) << ": " << result.error().message);
    return *std::move(result);
}

}  // namespace c2d::support
