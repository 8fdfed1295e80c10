/// Text that people wrote, with whatever editor they have.
#pragma once

#include <c2d/result.hpp>

#include <filesystem>
#include <string>
#include <string_view>

namespace c2d {

/// `text` without the byte order mark that some editors put before UTF-8. What such a mark tells to be UTF-16 or
/// UTF-32 fails with `invalid_argument`.
Result<std::string_view> without_mark(std::string_view text);

/// As `read_file`, and without the mark.
Result<std::string> read_written_file(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace c2d
