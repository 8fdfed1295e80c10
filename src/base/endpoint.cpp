#include "base/endpoint.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace c2d {

namespace {

struct Scheme {
    std::string_view text;
    bool names_file;
};
constexpr Scheme kSchemes[] = {
    {"http://", false}, {"https://", false}, {kLedgerScheme, true}, {kDirectoryScheme, true}};

/// `lower` is lower-case ASCII.
bool starts_with_in_any_case(std::string_view text, std::string_view lower) {
    const auto same = [](char a, char b) { return (a >= 'A' && a <= 'Z' ? char(a + 32) : a) == b; };
    return text.size() >= lower.size() && std::ranges::equal(text.substr(0, lower.size()), lower, same);
}

std::string_view without_blanks(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    const auto first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

}  // namespace

std::string normal_endpoint(std::string_view text) {
    std::string_view rest = without_blanks(text);
    std::string out;
    bool names_file = false;
    for (const auto& scheme : kSchemes) {
        if (!starts_with_in_any_case(rest, scheme.text)) continue;
        out = scheme.text;
        names_file = scheme.names_file;
        rest.remove_prefix(scheme.text.size());
        break;
    }
    while (!names_file && rest.ends_with('/')) rest.remove_suffix(1);
    return out.append(rest);
}

std::string without_credentials(std::string_view url) {
    constexpr std::string_view kAuthority = "://";
    const auto scheme = url.find(kAuthority);
    if (scheme == std::string_view::npos) return std::string(url);
    const auto begin = scheme + kAuthority.size();
    const auto at = url.substr(begin, url.find_first_of("/?#", begin) - begin).rfind('@');
    if (at == std::string_view::npos) return std::string(url);
    return std::string(url.substr(0, begin)) + "…" + std::string(url.substr(begin + at));
}

bool is_port(std::string_view text) noexcept {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    return error == std::errc() && end == text.data() + text.size() && port != 0;
}

std::string_view port_of(std::string_view url) noexcept {
    const auto scheme = url.find("://");
    if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    url.remove_prefix(std::min(url.rfind('@') + 1, url.size()));  // npos + 1 is 0
    const auto host_end = url.starts_with('[') ? url.find(']') : 0;
    const auto colon = url.find(':', std::min(host_end, url.size()));
    return colon == std::string_view::npos ? std::string_view() : url.substr(colon + 1);
}

bool is_http_endpoint(std::string_view endpoint) noexcept {
    return endpoint.starts_with("http://") || endpoint.starts_with("https://");
}

}  // namespace c2d
