/// One cell's text as a value.
#pragma once

#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace c2d::table {

inline constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Without blanks and tabs around it.
inline std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Most numbers of a table: a sign, digits, perhaps a decimal mark and digits. Exact, because digits up to 2^53 and
/// powers of ten up to 10^22 are, and a division rounds once (Clinger, PLDI 1990). False: another form, or none.
inline bool parse_plain_decimal(const char* at, const char* end, char decimal, double& out) noexcept {
    constexpr double kPowers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    const bool negative = at != end && *at == '-';
    at += negative ? 1 : 0;
    const char* const first = at;
    std::uint64_t digits = 0;
    while (at != end && is_digit(*at)) digits = digits * 10 + std::uint64_t(*at++ - '0');
    std::ptrdiff_t count = at - first, after = 0;
    if (at != end && *at == decimal) {
        const char* const fraction = ++at;
        while (at != end && is_digit(*at)) digits = digits * 10 + std::uint64_t(*at++ - '0');
        after = at - fraction;
        count += after;
    }
    if (at != end || count == 0 || count > 19 || digits > (std::uint64_t{1} << 53)) return false;
    const double value = double(digits) / kPowers[after];
    out = negative ? -value : value;
    return true;
}

/// A whole number of at most 18 digits.
inline bool parse_plain_integer(const char* at, const char* end, std::int64_t& out) noexcept {
    const bool negative = at != end && *at == '-';
    at += negative ? 1 : 0;
    if (at == end || end - at > 18) return false;
    std::int64_t value = 0;
    for (; at != end; ++at) {
        if (!is_digit(*at)) return false;
        value = value * 10 + (*at - '0');
    }
    out = negative ? -value : value;
    return true;
}

/// Any finite decimal number that fills the text: with "+", an exponent, groups of three digits. False for others, also
/// for what no double can hold.
bool parse_decimal(std::string_view text, char decimal, char group, double& out) noexcept;
/// Any whole number of 64 bits, also with "+" and groups.
bool parse_integer(std::string_view text, char group, std::int64_t& out) noexcept;

}  // namespace c2d::table
