#include "table/cell.hpp"

namespace c2d::table {

namespace {

/// The text with a point for the decimal mark and without groups; empty when it is no number's form.
class Normal {
public:
    Normal(std::string_view text, char decimal, char group) noexcept {
        const bool plus = text.starts_with('+');
        if (plus) text.remove_prefix(1);
        if (text.empty() || (plus && !is_digit(text.front()) && text.front() != decimal) ||
            text.size() > sizeof buffer_)
            return;
        const std::size_t mark = text.find(decimal);
        const std::string_view whole = text.substr(0, mark);
        if (!append_whole(whole, group)) return;
        for (const char c : text.substr(whole.size())) {
            if (c != decimal && !is_digit(c) && c != 'e' && c != 'E' && c != '+' && c != '-') return;
            buffer_[size_++] = c == decimal ? '.' : c;
        }
        good_ = true;
    }
    std::string_view view() const noexcept { return {buffer_, good_ ? size_ : 0}; }

private:
    bool append_whole(std::string_view whole, char group) noexcept {
        const bool grouped = group != 0 && whole.find(group) != whole.npos;
        std::size_t since = 0;
        for (const char c : whole) {
            if (grouped && c == group) {
                if (since == 0 || since > 3 || (seen_group_ && since != 3)) return false;
                seen_group_ = true;
                since = 0;
                continue;
            }
            since += is_digit(c) ? 1 : 0;
            if (!is_digit(c) && c != '-' && c != 'e' && c != 'E' && c != '+') return false;
            buffer_[size_++] = c;
        }
        return !grouped || since == 3;
    }

    char buffer_[400];
    std::size_t size_ = 0;
    bool good_ = false, seen_group_ = false;
};

}  // namespace

bool parse_decimal(std::string_view text, char decimal, char group, double& out) noexcept {
    const Normal normal(text, decimal, group);
    const auto digits = normal.view();
    double value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || code != std::errc() || end != digits.data() + digits.size() || !std::isfinite(value))
        return false;
    out = value;
    return true;
}

bool parse_integer(std::string_view text, char group, std::int64_t& out) noexcept {
    const Normal normal(text, '\0', group);
    const auto digits = normal.view();
    std::int64_t value = 0;
    const auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || code != std::errc() || end != digits.data() + digits.size()) return false;
    out = value;
    return true;
}

}  // namespace c2d::table
