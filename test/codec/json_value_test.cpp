#include "codec/json.hpp"

#include <cmath>
#include <doctest/doctest.h>
#include <limits>

using namespace c2d;
using json::Value;

TEST_CASE("json value: made by hand") {
    Value value;
    value.set("name", "a");
    value.set("count", 3);
    value.set("list", json::Array{1, "x", nullptr, true, 0.5});
    value.set("name", "b");
    CHECK(json::compact(value) == R"({"name":"b","count":3,"list":[1,"x",null,true,0.5]})");
    value.erase("count");
    value.erase("absent");
    CHECK(value.find("count") == nullptr);
    CHECK(value.text_at({"name"}) == "b");
    CHECK(value.text_at({"name", "deeper"}).empty());
    CHECK(value.text_at({"list"}).empty());
    CHECK(value.at({}) == &value);

    Value list;
    list.push_back(1);
    list.push_back(Value::object({{"k", Value::array()}}));
    CHECK(json::compact(list) == R"([1,{"k":[]}])");
}

TEST_CASE("json value: pretty is for people and reads back the same") {
    const auto value = json::parse(R"({"a":[],"b":{},"c":[1,{"d":"x"}]})");
    REQUIRE(value.ok());
    const auto text = json::pretty(*value);
    CHECK(text ==
          "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": [\n    1,\n    {\n      \"d\": \"x\"\n    }\n  "
          "]\n}");
    const auto again = json::parse(text);
    REQUIRE(again.ok());
    CHECK(json::compact(*again) == json::compact(*value));
}

TEST_CASE("json value: numbers") {
    CHECK(Value(std::numeric_limits<std::uint64_t>::max()).digits() == "18446744073709551615");
    CHECK(Value(std::numeric_limits<std::int64_t>::min()).digits() == "-9223372036854775808");
    CHECK(Value(1.0).digits() == "1.0");
    CHECK(Value(1e300).digits() == "1e+300");
    CHECK(Value(std::nan("")).is_null());
    CHECK(Value(std::numeric_limits<double>::infinity()).is_null());
    CHECK(Value(std::numeric_limits<std::int64_t>::min()).as_int() == std::numeric_limits<std::int64_t>::min());
    CHECK(Value(7).as_uint() == 7u);
    CHECK(!Value(-7).as_uint().has_value());
    CHECK(!Value(7.0).as_uint().has_value());
    CHECK(!Value("7").as_uint().has_value());
    CHECK(!Value::number_literal("18446744073709551616").as_uint().has_value());
    CHECK(!Value::number_literal("9223372036854775808").as_int().has_value());
    CHECK(Value("7").number() == 0);
}

TEST_CASE("json value: a literal is a number of JSON or nothing") {
    for (const auto* const good : {"0", "-0", "10", "1.5", "1e5", "1E-05", "-0.0e+00"})
        CHECK(Value::number_literal(good).is_number());
    for (const auto* const bad :
         {"", "-", "01", "1.", ".1", "1e", "1e+", "+1", "1 ", " 1", "0x1", "1,2", "nan", "1e5.0"})
        CHECK(Value::number_literal(bad).is_null());
}

TEST_CASE("json value: numbers that no double can hold") {
    const auto number = [](const char* digits) { return Value::number_literal(digits).number(); };
    const double infinity = std::numeric_limits<double>::infinity();
    CHECK(number("1e309") == infinity);
    CHECK(number("-1e309") == -infinity);
    CHECK(number("0.0000000001e400") == infinity);
    CHECK(number("1e99999999999999999999999") == infinity);
    CHECK(number("1e-400") == 0);
    CHECK(std::signbit(number("-1e-400")));
    CHECK(number("100000000000e-400") == 0);
    CHECK(number("1e-99999999999999999999999") == 0);
    CHECK(number("0e999999") == 0);
    CHECK(number("0.0e99999999999999999999999") == 0);
    CHECK(number((std::string(400, '1') + "e-395").c_str()) == doctest::Approx(11111.1111111));
}
