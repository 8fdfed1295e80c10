#include "table/arrow/format.hpp"

#include "base/display_text.hpp"

#include <algorithm>
#include <charconv>

namespace c2d::table {

namespace {

constexpr std::pair<std::string_view, ArrowFormat> kFormats[] = {
    {"n", {Layout::none, Type::string}},       {"b", {Layout::bits, Type::boolean}},
    {"c", {Layout::int8, Type::integer}},      {"C", {Layout::uint8, Type::integer}},
    {"s", {Layout::int16, Type::integer}},     {"S", {Layout::uint16, Type::integer}},
    {"i", {Layout::int32, Type::integer}},     {"I", {Layout::uint32, Type::integer}},
    {"l", {Layout::int64, Type::integer}},     {"L", {Layout::uint64, Type::integer}},
    {"f", {Layout::float32, Type::number}},    {"g", {Layout::float64, Type::number}},
    {"u", {Layout::text32, Type::string}},     {"U", {Layout::text64, Type::string}},
    {"vu", {Layout::text_view, Type::string}}, {"tdD", {Layout::date32, Type::date}},
    {"tdm", {Layout::date64, Type::date}},
};

/// "tsu:Europe/Zurich": the zone says how to show it; the instant is of UTC.
std::optional<ArrowFormat> timestamp(std::string_view format) {
    if (format.size() < 4 || !format.starts_with("ts") || format[3] != ':') return std::nullopt;
    ArrowFormat out{Layout::timestamp, Type::datetime};
    switch (format[2]) {
        case 's': out.multiply = 1000000; return out;
        case 'm': out.multiply = 1000; return out;
        case 'u': return out;
        case 'n': out.divide = 1000; return out;
        default: return std::nullopt;
    }
}

/// "d:19,4" and "d:19,4,128".
std::optional<ArrowFormat> decimal(std::string_view format) {
    if (!format.starts_with("d:")) return std::nullopt;
    format.remove_prefix(std::min(format.find(','), format.size() - 1) + 1);
    ArrowFormat out{Layout::decimal128, Type::number};
    const auto [end, code] = std::from_chars(format.data(), format.data() + format.size(), out.scale);
    format.remove_prefix(std::size_t(end - format.data()));
    if (code != std::errc() || out.scale < -38 || out.scale > 38 || (!format.empty() && format != ",128"))
        return std::nullopt;
    return out;
}

}  // namespace

std::optional<ArrowFormat> parse_arrow_format(std::string_view format) {
    const auto* const found = std::ranges::find(kFormats, format, &std::pair<std::string_view, ArrowFormat>::first);
    if (found != std::end(kFormats)) return found->second;
    const auto moment = timestamp(format);
    return moment ? moment : decimal(format);
}

std::string arrow_format_name(std::string_view format) {
    constexpr std::pair<std::string_view, std::string_view> kNames[] = {
        {"+l", "a list"},  {"+L", "a list"},        {"+w", "a list"},     {"+s", "a struct"},    {"+m", "a map"},
        {"+u", "a union"}, {"+r", "run-ended"},     {"z", "bytes"},       {"Z", "bytes"},        {"vz", "bytes"},
        {"w", "bytes"},    {"tt", "a time of day"}, {"tD", "a duration"}, {"ti", "an interval"}, {"e", "a half float"},
    };
    for (const auto& [start, name] : kNames)
        if (format.starts_with(start)) return std::string(name);
    return "Arrow's format \"" + display_text(format, 40) + "\"";
}

}  // namespace c2d::table
