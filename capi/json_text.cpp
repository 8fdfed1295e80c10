#include "json_text.hpp"

#include <cstddef>
#include <cstdint>

namespace c2d::capi {

namespace {

/// Bytes of the valid UTF-8 sequence at `text[at]`, or 0.
std::size_t sequence_size(std::string_view text, std::size_t at) {
    const auto byte = [&](std::size_t i) {
        return at + i < text.size() ? std::uint8_t(text[at + i]) : std::uint8_t(0);
    };
    const auto follows = [&](std::size_t i) { return (byte(i) & 0xc0) == 0x80; };
    const std::uint8_t first = byte(0), second = byte(1);
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
    if (first >= 0xe0 && first <= 0xef) {
        // Neither overlong nor a surrogate.
        if ((first == 0xe0 && second < 0xa0) || (first == 0xed && second > 0x9f)) return 0;
        return follows(1) && follows(2) ? 3 : 0;
    }
    if (first >= 0xf0 && first <= 0xf4) {
        if ((first == 0xf0 && second < 0x90) || (first == 0xf4 && second > 0x8f)) return 0;
        return follows(1) && follows(2) && follows(3) ? 4 : 0;
    }
    return 0;
}

void append_escaped(std::string& out, char c) {
    constexpr char kHex[] = "0123456789abcdef";
    const auto byte = std::uint8_t(c);
    if (c == '"' || c == '\\') {
        out += '\\';
        out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
        out += "\\u00";
        out += kHex[byte >> 4];
        out += kHex[byte & 15];
    } else {
        out += c;
    }
}

}  // namespace

std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t size = sequence_size(text, at);
        if (size == 0) {
            out += "\xef\xbf\xbd";
            ++at;
        } else if (size == 1) {
            append_escaped(out, text[at++]);
        } else {
            out += text.substr(at, size);
            at += size;
        }
    }
    return out + '"';
}

}  // namespace c2d::capi
