/// The INI configuration of the original system: sections [keeper] and [provider].
///
/// Read as Python's configparser reads it: values verbatim (JSON included), keys case-insensitive.
/// Relative paths are relative to the working directory; a path that does not exist there is taken
/// relative to the file that names it.
#pragma once

#include <c2d/result.hpp>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace c2d {

/// It may hold a key: what was read is cleared when it goes, and no copy but those of `get` is made.
class Config {
public:
    /// No file: every value is absent.
    Config() = default;
    Config(const Config&) = default;
    Config(Config&& other) noexcept;
    /// What was held before is cleared.
    Config& operator=(Config other) noexcept;
    ~Config();
    /// Fails with `not_found`, or `invalid_argument` naming the line; at most 1 MiB.
    static Result<Config> read(const std::filesystem::path& file);

    /// The value as it stands in the file, if it does.
    std::optional<std::string> get(std::string_view section, std::string_view key) const;
    /// The same without a copy, for keys and passwords; valid while this configuration is.
    std::optional<std::string_view> view(std::string_view section, std::string_view key) const;
    /// Fails with `not_found`, naming file, section and key.
    Result<std::string> require(std::string_view section, std::string_view key) const;
    /// Resolves a path that the file names.
    std::filesystem::path resolve(const std::filesystem::path& path) const;
    /// What was read; empty without one.
    const std::filesystem::path& file() const noexcept { return file_; }

private:
    std::filesystem::path file_;
    std::map<std::string, std::string> values_;
};

/// `path` as it is when it is absolute or exists from the working directory; else, when it exists
/// there, relative to `naming_file`'s folder; else as it is.
std::filesystem::path resolve_path(const std::filesystem::path& path, const std::filesystem::path& naming_file);

}  // namespace c2d
