/// Short forms to pass failures up. `C2D_TRY(auto x, f())` declares x or returns f's error;
/// `C2D_CHECK(f())` returns f's error.
#pragma once

#include <c2d/result.hpp>

#define C2D_CONCAT_(a, b) a##b
#define C2D_CONCAT(a, b) C2D_CONCAT_(a, b)
#define C2D_TRY_(tmp, declaration, expression)    \
    auto tmp = (expression);                      \
    if (!tmp.ok()) return std::move(tmp).error(); \
    declaration = *std::move(tmp)
#define C2D_TRY(declaration, expression) C2D_TRY_(C2D_CONCAT(c2d_try_, __COUNTER__), declaration, expression)
#define C2D_CHECK(expression)                                     \
    do {                                                          \
        auto c2d_check = (expression);                            \
        if (!c2d_check.ok()) return std::move(c2d_check).error(); \
    } while (false)
