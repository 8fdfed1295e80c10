#include <c2d/sandbox.hpp>

#include <fmt/format.h>

#include <iterator>

namespace c2d {
namespace {

/// The length of the valid UTF-8 character at the start of `text`, or 0 (RFC 3629: no overlong
/// forms, no surrogates, nothing above U+10FFFF); `point` gets its value.
std::size_t utf8_length(std::string_view text, std::uint32_t& point) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned first = byte(0);
    const std::size_t length = first < 0x80                      ? 1
                               : first >= 0xc2 && first < 0xe0   ? 2
                               : first >= 0xe0 && first < 0xf0   ? 3
                               : first >= 0xf0 && first < 0xf5   ? 4
                                                                 : 0;
    if (length == 0 || text.size() < length) return 0;
    point = length == 1 ? first : first & (0xffu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte(i) & 0xc0) != 0x80) return 0;
        point = point << 6 | (byte(i) & 0x3f);
    }
    constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
    if (point < kLeast[length] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return 0;
    return length;
}

/// Characters that move the cursor, hide or reorder text: C0 and C1 controls but newline and tab,
/// line and paragraph separators, bidirectional and zero-width marks.
bool is_harmful(std::uint32_t point) {
    if (point == '\n' || point == '\t') return false;
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x061c ||
           (point >= 0x200b && point <= 0x200f) || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2060 && point <= 0x206f) || point == 0xfeff ||
           (point >= 0xe0000 && point <= 0xe007f);
}

}  // namespace

std::string sanitise_log(std::string_view log) {
    std::string out;
    out.reserve(log.size());
    while (!log.empty()) {
        std::uint32_t point = 0;
        const std::size_t length = utf8_length(log, point);
        if (length == 0)
            fmt::format_to(std::back_inserter(out), "\\x{:02x}",
                           static_cast<unsigned char>(log[0]));
        else if (is_harmful(point) && point < 0x100)
            fmt::format_to(std::back_inserter(out), "\\x{:02x}", point);
        else if (is_harmful(point))
            fmt::format_to(std::back_inserter(out), "\\u{:04x}", point);
        else
            out.append(log.substr(0, length));
        log.remove_prefix(length == 0 ? 1 : length);
    }
    return out;
}

}  // namespace c2d
