#include "codec/number_text.hpp"

#include <charconv>
#include <cmath>
#include <fmt/format.h>

namespace c2d {

namespace {

/// 0.DIGITS × 10^point, DIGITS without trailing zeros ("0" for zero).
struct Shortest {
    std::string digits;
    int point = 1;
};

Shortest shortest_of(double magnitude) {
    char buffer[40];
    // "d.ddde±xx": the shortest digits that read back as the same double.
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, magnitude, std::chars_format::scientific).ptr;
    const std::string_view text(buffer, std::size_t(end - buffer));
    const auto e = text.find('e');
    Shortest out;
    out.digits = text[0];
    if (e > 2) out.digits += text.substr(2, e - 2);
    const bool negative = text[e + 1] == '-';
    int exponent = 0;
    std::from_chars(text.data() + e + 2, end, exponent);
    out.point = (negative ? -exponent : exponent) + 1;
    return out;
}

/// DIGITS with the decimal point after `point` of them, zeros filled in on either side.
std::string plain(const Shortest& number) {
    const int count = int(number.digits.size());
    if (number.point <= 0) return "0." + std::string(std::size_t(-number.point), '0') + number.digits;
    if (number.point >= count) return number.digits + std::string(std::size_t(number.point - count), '0');
    return number.digits.substr(0, std::size_t(number.point)) + "." + number.digits.substr(std::size_t(number.point));
}

std::string mantissa(const Shortest& number) {
    if (number.digits.size() == 1) return number.digits;
    return number.digits.substr(0, 1) + "." + number.digits.substr(1);
}

}  // namespace

std::string ecmascript_number_text(double number) {
    if (number == 0) return "0";
    const auto shortest = shortest_of(std::fabs(number));
    const std::string sign = number < 0 ? "-" : "";
    if (shortest.point > -6 && shortest.point <= 21) return sign + plain(shortest);
    return fmt::format("{}{}e{:+d}", sign, mantissa(shortest), shortest.point - 1);
}

std::string python_number_text(double number) {
    const std::string sign = std::signbit(number) ? "-" : "";
    if (std::isinf(number)) return sign + "Infinity";
    const auto shortest = shortest_of(std::fabs(number));
    if (shortest.point > -4 && shortest.point <= 16) {
        const auto text = plain(shortest);
        return sign + (text.find('.') == text.npos ? text + ".0" : text);
    }
    const int exponent = shortest.point - 1;
    return fmt::format("{}{}e{}{:02d}", sign, mantissa(shortest), exponent < 0 ? '-' : '+', std::abs(exponent));
}

}  // namespace c2d
