#include "table/cell.hpp"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <cstdlib>
#include <random>
#include <string>

using namespace c2d::table;

namespace {

bool plain(const std::string& text, double& out, char decimal = '.') {
    return parse_plain_decimal(text.data(), text.data() + text.size(), decimal, out);
}

}  // namespace

TEST_CASE("cell: the fast way to a number gives the same bits as the C library") {
    std::mt19937_64 random(11);
    int fast = 0;
    for (int round = 0; round < 100000; ++round) {
        const std::string text =
            fmt::format("{}{}.{:0{}}", random() % 2 != 0 ? "-" : "", random() % (1ull << (random() % 50)),
                        random() % 1000000, 6 + int(random() % 6));
        double value = 0;
        if (!plain(text, value)) continue;
        ++fast;
        REQUIRE(value == std::strtod(text.c_str(), nullptr));
    }
    CHECK(fast > 40000);
}

TEST_CASE("cell: what is no plain number is left to the other way") {
    double value = 0;
    for (const char* text :
         {"", "-", ".", "1e5", "+1", "1,5", " 1", "1 ", "abc", "12345678901234567890", "9007199254740993"})
        CHECK_FALSE(plain(text, value));
    for (const char* text : {"0", "-0", ".5", "5.", "-12.25", "9007199254740992"}) CHECK(plain(text, value));
    CHECK(plain("-1,5", value, ','));
    CHECK(value == -1.5);
}

TEST_CASE("cell: any decimal number, with groups and either mark") {
    double value = 0;
    CHECK((parse_decimal("+1.5e3", '.', 0, value) && value == 1500));
    CHECK((parse_decimal("1.234.567,5", ',', '.', value) && value == 1234567.5));
    CHECK((parse_decimal("1,234", '.', ',', value) && value == 1234));
    CHECK((parse_decimal("9007199254740993", '.', 0, value) && value == 9007199254740992.0));
    for (const char* text : {"", "1e400", "inf", "nan", "0x10", "1,23", "1,2345", ",123", "1,,234", "1.2.3", "--1",
                             "+-1", "++1", "1e", "e5"})
        CHECK_FALSE(parse_decimal(text, '.', ',', value));
    CHECK_FALSE(parse_decimal(std::string(500, '1'), '.', 0, value));
}

TEST_CASE("cell: whole numbers of 64 bits") {
    std::int64_t value = 0;
    CHECK((parse_integer("9223372036854775807", 0, value) && value == INT64_MAX));
    CHECK((parse_integer("-9223372036854775808", 0, value) && value == INT64_MIN));
    CHECK((parse_integer("+12,345", ',', value) && value == 12345));
    for (const char* text : {"9223372036854775808", "1.0", "1e3", "", "-", "12 345"})
        CHECK_FALSE(parse_integer(text, ',', value));
}
