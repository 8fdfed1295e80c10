/// Names of inputs and outputs as terms and arguments spell them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace c2d {

/// [A-Za-z0-9_][A-Za-z0-9._-]{0,127}: a name within its folder, in every file system and URL.
inline bool is_plain_name(std::string_view name) {
    const auto alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    if (name.empty() || name.size() > 128 || !alphanumeric(name[0])) return false;
    for (const char c : name)
        if (!alphanumeric(c) && c != '.' && c != '-') return false;
    return true;
}

/// NAME of "./FOLDER/NAME" if it is a plain name; else empty.
inline std::optional<std::string> plain_name(std::string_view path, std::string_view folder) {
    const std::string prefix = "./" + std::string(folder) + "/";
    if (!path.starts_with(prefix) || !is_plain_name(path.substr(prefix.size()))) return std::nullopt;
    return std::string(path.substr(prefix.size()));
}

}  // namespace c2d
