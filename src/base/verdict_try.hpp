/// The short form of checks that follow one another. `C2D_ACCEPT(check())` goes on when `check()`, a `Verdict` or a
/// `Result<Verdict>`, accepts; a refusal, or the failure to decide, is what the caller returns.
#pragma once

#include <c2d/reason.hpp>
#include <c2d/result.hpp>

#define C2D_ACCEPT(expression)                                            \
    do {                                                                  \
        ::c2d::Result<::c2d::Verdict> c2d_accept = (expression);          \
        if (!c2d_accept.ok() || c2d_accept->refused()) return c2d_accept; \
    } while (false)
