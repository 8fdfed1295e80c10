/// Dates as text: ISO 8601, and patterns of %Y %m %d %H %M %S.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace c2d::table {

/// Days since 1970-01-01 of a date of the Gregorian calendar, years 0 to 9999; nothing for a day that there is not.
std::optional<std::int64_t> days_of(int year, int month, int day) noexcept;

/// "2024-01-31" and no other form.
std::optional<std::int64_t> parse_date(std::string_view text) noexcept;
/// Microseconds since 1970 of "2024-01-31T08:30", with seconds, a fraction, "Z" or an offset; a blank for the T.
std::optional<std::int64_t> parse_datetime(std::string_view text) noexcept;
/// The same by a pattern; without %H nothing but a date.
std::optional<std::int64_t> parse_date_as(std::string_view text, std::string_view pattern) noexcept;
std::optional<std::int64_t> parse_datetime_as(std::string_view text, std::string_view pattern) noexcept;
/// Only known directives, each at most once, year, month and day among them.
bool is_date_pattern(std::string_view pattern) noexcept;

/// As ISO 8601 has them.
std::string date_text(std::int64_t days);
std::string datetime_text(std::int64_t microseconds);

}  // namespace c2d::table
