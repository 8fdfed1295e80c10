#include "tools/cli/legal_id.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"

#include <algorithm>

namespace c2d::cli {

namespace {

constexpr std::size_t kBytesMax = 64, kLeiLength = 20;

bool is_letter(char c) { return c >= 'A' && c <= 'Z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// ISO/IEC 7064, MOD 97-10: letters count 10 to 35.
bool has_lei_check_digits(std::string_view text) {
    unsigned rest = 0;
    for (const char c : text)
        rest = is_digit(c) ? (rest * 10 + unsigned(c - '0')) % 97 : (rest * 100 + unsigned(c - 'A') + 10) % 97;
    return rest == 1;
}

/// What two writings of one number have in common.
std::string skeleton_of(std::string_view text) {
    std::string out;
    for (char c : text) {
        if (c == ':' || c == '-' || c == '.' || c == '/') continue;
        if (c == 'O') c = '0';
        if (c == 'I' || c == 'L') c = '1';
        const bool leads = out.empty() || !is_digit(out.back());
        if (c != '0' || !leads) out += c;
    }
    return out;
}

Error wrong(std::string_view text, std::string_view expected) {
    return fail(Status::INVALID_ARGUMENT, "legal id: expected {}, found \"{}\"", expected, display_text(text));
}

}  // namespace

Result<Unit> check_legal_id(std::string_view text) {
    if (text.empty()) return Unit{};
    if (text.size() > kBytesMax) return wrong(text, "at most 64 characters");
    if (text.size() > 3 && text[2] == ':') {
        const auto is_written = [](char c) {
            return is_letter(c) || is_digit(c) || c == ':' || c == '-' || c == '.' || c == '/';
        };
        if (is_letter(text[0]) && is_letter(text[1]) && std::ranges::all_of(text.substr(3), is_written)) return Unit{};
        return wrong(text, "COUNTRY:NUMBER of A-Z 0-9 : - . /, as DE:HRB12345");
    }
    const auto is_lei = text.size() == kLeiLength && is_digit(text[18]) && is_digit(text[19]) &&
                        std::ranges::all_of(text, [](char c) { return is_letter(c) || is_digit(c); });
    if (!is_lei) return wrong(text, "a legal entity identifier of 20 characters (ISO 17442), or COUNTRY:NUMBER");
    if (!has_lei_check_digits(text)) return wrong(text, "a legal entity identifier whose check digits hold");
    return Unit{};
}

bool legal_ids_alike(std::string_view one, std::string_view other) {
    return one != other && skeleton_of(one) == skeleton_of(other);
}

}  // namespace c2d::cli
