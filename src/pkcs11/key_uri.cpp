#include "pkcs11/key_uri.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"

#include <c2d/pkcs11_key.hpp>

#include <algorithm>
#include <charconv>

namespace c2d {

namespace {

constexpr std::string_view kScheme = "pkcs11:";

char lower(char c) { return c >= 'A' && c <= 'Z' ? char(c - 'A' + 'a') : c; }

}  // namespace

bool is_pkcs11_uri(std::string_view text) noexcept {
    return text.size() >= kScheme.size() &&
           std::equal(kScheme.begin(), kScheme.end(), text.begin(), [](char a, char b) { return a == lower(b); });
}

namespace pkcs11 {

namespace {

Error bad(std::string_view what) { return fail(Status::INVALID_ARGUMENT, "the PKCS#11 URI is not usable: {}", what); }

/// Sets a text that CK_TOKEN_INFO, an attribute or a path can hold.
template <std::string KeyUri::*member>
Result<Unit> set_text(KeyUri& uri, std::string&& value) {
    if (value.empty() || value.find('\0') != value.npos) return bad("a value is empty or holds a zero byte");
    uri.*member = std::move(value);
    return Unit{};
}

Result<Unit> set_id(KeyUri& uri, std::string&& value) {
    if (value.empty() || value.size() > kIdBytesMax) return bad("id holds 1 to 255 bytes, written as %01%a2");
    uri.id.assign(value.begin(), value.end());
    return Unit{};
}

Result<Unit> set_slot(KeyUri& uri, std::string&& value) {
    std::uint64_t slot = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), slot);
    if (error != std::errc() || end != value.data() + value.size()) return bad("slot-id is a number in decimal digits");
    uri.slot_id = slot;
    return Unit{};
}

Result<Unit> check_type(const KeyUri& uri, Purpose use) {
    if (uri.type.empty() || uri.type == (use == Purpose::sign ? "private" : "secret-key")) return Unit{};
    return use == Purpose::sign ? bad("type is private, or left out: it is the private key that signs")
                                : bad("type is secret-key, or left out: it is an AES key that wraps");
}

Result<Unit> set_module_path(KeyUri& uri, std::string&& value) {
    if (!value.starts_with('/')) return bad("module-path is the absolute path of the module's shared library");
    return set_text<&KeyUri::module_path>(uri, std::move(value));
}

/// RFC 8089's file: with no host.
Result<Unit> set_pin_source(KeyUri& uri, std::string&& value) {
    const std::string_view text = value;
    std::string_view path;
    if (text.starts_with("file:")) path = text.substr(5);
    if (path.starts_with("//")) path.remove_prefix(2);
    if (!path.starts_with('/') || path.starts_with("//"))
        return bad("pin-source is file: and the absolute path of a file that holds the PIN, file:/etc/c2d/pin");
    return set_text<&KeyUri::pin_file>(uri, std::string(path));
}

Result<Unit> refuse_pin(KeyUri&, std::string&&) {
    return bad(
        "pin-value: a PIN stands in no URI, which configurations, histories and process lists show; name its file "
        "with pin-source=file:/…, or leave it out and be asked");
}

Result<Unit> refuse_module_name(KeyUri&, std::string&&) {
    return bad("module-name: modules are not searched for; name the file with module-path=/…");
}

struct Attribute {
    std::string_view name;
    bool query;
    Result<Unit> (*set)(KeyUri&, std::string&&);
};

constexpr Attribute kAttributes[] = {
    {"token", false, set_text<&KeyUri::token>},
    {"serial", false, set_text<&KeyUri::serial>},
    {"manufacturer", false, set_text<&KeyUri::manufacturer>},
    {"model", false, set_text<&KeyUri::model>},
    {"slot-id", false, set_slot},
    {"object", false, set_text<&KeyUri::object>},
    {"id", false, set_id},
    {"type", false, set_text<&KeyUri::type>},
    {"module-path", true, set_module_path},
    {"pin-source", true, set_pin_source},
    {"pin-value", true, refuse_pin},
    {"module-name", true, refuse_module_name},
};

/// pk11-path-res-avail and pk11-query-res-avail of RFC 7512 beside RFC 3986's unreserved characters.
bool may_stand_unescaped(char c) {
    const bool letter_or_digit = (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z');
    return letter_or_digit || std::string_view("-._~:[]@!$'()*+,=&/?|").find(c) != std::string_view::npos;
}

Result<std::string> percent_decoded(std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            if (!may_stand_unescaped(text[i]))
                return bad("a character of a value has to be written as % and two digits");
            out += text[i];
            continue;
        }
        const auto digits = text.substr(i + 1, 2);
        unsigned byte = 0;
        const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), byte, 16);
        if (digits.size() != 2 || error != std::errc() || end != digits.data() + 2)
            return bad("% stands before two hexadecimal digits");
        out += char(byte);
        i += 2;
    }
    return out;
}

/// One `name=value` of the path or the query.
Result<Unit> read_attribute(KeyUri& uri, std::string_view text, bool query, std::vector<std::string_view>& seen) {
    const auto name = text.substr(0, text.find('='));
    if (name.size() == text.size()) return bad("expected name=value in each part");
    const auto at = std::ranges::find(kAttributes, name, &Attribute::name);
    if (at == std::end(kAttributes))
        return bad(
            fmt::format("the attribute {} would not be honoured; known are token, serial, manufacturer, model, "
                        "slot-id, object, id, type, and after ? module-path, pin-source",
                        display_text(name, 40)));
    if (at->query != query) return bad(fmt::format("{} stands {} the ?", name, at->query ? "after" : "before"));
    if (std::ranges::find(seen, name) != seen.end()) return bad(fmt::format("{} stands twice", name));
    seen.push_back(name);
    C2D_TRY(auto value, percent_decoded(text.substr(name.size() + 1)));
    return at->set(uri, std::move(value));
}

Result<Unit> read_attributes(KeyUri& uri, std::string_view text, bool query) {
    std::vector<std::string_view> seen;
    const char separator = query ? '&' : ';';
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        C2D_CHECK(read_attribute(uri, text.substr(0, end), query, seen));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return Unit{};
}

}  // namespace

Result<KeyUri> parse_key_uri(std::string_view uri, Purpose use) {
    if (!is_pkcs11_uri(uri) || uri.size() > kUriBytesMax)
        return bad("expected pkcs11:token=NAME;object=KEY?module-path=/PATH in at most 4096 bytes (RFC 7512)");
    uri.remove_prefix(kScheme.size());
    const auto path = uri.substr(0, uri.find('?'));
    KeyUri out;
    C2D_CHECK(read_attributes(out, path, false));
    C2D_CHECK(read_attributes(out, uri.substr(std::min(path.size() + 1, uri.size())), true));
    C2D_CHECK(check_type(out, use));
    if (out.object.empty() && out.id.empty()) return bad("which key? give object=LABEL or id=%01");
    if (out.module_path.empty()) return bad("which module? give ?module-path=/PATH/OF/THE/VENDORS/MODULE.so");
    return out;
}

std::string name_of_token(const KeyUri& uri) {
    if (!uri.token.empty()) return fmt::format("the PKCS#11 token \"{}\"", display_text(uri.token));
    if (!uri.serial.empty()) return fmt::format("the PKCS#11 token of serial \"{}\"", display_text(uri.serial));
    return fmt::format("the PKCS#11 token of {}", display_text(uri.module_path));
}

std::string name_of_key(const KeyUri& uri) {
    const auto key = uri.object.empty() ? "with id " + hex_text(uri.id) : "\"" + display_text(uri.object) + "\"";
    return fmt::format("key {} on {}", key, name_of_token(uri));
}

}  // namespace pkcs11

}  // namespace c2d
