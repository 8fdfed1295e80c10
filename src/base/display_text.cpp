#include "base/display_text.hpp"

#include "base/utf8.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

namespace c2d {

namespace {

struct Range {
    char32_t first;
    char32_t last;
};

/// Ascending. Controls and separators of lines; what Unicode calls Default_Ignorable_Code_Point
/// (DerivedCoreProperties.txt), which holds the marks of direction and of joining, fillers, selectors
/// of variants and tags; further format controls (Cf) that nothing is drawn for; noncharacters of the
/// first plane.
constexpr Range kNotDrawn[] = {
    {0x00, 0x1f},       {0x7f, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},   {0x61c, 0x61c},   {0x115f, 0x1160},
    {0x17b4, 0x17b5},   {0x180b, 0x180f},   {0x200b, 0x200f},   {0x2028, 0x202e}, {0x2060, 0x206f}, {0x3164, 0x3164},
    {0xfdd0, 0xfdef},   {0xfe00, 0xfe0f},   {0xfeff, 0xfeff},   {0xffa0, 0xffa0}, {0xfff0, 0xfffb}, {0x13430, 0x1345f},
    {0x1bca0, 0x1bca3}, {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
};

/// The character at the start of `text` as it is shown, and the bytes that it took.
struct Shown {
    std::string text;
    std::size_t length;
};

Shown show_first(std::string_view text, std::string_view kept) {
    const auto [point, length] = first_code_point(text);
    if (length == 0) return {fmt::format("\\x{:02x}", static_cast<unsigned char>(text[0])), 1};
    if (is_displayable(point) || (length == 1 && kept.find(text[0]) != kept.npos))
        return {std::string(text.substr(0, length)), length};
    const auto number = std::uint32_t(point);
    if (number < 0x100) return {fmt::format("\\x{:02x}", number), length};
    if (number < 0x10000) return {fmt::format("\\u{:04x}", number), length};
    return {fmt::format("\\U{:08x}", number), length};
}

constexpr std::size_t kUncut = std::numeric_limits<std::size_t>::max();

/// `kept` names the controls that stay.
std::string show(std::string_view text, std::string_view kept, std::size_t bytes_max) {
    std::string out;
    out.reserve(std::min(text.size(), bytes_max));
    const auto ending = fmt::format("...[{} bytes]", text.size()).substr(0, bytes_max);
    const auto room = bytes_max - ending.size();
    // Where to cut, should the rest not fit.
    std::size_t cut_at = 0;
    for (auto rest = text; !rest.empty();) {
        const auto [shown, length] = show_first(rest, kept);
        if (out.size() + shown.size() > bytes_max) return out.substr(0, cut_at) + ending;
        out += shown;
        if (out.size() <= room) cut_at = out.size();
        rest.remove_prefix(length);
    }
    return out;
}

}  // namespace

bool is_displayable(char32_t point) noexcept {
    const auto* const after = std::upper_bound(std::begin(kNotDrawn), std::end(kNotDrawn), point,
                                               [](char32_t p, const Range& r) { return p < r.first; });
    if (after != std::begin(kNotDrawn) && point <= std::prev(after)->last) return false;
    // The last two of each plane are no characters.
    return (point & 0xfffe) != 0xfffe && point <= 0x10ffff;
}

std::string display_text(std::string_view text, std::size_t bytes_max) { return show(text, {}, bytes_max); }

std::string display_line(std::string_view text) { return show(text, {}, kUncut); }

std::string display_lines(std::string_view text) { return show(text, "\n\t", kUncut); }

}  // namespace c2d
