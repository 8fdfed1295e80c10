#include "table/csv/tally.hpp"

#include "table/cell.hpp"
#include "table/date.hpp"

#include <algorithm>

namespace c2d::table {

const std::vector<std::string> kMissingWords = {"",     "NA",   "N/A",      "n/a",    "NaN",     "nan",
                                                "NULL", "null", "None",     "<NA>",   "#N/A",    "#NA",
                                                "-NaN", "-nan", "#N/A N/A", "1.#IND", "-1.#IND", "1.#QNAN"};

namespace {

/// A number's digits in runs, and what stands between them.
struct Runs {
    static constexpr std::size_t kMax = 12;
    std::size_t length[kMax] = {}, count = 0;
    char mark[kMax] = {};
    bool exponent = false;
};

/// False: `text` is no number of any form.
bool split(std::string_view text, Runs& out) noexcept {
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    std::size_t at = 0, digits = 0;
    for (;;) {
        const std::size_t start = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        if (out.count == Runs::kMax) return false;
        digits += out.length[out.count] = at - start;
        if (at == text.size() || (text[at] != '.' && text[at] != ',')) break;
        out.mark[out.count++] = text[at++];
    }
    if (digits == 0) return false;
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        out.exponent = true;
        ++at;
        if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
        const std::size_t start = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        if (at == start) return false;
    }
    return at == text.size();
}

/// Runs `first` to `last` have three digits, and the first of all one to three.
bool grouped(const Runs& runs, std::size_t first, std::size_t last) noexcept {
    for (std::size_t i = first; i <= last; ++i)
        if (runs.length[i] != 3) return false;
    return runs.length[0] >= 1 && runs.length[0] <= 3;
}

CellKind kind_of_grouped(const Runs& runs) noexcept {
    const char mark = runs.mark[0], last = runs.mark[runs.count - 1];
    for (std::size_t i = 1; i + 1 < runs.count; ++i)
        if (runs.mark[i] != mark) return CellKind::text;
    const bool whole = last == mark;
    if (!grouped(runs, 1, whole ? runs.count : runs.count - 1)) return CellKind::text;
    return mark == ',' ? CellKind::comma_grouped : CellKind::point_grouped;
}

CellKind kind_of_number(std::string_view text) noexcept {
    Runs runs;
    if (!split(text, runs)) return CellKind::text;
    if (runs.count == 0) {
        if (runs.exponent) return CellKind::point_decimal;
        const std::string_view digits = text.substr(is_digit(text.front()) ? 0 : 1);
        if (digits.size() > 1 && digits.front() == '0') return CellKind::zero_led;
        return digits.size() >= 16 ? CellKind::long_integer : CellKind::integer;
    }
    if (runs.count > 1) return kind_of_grouped(runs);
    if (runs.mark[0] == '.') return CellKind::point_decimal;
    const bool led_by_zero = text[text.find(',') - (runs.length[0] != 0 ? 1 : 0)] == '0' && runs.length[0] == 1;
    return runs.length[1] == 3 && grouped(runs, 1, 1) && !led_by_zero && !runs.exponent ? CellKind::comma_unsure
                                                                                        : CellKind::comma_decimal;
}

CellKind kind_of_date(std::string_view text) noexcept {
    if (text.size() < 8 || text.size() > 40 || !is_digit(text.front())) return CellKind::text;
    if (parse_date(text)) return CellKind::date;
    if (parse_datetime(text)) return CellKind::datetime;
    if (parse_date_as(text, "%Y/%m/%d")) return CellKind::date_slashes;
    if (parse_date_as(text, "%d.%m.%Y")) return CellKind::date_dots;
    if (parse_date_as(text, "%Y年%m月%d日")) return CellKind::date_chinese;
    const bool day_first = parse_date_as(text, "%d/%m/%Y").has_value();
    const bool month_first = parse_date_as(text, "%m/%d/%Y").has_value();
    if (day_first && month_first) return CellKind::day_unsure;
    return day_first ? CellKind::day_first : month_first ? CellKind::month_first : CellKind::text;
}

bool is_boolean(std::string_view text) noexcept {
    constexpr std::string_view kWords[] = {"true", "True", "TRUE", "false", "False", "FALSE"};
    return (text.size() == 4 || text.size() == 5) && std::ranges::find(kWords, text) != std::end(kWords);
}

}  // namespace

CellKind kind_of_cell(std::string_view text) noexcept {
    if (text.empty()) return CellKind::empty;
    const char first = text.front();
    if (is_digit(first) || first == '-' || first == '+' || first == '.' || first == ',') {
        const CellKind number = kind_of_number(text);
        if (number != CellKind::text) return number;
        const CellKind date = kind_of_date(text);
        if (date != CellKind::text) return date;
    }
    if (is_boolean(text)) return CellKind::boolean;
    if (text.size() <= 8 && std::ranges::find(kMissingWords, text) != kMissingWords.end())
        return CellKind::missing_word;
    return CellKind::text;
}

bool is_number_kind(CellKind kind) noexcept { return kind >= CellKind::integer && kind <= CellKind::point_grouped; }

void Tally::look_whether_it_counts(std::string_view text) noexcept {
    std::int64_t value = 0;
    counts_up_ = parse_plain_integer(text.data(), text.data() + text.size(), value) && value == next_++;
}

void Tally::add(const Batch& batch, std::size_t column, char quote) {
    std::string scratch;
    for (std::size_t row = 0; row < batch.rows(); ++row) {
        std::string_view cell = batch.cell(row, column);
        if (!cell.empty() && cell.front() == quote) cell = unquoted(cell, quote, scratch);
        add(trimmed(cell));
    }
}

std::uint64_t Tally::count(std::initializer_list<CellKind> kinds) const noexcept {
    std::uint64_t out = 0;
    for (const auto kind : kinds) out += count(kind);
    return out;
}

std::uint64_t Tally::present() const noexcept {
    std::uint64_t out = 0;
    for (std::size_t i = std::size_t(CellKind::integer); i < kCellKinds; ++i) out += counts_[i];
    return out;
}

std::uint64_t Tally::numbers() const noexcept {
    std::uint64_t out = 0;
    for (std::size_t i = 0; i < kCellKinds; ++i) out += is_number_kind(CellKind(i)) ? counts_[i] : 0;
    return out;
}

}  // namespace c2d::table
