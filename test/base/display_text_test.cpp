#include "base/display_text.hpp"
#include "base/utf8.hpp"

#include <doctest/doctest.h>

using namespace c2d;

TEST_CASE("display: what others wrote stays in its line and drives no terminal") {
    CHECK(display_text("plain caf\xc3\xa9 \xe9\x93\xb6\xe8\xa1\x8c") == "plain caf\xc3\xa9 \xe9\x93\xb6\xe8\xa1\x8c");
    CHECK(display_text("a\nb\tc\r") == "a\\x0ab\\x09c\\x0d");
    CHECK(display_text("\x1b[31m") == "\\x1b[31m");
    CHECK(display_text(std::string("\0\x7f", 2)) == "\\x00\\x7f");
    CHECK(display_text("\xc2\x9b"
                       "31m") == "\\x9b31m");
    CHECK(display_text("\xff\xed\xa0\x80") == "\\xff\\xed\\xa0\\x80");
    CHECK(display_text("\xe2\x80\xaenur\xe2\x81\xa6") == "\\u202enur\\u2066");
    CHECK(display_text("\xf3\xa0\x81\x81") == "\\U000e0041");
    CHECK(display_lines("a\n\tb\r\x1b") == "a\n\tb\\x0d\\x1b");
    CHECK(display_line(std::string(1000, 'x')).size() == 1000);
    CHECK(display_text("") == "");
}

TEST_CASE("display: every mark that reorders or hides text is shown by its number") {
    for (const char32_t point : {0xad,   0x34f,  0x61c,  0x115f, 0x1160,  0x17b4,  0x180e,  0x200b,  0x200c,  0x200d,
                                 0x200e, 0x200f, 0x2028, 0x2029, 0x202a,  0x202b,  0x202c,  0x202d,  0x202e,  0x2060,
                                 0x2061, 0x2064, 0x2066, 0x2067, 0x2068,  0x2069,  0x206f,  0x3164,  0xfe0f,  0xfeff,
                                 0xffa0, 0xfff9, 0xfffe, 0xffff, 0x1d173, 0xe0001, 0xe0020, 0xe007f, 0xe01ef, 0x10ffff})
        CHECK_MESSAGE(!is_displayable(point), std::uint32_t(point));
    for (char32_t point = 0; point < 0xa0; ++point) CHECK(is_displayable(point) == (point >= 0x20 && point < 0x7f));
    for (const char32_t point : {0xa0, 0xac, 0xae, 0x3b1, 0x5d0, 0x627, 0x4e2d, 0x3000, 0xac00, 0xfffd, 0x1f600})
        CHECK_MESSAGE(is_displayable(point), std::uint32_t(point));
    CHECK(!is_displayable(0x110000));
}

TEST_CASE("display: a long value is cut at a character's border and says so") {
    CHECK(display_text(std::string(200, 'x')) == std::string(200, 'x'));
    const auto cut = display_text(std::string(201, 'x'));
    CHECK(cut == std::string(186, 'x') + "...[201 bytes]");
    CHECK(cut.size() == kDisplayBytesMax);
    // Never through a character, nor through what stands for one.
    for (std::size_t bytes_max = 28; bytes_max < 60; ++bytes_max) {
        std::string text;
        for (int i = 0; i < 40; ++i) text += i % 2 ? "\xe4\xb8\xad" : "\x1b";
        const auto shown = display_text(text, bytes_max);
        CHECK(shown.size() <= bytes_max);
        CHECK(is_valid_utf8(shown));
        const auto kept = shown.substr(0, shown.find("..."));
        CHECK((kept.empty() || kept.ends_with("\\x1b") || kept.ends_with("\xe4\xb8\xad")));
    }
    CHECK(display_text(std::string(1000, 'x'), 5).size() == 5);
}

TEST_CASE("display: what was shown once is shown the same again") {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += char(byte);
    const auto once = display_line(all);
    CHECK(display_line(once) == once);
    CHECK(display_text(display_text(all)) == display_text(all));
}
