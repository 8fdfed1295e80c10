#include "base/fail.hpp"
#include "base/try.hpp"

#include <c2d/types.hpp>

namespace c2d {

namespace {

constexpr std::string_view kDigits = "0123456789abcdef";

/// 0…15, or −1 for anything but a hexadecimal digit.
int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

}  // namespace

std::string hex_text(BytesView bytes) {
    std::string text = "0x";
    text.reserve(2 + 2 * bytes.size());
    for (const auto byte : bytes) {
        text += kDigits[byte >> 4];
        text += kDigits[byte & 15];
    }
    return text;
}

// The messages never quote the text: it may be a secret.
Result<Bytes> parse_hex(std::string_view text) {
    if (text.starts_with("0x")) text.remove_prefix(2);
    if (text.size() % 2 != 0)
        return fail(Status::INVALID_ARGUMENT, "expected an even number of hexadecimal digits, found {}", text.size());
    Bytes bytes(text.size() / 2);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = hex_value(text[2 * i]);
        const int low = hex_value(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return fail(Status::INVALID_ARGUMENT, "expected hexadecimal digits, found another character near digit {}",
                        2 * i);
        bytes[i] = std::uint8_t(high << 4 | low);
    }
    return bytes;
}

Result<Bytes32> parse_bytes32(std::string_view text) {
    C2D_TRY(const Bytes bytes, parse_hex(text));
    return Bytes32::from(bytes);
}

}  // namespace c2d
