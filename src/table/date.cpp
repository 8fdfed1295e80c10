#include "table/date.hpp"

#include <fmt/format.h>

namespace c2d::table {

namespace {

constexpr std::int64_t kDaySeconds = 86400, kMicroseconds = 1000000;

struct Moment {
    int year = -1, month = -1, day = -1, hour = 0, minute = 0, second = 0;
    std::int64_t micros = 0, offset_seconds = 0;
};

/// Takes exactly `digits` digits off the start.
bool take_number(std::string_view& text, std::size_t digits, int& out) noexcept {
    if (text.size() < digits) return false;
    out = 0;
    for (std::size_t i = 0; i < digits; ++i) {
        if (text[i] < '0' || text[i] > '9') return false;
        out = out * 10 + (text[i] - '0');
    }
    text.remove_prefix(digits);
    return true;
}

bool take(std::string_view& text, char wanted) noexcept {
    if (text.empty() || text.front() != wanted) return false;
    text.remove_prefix(1);
    return true;
}

/// One or two digits.
bool take_short_number(std::string_view& text, int& out) noexcept {
    if (!take_number(text, 1, out)) return false;
    int next = 0;
    if (take_number(text, 1, next)) out = out * 10 + next;
    return true;
}

std::optional<std::int64_t> micros_of(const Moment& moment) noexcept {
    const auto days = days_of(moment.year, moment.month, moment.day);
    if (!days || moment.hour > 23 || moment.minute > 59 || moment.second > 59) return std::nullopt;
    const std::int64_t seconds = *days * kDaySeconds + moment.hour * 3600 + moment.minute * 60 + moment.second;
    return (seconds - moment.offset_seconds) * kMicroseconds + moment.micros;
}

bool take_iso_date(std::string_view& text, Moment& out) noexcept {
    return take_number(text, 4, out.year) && take(text, '-') && take_number(text, 2, out.month) && take(text, '-') &&
           take_number(text, 2, out.day);
}

/// ".123456", up to nine digits.
bool take_fraction(std::string_view& text, std::int64_t& micros) noexcept {
    if (!take(text, '.')) return true;
    std::int64_t unit = kMicroseconds / 10;
    int digits = 0, digit = 0;
    for (; digits < 9 && take_number(text, 1, digit); ++digits, unit /= 10) micros += digit * unit;
    return digits > 0;
}

/// "Z", "+08:00", "-0500" or nothing.
bool take_offset(std::string_view& text, std::int64_t& seconds) noexcept {
    if (text.empty() || take(text, 'Z')) return true;
    const bool west = text.front() == '-';
    if (!take(text, '-') && !take(text, '+')) return false;
    int hours = 0, minutes = 0;
    if (!take_number(text, 2, hours)) return false;
    take(text, ':');
    if (!text.empty() && !take_number(text, 2, minutes)) return false;
    seconds = (hours * 3600 + minutes * 60) * (west ? -1 : 1);
    return hours < 24 && minutes < 60;
}

int* place_of(Moment& moment, char directive) noexcept {
    switch (directive) {
        case 'Y': return &moment.year;
        case 'm': return &moment.month;
        case 'd': return &moment.day;
        case 'H': return &moment.hour;
        case 'M': return &moment.minute;
        case 'S': return &moment.second;
        default: return nullptr;
    }
}

bool read_as(std::string_view text, std::string_view pattern, Moment& out) noexcept {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') {
            if (!take(text, pattern[i])) return false;
            continue;
        }
        if (++i == pattern.size()) return false;
        int* const place = place_of(out, pattern[i]);
        if (place == nullptr) return false;
        if (pattern[i] == 'Y' ? !take_number(text, 4, *place) : !take_short_number(text, *place)) return false;
    }
    return text.empty();
}

}  // namespace

std::optional<std::int64_t> days_of(int year, int month, int day) noexcept {
    constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 0 || year > 9999 || month < 1 || month > 12 || day < 1) return std::nullopt;
    const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    if (day > kDays[month - 1] + (month == 2 && leap ? 1 : 0)) return std::nullopt;
    // Years begin in March, so that the leap day is their last.
    const int from_march = (month + 9) % 12, y = month <= 2 ? year - 1 : year;
    const int era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    const int day_of_year = (153 * from_march + 2) / 5 + day - 1;
    const int day_of_era = of_era * 365 + of_era / 4 - of_era / 100 + day_of_year;
    return std::int64_t{era} * 146097 + day_of_era - 719468;
}

std::optional<std::int64_t> parse_date(std::string_view text) noexcept {
    Moment moment;
    if (!take_iso_date(text, moment) || !text.empty()) return std::nullopt;
    return days_of(moment.year, moment.month, moment.day);
}

std::optional<std::int64_t> parse_datetime(std::string_view text) noexcept {
    Moment moment;
    if (!take_iso_date(text, moment) || (!take(text, 'T') && !take(text, ' '))) return std::nullopt;
    if (!take_number(text, 2, moment.hour) || !take(text, ':') || !take_number(text, 2, moment.minute))
        return std::nullopt;
    if (take(text, ':') && (!take_number(text, 2, moment.second) || !take_fraction(text, moment.micros)))
        return std::nullopt;
    if (!take_offset(text, moment.offset_seconds) || !text.empty()) return std::nullopt;
    return micros_of(moment);
}

std::optional<std::int64_t> parse_date_as(std::string_view text, std::string_view pattern) noexcept {
    Moment moment;
    if (!read_as(text, pattern, moment)) return std::nullopt;
    return days_of(moment.year, moment.month, moment.day);
}

std::optional<std::int64_t> parse_datetime_as(std::string_view text, std::string_view pattern) noexcept {
    Moment moment;
    if (!read_as(text, pattern, moment)) return std::nullopt;
    return micros_of(moment);
}

bool is_date_pattern(std::string_view pattern) noexcept {
    unsigned seen = 0;
    constexpr std::string_view kDirectives = "YmdHMS";
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] != '%') continue;
        const auto which = ++i < pattern.size() ? kDirectives.find(pattern[i]) : std::string_view::npos;
        if (which == std::string_view::npos || ((seen >> which) & 1) != 0) return false;
        seen |= 1u << which;
    }
    return (seen & 7) == 7;
}

std::string date_text(std::int64_t days) {
    // The inverse of days_of.
    const std::int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, day_of_era = z - era * 146097;
    const std::int64_t of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const std::int64_t day_of_year = day_of_era - (365 * of_era + of_era / 4 - of_era / 100);
    const std::int64_t from_march = (5 * day_of_year + 2) / 153,
                       month = from_march < 10 ? from_march + 3 : from_march - 9;
    return fmt::format("{:04}-{:02}-{:02}", of_era + era * 400 + (month <= 2 ? 1 : 0), month,
                       day_of_year - (153 * from_march + 2) / 5 + 1);
}

std::string datetime_text(std::int64_t microseconds) {
    constexpr std::int64_t kDay = kDaySeconds * kMicroseconds;
    const std::int64_t days = (microseconds >= 0 ? microseconds : microseconds - kDay + 1) / kDay;
    const std::int64_t within = microseconds - days * kDay, seconds = within / kMicroseconds;
    std::string out =
        fmt::format("{}T{:02}:{:02}:{:02}", date_text(days), seconds / 3600, seconds / 60 % 60, seconds % 60);
    if (within % kMicroseconds != 0) out += fmt::format(".{:06}", within % kMicroseconds);
    return out;
}

}  // namespace c2d::table
