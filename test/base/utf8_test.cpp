#include "base/utf8.hpp"

#include <doctest/doctest.h>
#include <string>

using namespace c2d;

namespace {

std::string utf8_of(char32_t point) {
    std::string out;
    if (point < 0x80) {
        out += char(point);
    } else if (point < 0x800) {
        out += char(0xc0 | point >> 6);
        out += char(0x80 | (point & 0x3f));
    } else if (point < 0x10000) {
        out += char(0xe0 | point >> 12);
        out += char(0x80 | (point >> 6 & 0x3f));
        out += char(0x80 | (point & 0x3f));
    } else {
        out += char(0xf0 | point >> 18);
        out += char(0x80 | (point >> 12 & 0x3f));
        out += char(0x80 | (point >> 6 & 0x3f));
        out += char(0x80 | (point & 0x3f));
    }
    return out;
}

/// The first UTF-16 code unit of a code point.
unsigned first_unit(char32_t point) {
    return point < 0x10000 ? unsigned(point) : 0xd800 + unsigned((point - 0x10000) >> 10);
}

}  // namespace

TEST_CASE("utf8: every code point, and no surrogate") {
    for (char32_t point = 0; point <= 0x10ffff + 5; ++point) {
        const bool surrogate = point >= 0xd800 && point <= 0xdfff;
        const auto text = utf8_of(point);
        const auto read = first_code_point(text);
        if (surrogate || point > 0x10ffff) {
            REQUIRE(read.length == 0);
            REQUIRE(!is_valid_utf8(text));
        } else {
            REQUIRE(read.length == text.size());
            REQUIRE(read.value == point);
        }
    }
}

TEST_CASE("utf8: broken sequences") {
    for (const auto* const bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2 ", "\xe0\x80\x80",
                                  "\xe0\x9f\xbf", "\xe2\x82", "\xed\xa0\x80", "\xf0\x80\x80\x80", "\xf0\x8f\xbf\xbf",
                                  "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "ok\xff", "\xf0\x9f\x98"})
        CHECK(!is_valid_utf8(bad));
    CHECK(is_valid_utf8(""));
    CHECK(is_valid_utf8(std::string_view("\0", 1)));
}

TEST_CASE("utf8: the order of UTF-16 code units") {
    const char32_t points[] = {0,      'a',    0x7f,   0x80,   0x7ff,   0x800,   0xd7ff,
                               0xe000, 0xee00, 0xfb33, 0xffff, 0x10000, 0x1f600, 0x10ffff};
    for (const auto a : points)
        for (const auto b : points) {
            if (a == b || first_unit(a) == first_unit(b)) continue;
            CHECK(utf16_less(utf8_of(a), utf8_of(b)) == (first_unit(a) < first_unit(b)));
        }
    CHECK(utf16_less("a", "ab"));
    CHECK(!utf16_less("ab", "a"));
    CHECK(!utf16_less("a", "a"));
    CHECK(utf16_less("", "a"));
}
