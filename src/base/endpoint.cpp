#include "base/endpoint.hpp"

#include <algorithm>

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

bool is_http_endpoint(std::string_view endpoint) noexcept {
    return endpoint.starts_with("http://") || endpoint.starts_with("https://");
}

}  // namespace c2d
