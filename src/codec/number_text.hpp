/// Doubles as text: the shortest digits that read back, in the notations of two languages.
#pragma once

#include <string>

namespace c2d {

/// Number::toString of ECMAScript, which RFC 8785 prescribes: 1e+21, 1e-7, 100, 0 for −0.
/// `number` must be finite.
std::string ecmascript_number_text(double number);

/// repr() of Python's float: 1e+16, 1e-07, 100.0, -0.0; "Infinity" and "-Infinity" as its json
/// module writes them.
std::string python_number_text(double number);

}  // namespace c2d
