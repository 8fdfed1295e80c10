#include "base/mistaken_text.hpp"

#include "base/endpoint.hpp"

#include <algorithm>

namespace c2d {

namespace {

bool is_hex(std::string_view text) noexcept {
    return text.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
}

std::string_view without_blanks_before(std::string_view text) noexcept {
    return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

}  // namespace

bool looks_like_path(std::string_view text) noexcept {
    constexpr std::string_view kEndings[] = {".json", ".ini", ".py", ".csv", ".txt", ".key", ".pem", ".db"};
    constexpr std::string_view kStarts[] = {"/", "./", "../", "~/"};
    if (text.empty() || text.size() > 4096 || text.find_first_of("\n\"'(){}[]=;") != std::string_view::npos)
        return false;
    return std::ranges::any_of(kEndings, [text](auto ending) { return text.ends_with(ending); }) ||
           std::ranges::any_of(kStarts, [text](auto start) { return text.starts_with(start); });
}

std::string_view found_instead(std::string_view text) noexcept {
    const auto digits = text.starts_with("0x") ? text.substr(2) : text;
    const auto first = without_blanks_before(text);
    if (first.empty()) return ", found nothing";
    if (is_hex(digits) && digits.size() == 40) return ", found an address";
    if (is_hex(digits) && digits.size() == 64)
        return ", found 64 hexadecimal digits, as a private key or a hash has them";
    if (text.starts_with("dt:ownership:")) return ", found the id of a token or operator";
    if (first.front() == '{' || first.front() == '[') return ", found JSON text";
    if (is_http_endpoint(text)) return ", found a URL";
    if (looks_like_path(text)) return ", found what looks like the path of a file; pass what the file holds";
    return {};
}

}  // namespace c2d
