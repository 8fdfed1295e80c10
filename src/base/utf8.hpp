/// UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing beyond U+10FFFF.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace c2d {

/// Length of the well-formed sequence at the start of `text` and its code point; length 0 when
/// the text is empty or does not start with one.
struct CodePoint {
    char32_t value = 0;
    std::size_t length = 0;
};
CodePoint first_code_point(std::string_view text) noexcept;

bool is_valid_utf8(std::string_view text) noexcept;

/// The order of the UTF-16 code units (RFC 8785, section 3.2.3) of two valid UTF-8 texts: as the
/// bytes, but U+10000 and above sort before U+E000 to U+FFFF.
bool utf16_less(std::string_view a, std::string_view b) noexcept;

}  // namespace c2d
