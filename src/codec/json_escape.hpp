/// The one list of JSON's short escapes.
#pragma once

#include <string_view>

namespace c2d {

/// The escape of two characters that RFC 8785 and Python's json module both use for `point`, or
/// nothing where there is none.
inline std::string_view short_escape(char32_t point) noexcept {
    switch (point) {
        case '"': return "\\\"";
        case '\\': return "\\\\";
        case '\b': return "\\b";
        case '\f': return "\\f";
        case '\n': return "\\n";
        case '\r': return "\\r";
        case '\t': return "\\t";
        default: return {};
    }
}

}  // namespace c2d
