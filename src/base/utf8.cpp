#include "base/utf8.hpp"

#include <algorithm>

namespace c2d {

namespace {

struct Form {
    std::size_t length;
    char32_t first_bits;
    char32_t smallest;
};

/// What a lead byte announces; length 0 for a byte that cannot lead.
Form form_of(std::uint8_t lead) {
    if (lead < 0x80) return {1, lead, 0};
    if (lead >= 0xc2 && lead < 0xe0) return {2, char32_t(lead & 0x1f), 0x80};
    if (lead >= 0xe0 && lead < 0xf0) return {3, char32_t(lead & 0x0f), 0x800};
    if (lead >= 0xf0 && lead < 0xf5) return {4, char32_t(lead & 0x07), 0x10000};
    return {0, 0, 0};
}

/// A place of the lead byte in UTF-16 order: the surrogates of 4-byte forms precede U+E000.
int utf16_rank(std::uint8_t byte) {
    if (byte >= 0xf0) return byte - 2;
    if (byte >= 0xee) return byte + 16;
    return byte;
}

}  // namespace

CodePoint first_code_point(std::string_view text) noexcept {
    if (text.empty()) return {};
    const Form form = form_of(std::uint8_t(text[0]));
    if (form.length == 0 || form.length > text.size()) return {};
    char32_t value = form.first_bits;
    for (std::size_t i = 1; i < form.length; ++i) {
        const auto byte = std::uint8_t(text[i]);
        if ((byte & 0xc0) != 0x80) return {};
        value = value << 6 | (byte & 0x3f);
    }
    const bool surrogate = value >= 0xd800 && value <= 0xdfff;
    if (value < form.smallest || value > 0x10ffff || surrogate) return {};
    return {value, form.length};
}

bool is_valid_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const auto point = first_code_point(text);
        if (point.length == 0) return false;
        text.remove_prefix(point.length);
    }
    return true;
}

bool utf16_less(std::string_view a, std::string_view b) noexcept {
    const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    if (in_a == a.end() || in_b == b.end()) return a.size() < b.size();
    return utf16_rank(std::uint8_t(*in_a)) < utf16_rank(std::uint8_t(*in_b));
}

}  // namespace c2d
