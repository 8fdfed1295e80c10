/// Names of inputs and outputs as terms and arguments spell them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace c2d {

/// NAME of "./FOLDER/NAME", with NAME = [A-Za-z0-9_][A-Za-z0-9._-]{0,127}; else empty.
inline std::optional<std::string> plain_name(std::string_view path, std::string_view folder) {
    const auto alphanumeric = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    const std::string prefix = "./" + std::string(folder) + "/";
    if (!path.starts_with(prefix)) return std::nullopt;
    const std::string_view name = path.substr(prefix.size());
    if (name.empty() || name.size() > 128 || !alphanumeric(name[0])) return std::nullopt;
    for (const char c : name)
        if (!alphanumeric(c) && c != '.' && c != '-') return std::nullopt;
    return std::string(name);
}

}  // namespace c2d
