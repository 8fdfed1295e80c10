/// JSON from outside: one strict reader, one value type, RFC 8785 out.
///
/// The reader is iterative and bounded, validates UTF-8, refuses duplicate keys, lone surrogates
/// and trailing text, and keeps the digits of every number.
#pragma once

#include <c2d/types.hpp>

#include <initializer_list>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace c2d::json {

class Value;
using Array = std::vector<Value>;
/// Members in the order they were read or added; keys are unique.
using Member = std::pair<std::string, Value>;
using Object = std::vector<Member>;

class Value {
public:
    /// `written`: JSON that is text already, only to be put out again.
    enum class Kind { null, boolean, number, string, array, object, written };

    Value() = default;
    Value(std::nullptr_t) {}
    Value(bool value) : kind_(Kind::boolean), boolean_(value) {}
    Value(int number) : Value(std::int64_t(number)) {}
    Value(unsigned number) : Value(std::uint64_t(number)) {}
    Value(std::int64_t number);
    Value(std::uint64_t number);
    /// Finite numbers only; others become null.
    Value(double number);
    Value(const char* text) : kind_(Kind::string), text_(text) {}
    Value(std::string_view text) : kind_(Kind::string), text_(text) {}
    Value(std::string text) : kind_(Kind::string), text_(std::move(text)) {}
    Value(Array items) : kind_(Kind::array), items_(std::move(items)) {}
    Value(Object members) : kind_(Kind::object), members_(std::move(members)) {}
    static Value object(std::initializer_list<Member> members) { return Object(members); }
    static Value array() { return Array{}; }
    /// A number by its JSON digits, as read; null when they are not a number of JSON.
    static Value number_literal(std::string digits);
    /// JSON text that this library wrote before, as a member of what is written now: put out as it stands. It has no
    /// members, and no canonical form.
    static Value written(std::string json);

    Kind kind() const noexcept { return kind_; }
    bool is_null() const noexcept { return kind_ == Kind::null; }
    bool is_bool() const noexcept { return kind_ == Kind::boolean; }
    bool is_number() const noexcept { return kind_ == Kind::number; }
    bool is_string() const noexcept { return kind_ == Kind::string; }
    bool is_array() const noexcept { return kind_ == Kind::array; }
    bool is_object() const noexcept { return kind_ == Kind::object; }

    bool boolean() const noexcept { return boolean_; }
    const std::string& text() const noexcept { return text_; }
    /// The digits of a number as they were read.
    const std::string& digits() const noexcept { return text_; }
    double number() const noexcept;
    /// A whole number without fraction or exponent that fits.
    std::optional<std::uint64_t> as_uint() const noexcept;
    std::optional<std::int64_t> as_int() const noexcept;
    const Array& items() const noexcept { return items_; }
    Array& items() noexcept { return items_; }
    const Object& members() const noexcept { return members_; }
    Object& members() noexcept { return members_; }

    /// The member of an object, or null when absent or not an object.
    const Value* find(std::string_view key) const noexcept;
    Value* find(std::string_view key) noexcept;
    /// Follows a path of keys; null when any is absent.
    const Value* at(std::initializer_list<std::string_view> path) const noexcept;
    /// Text of a string member, or empty when absent or of another kind.
    std::string text_at(std::initializer_list<std::string_view> path) const;
    /// Sets or replaces a member (makes a null value an object).
    Value& set(std::string_view key, Value value);
    void erase(std::string_view key);
    void push_back(Value value);

private:
    Kind kind_ = Kind::null;
    bool boolean_ = false;
    std::string text_;
    Array items_;
    Object members_;
};

/// An array of what `items` are: values, or records with a `to_value` of their own.
template <class Items>
Array list_of(const Items& items) {
    Array out;
    out.reserve(std::size(items));
    for (const auto& item : items) {
        if constexpr (std::is_convertible_v<decltype(item), Value>)
            out.push_back(item);
        else
            out.push_back(to_value(item));
    }
    return out;
}

/// An array of `one(item)`.
template <class Items, class One>
Array list_of(const Items& items, One one) {
    Array out;
    out.reserve(std::size(items));
    for (const auto& item : items) out.push_back(one(item));
    return out;
}

struct Limits {
    std::size_t bytes_max = std::size_t(1) << 20;
    unsigned depth_max = 64;
};

/// Reads one document. Fails with `invalid_argument` (and the byte offset) or `limit`.
Result<Value> parse(std::string_view text, Limits limits = {});

/// RFC 8785 (JCS). Fails with `invalid_argument` for an integer beyond ±(2^53 − 1) and for a
/// number outside the range of a double. What is written with a fraction or an exponent is a double,
/// whatever its size: 1e16 prints as 10000000000000000, which as a text of its own is refused.
Result<std::string> canonical(const Value& value);
/// The value that reading `canonical(value)` would give: members in RFC 8785 order, numbers in its form.
Result<Value> canonical_form(const Value& value);
/// Equal RFC 8785 text; values that have none are never equal.
bool equal(const Value& a, const Value& b);

/// What is written as \u escapes in texts. Both read back as the same value.
enum class Escape {
    /// What JSON demands; the rest as it stands.
    required,
    /// Also every character that moves a cursor or is not drawn (base/display_text.hpp), for text that
    /// may reach a terminal; bytes that are not UTF-8 become U+FFFD.
    invisible,
};

/// Compact text: members in order, numbers as read.
std::string compact(const Value& value, Escape escape = Escape::required);
/// As `compact`, indented by two spaces, for people.
std::string pretty(const Value& value, Escape escape = Escape::required);

}  // namespace c2d::json
