#include "tools/cli/attributes.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"
#include "codec/json.hpp"

#include <algorithm>

namespace c2d::cli {

namespace {

bool is_name(std::string_view name) {
    const auto good = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    };
    return !name.empty() && std::ranges::all_of(name, good);
}

std::string escaped(const std::string& value) {
    const std::string quoted = json::compact(json::Value(value));
    return quoted.substr(1, quoted.size() - 2);
}

Result<std::string> value_of(std::string_view expression, const Variables& variables) {
    const auto split = expression.find(":-");
    const auto name = expression.substr(0, split);
    if (!is_name(name))
        return fail(Status::INVALID_ARGUMENT, "expected a name between ${{ and }}, found \"{}\"", expression);
    const auto found = variables.find(std::string(name));
    if (found != variables.end()) return found->second;
    if (split != std::string_view::npos) return std::string(expression.substr(split + 2));
    return fail(Status::INVALID_ARGUMENT, "the file needs a value: give --var {}=VALUE", name);
}

}  // namespace

Result<Variables> parse_variables(const std::vector<std::string>& words) {
    Variables out;
    for (const auto& word : words) {
        const auto split = word.find('=');
        if (split == std::string::npos || !is_name(std::string_view(word).substr(0, split)))
            return fail(Status::INVALID_ARGUMENT, "expected NAME=VALUE, found \"{}\"", word);
        out[word.substr(0, split)] = word.substr(split + 1);
    }
    return out;
}

Result<std::string> fill_variables(std::string_view text, const Variables& variables) {
    std::string out;
    bool in_string = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '"') in_string = !in_string;
        if (in_string && text[i] == '\\' && i + 1 < text.size()) out += text[i++];
        if (text[i] != '$' || text.substr(i, 2) != "${") {
            out += text[i];
            continue;
        }
        const auto end = text.find('}', i);
        if (end == std::string_view::npos) return fail(Status::INVALID_ARGUMENT, "a ${{ is not closed");
        C2D_TRY(const auto value, value_of(text.substr(i + 2, end - i - 2), variables));
        out += in_string ? escaped(value) : value;
        i = end;
    }
    return out;
}

Result<std::string> read_attributes(const std::string& file, const Variables& variables) {
    C2D_TRY(const auto text, read_written_file(file, std::size_t(1) << 20));
    auto filled = fill_variables(text, variables);
    if (!filled) return fail(filled.status(), "{}: {}", file, filled.error().message);
    return filled;
}

}  // namespace c2d::cli
