#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"
#include "codec/json.hpp"
#include "codec/json_escape.hpp"
#include "codec/number_text.hpp"

#include <algorithm>
#include <cmath>

namespace c2d::json {

namespace {

constexpr std::int64_t kIntegerMax = (std::int64_t(1) << 53) - 1;

/// Escapes only what JSON demands, as RFC 8785 wants it.
void append_string(std::string& out, std::string_view text) {
    out += '"';
    for (const char c : text) {
        const auto byte = std::uint8_t(c);
        if (const auto escape = short_escape(byte); !escape.empty())
            out += escape;
        else if (byte < 0x20)
            out += fmt::format("\\u{:04x}", byte);
        else
            out += c;
    }
    out += '"';
}

/// The UTF-16 code units of `point` as escapes.
void append_units(std::string& out, char32_t point) {
    const auto rest = std::uint32_t(point) - 0x10000;
    if (point < 0x10000)
        out += fmt::format("\\u{:04x}", std::uint32_t(point));
    else
        out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff));
}

/// Escapes what JSON demands and whatever is not displayed as itself.
void append_visible_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        const auto [point, length] = first_code_point(text);
        if (length == 0)
            out += "\xef\xbf\xbd";
        else if (const auto escape = short_escape(point); !escape.empty())
            out += escape;
        else if (!is_displayable(point))
            append_units(out, point);
        else
            out += text.substr(0, length);
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    out += '"';
}

bool is_integer_literal(std::string_view digits) { return digits.find_first_of(".eE") == digits.npos; }

Result<std::string> canonical_number(const Value& value) {
    if (is_integer_literal(value.digits())) {
        const auto integer = value.as_int();
        if (!integer || *integer > kIntegerMax || *integer < -kIntegerMax)
            return Error(Status::INVALID_ARGUMENT,
                         "an integer beyond 2^53 - 1 has no canonical form; write it as a string");
        return std::to_string(*integer);
    }
    const double number = value.number();
    if (!std::isfinite(number))
        return Error(Status::INVALID_ARGUMENT, "a number beyond the range of a double has no canonical form");
    return ecmascript_number_text(number);
}

Result<Unit> append_canonical_number(std::string& out, const Value& value) {
    C2D_TRY(const auto text, canonical_number(value));
    out += text;
    return Unit{};
}

Result<Unit> append_canonical_string(std::string& out, std::string_view text) {
    if (!is_valid_utf8(text)) return Error(Status::INVALID_ARGUMENT, "a text that is not UTF-8 has no canonical form");
    append_string(out, text);
    return Unit{};
}

Result<Unit> append_canonical(std::string& out, const Value& value);

std::vector<const Member*> in_canonical_order(const Object& object) {
    std::vector<const Member*> members;
    members.reserve(object.size());
    for (const auto& member : object) members.push_back(&member);
    std::sort(members.begin(), members.end(),
              [](const Member* a, const Member* b) { return utf16_less(a->first, b->first); });
    return members;
}

Result<Unit> append_canonical_object(std::string& out, const Object& object) {
    const auto members = in_canonical_order(object);
    out += '{';
    for (std::size_t i = 0; i < members.size(); ++i) {
        if (i > 0 && members[i]->first == members[i - 1]->first)
            return Error(Status::INVALID_ARGUMENT, "an object has the same key twice");
        if (i > 0) out += ',';
        C2D_CHECK(append_canonical_string(out, members[i]->first));
        out += ':';
        C2D_CHECK(append_canonical(out, members[i]->second));
    }
    out += '}';
    return Unit{};
}

Result<Unit> append_canonical(std::string& out, const Value& value) {
    switch (value.kind()) {
        case Value::Kind::null: out += "null"; break;
        case Value::Kind::boolean: out += value.boolean() ? "true" : "false"; break;
        case Value::Kind::number: return append_canonical_number(out, value);
        case Value::Kind::string: return append_canonical_string(out, value.text());
        case Value::Kind::object: return append_canonical_object(out, value.members());
        case Value::Kind::written:
            return Error(Status::INVALID_ARGUMENT, "JSON that is text already has no canonical form; read it first");
        case Value::Kind::array:
            out += '[';
            for (const auto& item : value.items()) {
                if (&item != &value.items().front()) out += ',';
                C2D_CHECK(append_canonical(out, item));
            }
            out += ']';
    }
    return Unit{};
}

/// `value`, which has a canonical form, in that form.
Value reordered(const Value& value) {
    switch (value.kind()) {
        case Value::Kind::number: return Value::number_literal(canonical_number(value).value());
        case Value::Kind::array: return list_of(value.items(), reordered);
        case Value::Kind::object: {
            Object out;
            for (const auto* member : in_canonical_order(value.members()))
                out.emplace_back(member->first, reordered(member->second));
            return out;
        }
        default: return value;
    }
}

/// Writes in member order, either compact or one item a line.
class Printer {
public:
    Printer(bool indented, Escape escape)
        : indented_(indented), append_text_(escape == Escape::invisible ? append_visible_string : append_string) {}

    void print(const Value& value) {
        switch (value.kind()) {
            case Value::Kind::null: out_ += "null"; break;
            case Value::Kind::boolean: out_ += value.boolean() ? "true" : "false"; break;
            case Value::Kind::number: out_ += value.digits(); break;
            case Value::Kind::written: out_ += value.text(); break;
            case Value::Kind::string: append_text_(out_, value.text()); break;
            case Value::Kind::array:
                print_all('[', value.items(), ']', [this](const Value& item) { print(item); });
                break;
            case Value::Kind::object:
                print_all('{', value.members(), '}', [this](const Member& member) {
                    append_text_(out_, member.first);
                    out_ += indented_ ? ": " : ":";
                    print(member.second);
                });
        }
    }
    std::string take() { return std::move(out_); }

private:
    template <class Items, class PrintItem>
    void print_all(char open, const Items& items, char close, PrintItem print_item) {
        out_ += open;
        ++depth_;
        for (const auto& item : items) {
            if (&item != &items.front()) out_ += ',';
            new_line();
            print_item(item);
        }
        --depth_;
        if (!items.empty()) new_line();
        out_ += close;
    }
    void new_line() {
        if (!indented_) return;
        out_ += '\n';
        out_.append(2 * depth_, ' ');
    }

    bool indented_;
    void (*append_text_)(std::string&, std::string_view);
    std::size_t depth_ = 0;
    std::string out_;
};

}  // namespace

Result<std::string> canonical(const Value& value) {
    std::string out;
    C2D_CHECK(append_canonical(out, value));
    return out;
}

Result<Value> canonical_form(const Value& value) {
    C2D_CHECK(canonical(value));
    return reordered(value);
}

bool equal(const Value& a, const Value& b) {
    const auto text_a = canonical(a);
    const auto text_b = canonical(b);
    return text_a.ok() && text_b.ok() && *text_a == *text_b;
}

std::string compact(const Value& value, Escape escape) {
    Printer printer(false, escape);
    printer.print(value);
    return printer.take();
}

std::string pretty(const Value& value, Escape escape) {
    Printer printer(true, escape);
    printer.print(value);
    return printer.take();
}

}  // namespace c2d::json
