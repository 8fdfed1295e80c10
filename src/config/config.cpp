#include "base/fail.hpp"
#include "base/private_files.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"

#include <c2d/config.hpp>

#include <algorithm>

namespace c2d {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kFileBytesMax = std::size_t(1) << 20;

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
    return out;
}

std::string map_key(std::string_view section, std::string_view key) { return std::string(section) + "\n" + lower(key); }

std::string_view trim(std::string_view text) {
    constexpr std::string_view kSpaces = " \t\r\f\v";
    const auto first = text.find_first_not_of(kSpaces);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

/// Python's configparser, without its interpolation: sections, `key = value` or `key: value`,
/// whole-line comments, values continued on deeper indented lines.
class Reader {
public:
    explicit Reader(std::map<std::string, std::string>& values) : values_(values) {}

    /// Empty, or what is wrong with the line.
    std::string line(std::string_view raw) {
        const auto text = trim(raw);
        if (text.empty()) ++empty_lines_;
        if (text.empty() || text[0] == '#' || text[0] == ';') return {};
        const auto empty_lines = std::exchange(empty_lines_, 0);
        const auto indent = raw.find_first_not_of(" \t");
        if (value_ && indent > indent_) {
            continue_value(empty_lines + 1, text);
            return {};
        }
        indent_ = indent;
        return text[0] == '[' ? section(text) : pair(text);
    }

private:
    /// Growing would leave an uncleared copy behind.
    void continue_value(std::size_t line_ends, std::string_view text) {
        std::string longer;
        longer.reserve(value_->size() + line_ends + text.size());
        longer.append(*value_).append(line_ends, '\n').append(text);
        value_->swap(longer);
        clear_secret(longer.data(), longer.size());
    }

    std::string section(std::string_view text) {
        const auto end = text.rfind(']');
        value_ = nullptr;
        if (end == std::string_view::npos || end < 2) return "expected [section]";
        section_ = text.substr(1, end - 1);
        return {};
    }

    std::string pair(std::string_view text) {
        const auto split = text.find_first_of("=:");
        if (section_.empty()) return "expected a [section] before the first key";
        if (split == std::string_view::npos || split == 0) return "expected key = value";
        const auto [at, added] =
            values_.try_emplace(map_key(section_, trim(text.substr(0, split))), trim(text.substr(split + 1)));
        if (!added) return "the key is there already";
        value_ = &at->second;
        return {};
    }

    std::map<std::string, std::string>& values_;
    std::string section_;
    std::string* value_ = nullptr;
    std::size_t indent_ = 0;
    /// They belong to a value that goes on behind them.
    std::size_t empty_lines_ = 0;
};

}  // namespace

fs::path resolve_path(const fs::path& path, const fs::path& naming_file) {
    std::error_code ignored;
    if (path.is_absolute() || naming_file.empty() || fs::exists(path, ignored)) return path;
    const auto beside = naming_file.parent_path() / path;
    return fs::exists(beside, ignored) ? beside : path;
}

Config::Config(Config&& other) noexcept : file_(std::move(other.file_)), values_(std::move(other.values_)) {}

Config& Config::operator=(Config other) noexcept {
    std::swap(file_, other.file_);
    std::swap(values_, other.values_);
    return *this;
}

Config::~Config() {
    for (auto& [key, value] : values_) clear_secret(value.data(), value.size());
}

Result<Config> Config::read(const fs::path& file) {
    C2D_TRY(const auto content, read_secret_file(file, kFileBytesMax, Exposed::allow));
    const auto unmarked = without_mark(content.text());
    if (!unmarked) return fail(unmarked.status(), "{}: {}", file.string(), unmarked.error().message);
    const auto text = *unmarked;
    Config config;
    config.file_ = file;
    Reader reader(config.values_);
    std::size_t number = 1;
    for (std::size_t start = 0; start < text.size(); ++number) {
        const auto end = std::min(text.find('\n', start), text.size());
        const auto problem = reader.line(text.substr(start, end - start));
        if (!problem.empty()) return fail(Status::INVALID_ARGUMENT, "{}, line {}: {}", file.string(), number, problem);
        start = end + 1;
    }
    return config;
}

std::optional<std::string> Config::get(std::string_view section, std::string_view key) const {
    const auto found = view(section, key);
    return found ? std::optional<std::string>(*found) : std::nullopt;
}

std::optional<std::string_view> Config::view(std::string_view section, std::string_view key) const {
    const auto found = values_.find(map_key(section, key));
    if (found == values_.end()) return std::nullopt;
    return found->second;
}

Result<std::string> Config::require(std::string_view section, std::string_view key) const {
    auto value = get(section, key);
    if (value) return *std::move(value);
    return fail(Status::NOT_FOUND, "{} lacks \"{}\" in section [{}]",
                file_.empty() ? "the configuration" : file_.string(), key, section);
}

fs::path Config::resolve(const fs::path& path) const { return resolve_path(path, file_); }

}  // namespace c2d
