#include "table/date.hpp"

#include <doctest/doctest.h>

using namespace c2d::table;

TEST_CASE("date: every day of 400 years follows the one before, and reads back") {
    std::int64_t before = *days_of(1799, 12, 31);
    for (int year = 1800; year < 2200; ++year)
        for (int month = 1; month <= 12; ++month)
            for (int day = 1; day <= 31; ++day) {
                const auto days = days_of(year, month, day);
                if (!days) continue;
                REQUIRE(*days == before + 1);
                REQUIRE(parse_date(date_text(*days)) == days);
                before = *days;
            }
    CHECK(days_of(1970, 1, 1) == 0);
    CHECK(days_of(2000, 2, 29).has_value());
    CHECK_FALSE(days_of(1900, 2, 29).has_value());
    CHECK(date_text(*days_of(0, 1, 1)) == "0000-01-01");
}

TEST_CASE("date: moments with fractions and offsets") {
    CHECK(parse_datetime("1970-01-01T00:00:01Z") == 1000000);
    CHECK(parse_datetime("1970-01-01 01:00:00.25+01:00") == 250000);
    CHECK(parse_datetime("1969-12-31T23:59:59.999999") == -1);
    CHECK(datetime_text(-1) == "1969-12-31T23:59:59.999999");
    CHECK(datetime_text(*parse_datetime("2024-02-29T08:30")) == "2024-02-29T08:30:00");
    for (const char* text : {"2024-02-30T00:00", "2024-01-01", "2024-01-01T24:00", "2024-01-01T00:00:00.",
                             "2024-01-01T00:00x", "2024-01-01T00:00:00+25:00"})
        CHECK_FALSE(parse_datetime(text).has_value());
}

TEST_CASE("date: patterns") {
    CHECK(parse_date_as("31.1.2024", "%d.%m.%Y") == days_of(2024, 1, 31));
    CHECK(parse_date_as("2024年1月31日", "%Y年%m月%d日") == days_of(2024, 1, 31));
    CHECK(parse_datetime_as("31/01/2024 08:30", "%d/%m/%Y %H:%M") == parse_datetime("2024-01-31T08:30"));
    CHECK_FALSE(parse_date_as("32.1.2024", "%d.%m.%Y").has_value());
    CHECK_FALSE(parse_date_as("31.1.2024x", "%d.%m.%Y").has_value());
    CHECK(is_date_pattern("%d.%m.%Y"));
    for (const char* pattern : {"%d.%m", "%d.%m.%y", "%d.%m.%Y%", "%d.%d.%m.%Y", ""})
        CHECK_FALSE(is_date_pattern(pattern));
}
