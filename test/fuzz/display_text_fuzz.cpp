#include "base/display_text.hpp"
#include "base/utf8.hpp"
#include "fuzz/fuzz.hpp"

using namespace c2d;
using fuzz::require;

namespace {

/// Only characters that are drawn, and those of `kept`.
bool is_shown(std::string_view text, std::string_view kept) {
    while (!text.empty()) {
        const auto [point, length] = first_code_point(text);
        if (length == 0) return false;
        if (!is_displayable(point) && kept.find(text[0]) == kept.npos) return false;
        text.remove_prefix(length);
    }
    return true;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const auto line = display_line(text);
    require(is_shown(line, {}), "a line holds what is drawn");
    require(display_line(line) == line, "shown once and twice are the same");
    require(is_shown(text, {}) == (line == text), "what is drawn anyway stays as it is");
    require(is_shown(display_lines(text), "\n\t"), "lines hold what is drawn, newlines and tabs");
    for (const std::size_t bytes_max : {std::size_t(28), std::size_t(64), kDisplayBytesMax}) {
        const auto cut = display_text(text, bytes_max);
        require(cut.size() <= bytes_max, "a value keeps to its room");
        require(is_shown(cut, {}), "a cut value holds what is drawn");
        require(cut == line || (line.size() > bytes_max && cut.ends_with(" bytes]")), "a cut value says so");
        const auto kept = std::string_view(cut).substr(0, cut.rfind("...["));
        require(line.starts_with(kept), "what is kept is the beginning");
    }
    return 0;
}
