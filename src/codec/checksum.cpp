#include "codec/checksum.hpp"

#include "base/try.hpp"
#include "base/utf8.hpp"
#include "codec/json_escape.hpp"
#include "codec/number_text.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace c2d {

namespace {

using json::Member;
using json::Value;

Value without_proof(const Value& document) {
    Value copy = document;
    copy.erase("proof");
    return copy;
}

/// Numbers as Python's json module reads and writes them: integers digit for digit.
std::string python_number(const Value& value) {
    const auto& digits = value.digits();
    if (digits.find_first_of(".eE") == digits.npos) return digits == "-0" ? "0" : digits;
    return python_number_text(value.number());
}

/// json.dumps with ensure_ascii, without the spaces that the original strikes out afterwards.
void append_ascii(std::string& out, char32_t point) {
    if (point == ' ') return;
    if (const auto escape = short_escape(point); !escape.empty()) {
        out += escape;
    } else if (point >= 0x10000) {
        const auto rest = unsigned(point) - 0x10000;
        out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + (rest >> 10), 0xdc00 + (rest & 0x3ff));
    } else if (point < 0x20 || point > 0x7e) {
        out += fmt::format("\\u{:04x}", unsigned(point));
    } else {
        out += char(point);
    }
}

void append_ascii_string(std::string& out, std::string_view text) {
    out += '"';
    while (!text.empty()) {
        auto point = first_code_point(text);
        // Cannot come from the reader; a byte of its own keeps the walk going.
        if (point.length == 0) point = {char32_t(std::uint8_t(text[0])), 1};
        text.remove_prefix(point.length);
        append_ascii(out, point.value);
    }
    out += '"';
}

/// json.dumps without ensure_ascii: RFC 8785 escapes the same characters.
void append_utf8_string(std::string& out, std::string_view text) { out += json::compact(Value(text)); }

/// A walk over a document in the manner of the original's Python code.
struct LegacyWriter {
    void (*append_string)(std::string& out, std::string_view text);
    /// The original's sorting stops at a list inside a list; json.dumps(sort_keys) never stops.
    bool sorts_everywhere;
    std::string out;

    void write(const Value& value, bool sorted) {
        switch (value.kind()) {
            case Value::Kind::null: out += "null"; break;
            case Value::Kind::boolean: out += value.boolean() ? "true" : "false"; break;
            case Value::Kind::number: out += python_number(value); break;
            case Value::Kind::written: out += value.text(); break;
            case Value::Kind::string: append_string(out, value.text()); break;
            case Value::Kind::array: write_array(value.items(), sorted); break;
            case Value::Kind::object: write_object(value.members(), sorted); break;
        }
    }

    void write_array(const json::Array& items, bool sorted) {
        out += '[';
        for (const auto& item : items) {
            if (&item != &items.front()) out += ',';
            write(item, sorts_everywhere || (sorted && !item.is_array()));
        }
        out += ']';
    }

    void write_object(const json::Object& object, bool sorted) {
        std::vector<const Member*> members;
        members.reserve(object.size());
        for (const auto& member : object) members.push_back(&member);
        // The order of UTF-8 bytes is the order of code points, which is Python's.
        if (sorted)
            std::sort(members.begin(), members.end(),
                      [](const Member* a, const Member* b) { return a->first < b->first; });
        out += '{';
        for (const auto* member : members) {
            if (member != members.front()) out += ',';
            append_string(out, member->first);
            out += ':';
            write(member->second, sorted);
        }
        out += '}';
    }
};

}  // namespace

Result<Bytes32> checksum_jcs(const json::Value& document) {
    C2D_TRY(const std::string text, json::canonical(without_proof(document)));
    return sha3_256(as_bytes(text));
}

std::string legacy_canonical(const json::Value& document) {
    LegacyWriter writer{append_ascii_string, false, {}};
    writer.write(document, true);
    return std::move(writer.out);
}

Bytes32 checksum_legacy(const json::Value& document) {
    return sha3_256(as_bytes(legacy_canonical(without_proof(document))));
}

std::string legacy_stored_text(const json::Value& document) {
    LegacyWriter writer{append_utf8_string, true, {}};
    writer.write(document, true);
    return std::move(writer.out);
}

}  // namespace c2d
