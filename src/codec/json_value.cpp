#include "codec/json.hpp"
#include "codec/number_text.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

namespace c2d::json {

namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// The number of digits at the start of `text`.
std::size_t digits_count(std::string_view text) {
    return std::size_t(std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
}

/// The number grammar of RFC 8259, section 6.
bool is_number_literal(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    const auto whole = digits_count(text);
    if (whole == 0 || (whole > 1 && text[0] == '0')) return false;
    text.remove_prefix(whole);
    if (text.starts_with('.')) {
        const auto fraction = digits_count(text.substr(1));
        if (fraction == 0) return false;
        text.remove_prefix(1 + fraction);
    }
    if (text.empty()) return true;
    if (text[0] != 'e' && text[0] != 'E') return false;
    text.remove_prefix(1);
    if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
    return !text.empty() && digits_count(text) == text.size();
}

/// Whether a literal that no double can hold is too large, rather than too small: true when its
/// first digit other than 0 stands before the decimal point, after the exponent is applied.
bool is_large(std::string_view literal) {
    if (literal.starts_with('-')) literal.remove_prefix(1);
    const auto e = std::min(literal.find_first_of("eE"), literal.size());
    const auto significand = literal.substr(0, e);
    const auto point = std::min(significand.find('.'), significand.size());
    const auto first = significand.find_first_of("123456789");
    if (first == significand.npos) return false;
    const auto place = first < point ? std::int64_t(point - first) : -std::int64_t(first - point - 1);
    auto exponent_text = literal.substr(std::min(e + 1, literal.size()));
    const bool negative = exponent_text.starts_with('-');
    if (negative || exponent_text.starts_with('+')) exponent_text.remove_prefix(1);
    std::int64_t exponent = 0;
    const auto read = std::from_chars(exponent_text.data(), exponent_text.data() + exponent_text.size(), exponent);
    if (read.ec == std::errc::result_out_of_range) return !negative;
    return place + (negative ? -exponent : exponent) > 0;
}

template <class Integer>
std::optional<Integer> whole_number(const Value& value) {
    if (!value.is_number()) return std::nullopt;
    const auto& digits = value.digits();
    Integer out = 0;
    const auto* const end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, out);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return out;
}

}  // namespace

Value Value::written(std::string json) {
    Value out;
    out.kind_ = Kind::written;
    out.text_ = std::move(json);
    return out;
}

Value::Value(std::int64_t number) : kind_(Kind::number), text_(std::to_string(number)) {}
Value::Value(std::uint64_t number) : kind_(Kind::number), text_(std::to_string(number)) {}
Value::Value(double number) {
    if (!std::isfinite(number)) return;
    kind_ = Kind::number;
    // Python's notation always shows that this is not an integer: 1.0, 1e+16.
    text_ = python_number_text(number);
}

Value Value::number_literal(std::string digits) {
    Value out;
    if (!is_number_literal(digits)) return out;
    out.kind_ = Kind::number;
    out.text_ = std::move(digits);
    return out;
}

double Value::number() const noexcept {
    if (!is_number()) return 0;
    double out = 0;
    const auto read = std::from_chars(text_.data(), text_.data() + text_.size(), out);
    if (read.ec != std::errc::result_out_of_range) return out;
    const double magnitude = is_large(text_) ? std::numeric_limits<double>::infinity() : 0.0;
    return text_[0] == '-' ? -magnitude : magnitude;
}

std::optional<std::uint64_t> Value::as_uint() const noexcept { return whole_number<std::uint64_t>(*this); }
std::optional<std::int64_t> Value::as_int() const noexcept { return whole_number<std::int64_t>(*this); }

const Value* Value::find(std::string_view key) const noexcept {
    if (!is_object()) return nullptr;
    for (const auto& member : members_)
        if (member.first == key) return &member.second;
    return nullptr;
}

Value* Value::find(std::string_view key) noexcept { return const_cast<Value*>(std::as_const(*this).find(key)); }

const Value* Value::at(std::initializer_list<std::string_view> path) const noexcept {
    const Value* at = this;
    for (const auto key : path) {
        at = at->find(key);
        if (at == nullptr) return nullptr;
    }
    return at;
}

std::string Value::text_at(std::initializer_list<std::string_view> path) const {
    const Value* const value = at(path);
    return value != nullptr && value->is_string() ? value->text() : std::string();
}

Value& Value::set(std::string_view key, Value value) {
    if (is_null()) kind_ = Kind::object;
    if (Value* const present = find(key)) return *present = std::move(value);
    return members_.emplace_back(std::string(key), std::move(value)).second;
}

void Value::erase(std::string_view key) {
    std::erase_if(members_, [&](const Member& member) { return member.first == key; });
}

void Value::push_back(Value value) {
    if (is_null()) kind_ = Kind::array;
    items_.push_back(std::move(value));
}

}  // namespace c2d::json
