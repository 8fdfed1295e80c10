#include "base/written_text.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"

namespace c2d {

Result<std::string_view> without_mark(std::string_view text) {
    using namespace std::string_view_literals;
    if (text.starts_with("\xef\xbb\xbf")) return text.substr(3);
    for (const auto& [mark, encoding] : {std::pair("\xff\xfe\0\0"sv, "UTF-32"), std::pair("\0\0\xfe\xff"sv, "UTF-32"),
                                         std::pair("\xff\xfe"sv, "UTF-16"), std::pair("\xfe\xff"sv, "UTF-16")})
        if (text.starts_with(mark))
            return fail(Status::INVALID_ARGUMENT, "expected text in UTF-8, found {}; save it as UTF-8", encoding);
    return text;
}

Result<std::string> read_written_file(const std::filesystem::path& path, std::size_t bytes_max) {
    C2D_TRY(const auto content, read_file(path, bytes_max));
    const auto text = without_mark(content);
    if (!text) return fail(text.status(), "{}: {}", path.string(), text.error().message);
    return std::string(*text);
}

}  // namespace c2d
