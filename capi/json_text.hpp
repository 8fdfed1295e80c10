/// Writes the small JSON texts that the C interface puts out.
#pragma once

#include <concepts>
#include <string>
#include <string_view>

namespace c2d::capi {

/// A JSON string with `json::Escape::invisible`, so that what others wrote on a ledger can neither
/// break the text nor drive a terminal.
std::string json_text(std::string_view text);

/// An object, member by member, in the order of the calls.
class JsonObject {
public:
    /// `json` is JSON already.
    JsonObject& raw(std::string_view name, std::string_view json) {
        text_ += text_.size() > 1 ? "," : "";
        text_ += json_text(name);
        text_ += ':';
        text_ += json;
        return *this;
    }
    JsonObject& text(std::string_view name, std::string_view value) { return raw(name, json_text(value)); }
    JsonObject& number(std::string_view name, std::integral auto value) { return raw(name, std::to_string(value)); }
    JsonObject& flag(std::string_view name, bool value) { return raw(name, value ? "true" : "false"); }
    std::string str() const { return text_ + '}'; }

private:
    std::string text_ = "{";
};

/// [one(item)…], each of them JSON already.
template <class Items, class One>
std::string json_list(const Items& items, One one) {
    std::string out = "[";
    for (const auto& item : items) {
        out += out.size() > 1 ? "," : "";
        out += one(item);
    }
    return out + ']';
}

}  // namespace c2d::capi
