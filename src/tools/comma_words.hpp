/// Lists in configurations.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace c2d::tools {

/// Words separated by commas, trimmed.
inline std::vector<std::string> comma_words(std::string_view given) {
    std::vector<std::string> out;
    for (std::size_t start = 0; start < given.size();) {
        const auto end = std::min(given.find(',', start), given.size());
        const auto first = given.find_first_not_of(" \t\n", start);
        if (first < end) {
            const auto last = given.find_last_not_of(" \t\n", end - 1);
            out.emplace_back(given.substr(first, last - first + 1));
        }
        start = end + 1;
    }
    return out;
}

}  // namespace c2d::tools
