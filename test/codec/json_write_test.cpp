#include "codec/json.hpp"

#include <doctest/doctest.h>

using namespace c2d;

namespace {

std::string canonical(std::string_view text) {
    const auto value = json::parse(text);
    REQUIRE_MESSAGE(value.ok(), std::string(text));
    const auto out = json::canonical(*value);
    REQUIRE_MESSAGE(out.ok(), std::string(text));
    return *out;
}

bool has_canonical(std::string_view text) {
    const auto value = json::parse(text);
    REQUIRE_MESSAGE(value.ok(), std::string(text));
    const auto out = json::canonical(*value);
    CHECK((out.ok() || out.status() == Status::INVALID_ARGUMENT));
    return out.ok();
}

bool equal(std::string_view a, std::string_view b) { return json::equal(*json::parse(a), *json::parse(b)); }

}  // namespace

TEST_CASE("canonical: the example of RFC 8785, section 3.2.2") {
    CHECK(canonical(R"({
        "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
        "literals": [null, true, false]
    })") == R"({"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],)"
            R"("string":"€$\u000f\nA'B\"\\\\\"/"})");
}

TEST_CASE("canonical: the sorting example of RFC 8785, section 3.2.3") {
    CHECK(canonical(R"({
        "\u20ac": "Euro Sign", "\r": "Carriage Return",
        "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One",
        "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control",
        "\u00f6": "Latin Small Letter O With Diaeresis"
    })") ==
          "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u0080\":\"Control\","
          "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
          "\"😀\":\"Emoji: Grinning Face\",\"\ufb33\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST_CASE("canonical: sorted inside everything, unlike the legacy text") {
    CHECK(canonical(R"([[{"b":1,"a":[[{"d":1,"c":2}]]}]])") == R"([[{"a":[[{"c":2,"d":1}]],"b":1}]])");
    CHECK(canonical(R"({"a b":" x "})") == R"({"a b":" x "})");
    CHECK(canonical(R"("\u007f\u001f")") == "\"\x7f\\u001f\"");
}

TEST_CASE("canonical: integers up to 2^53 - 1, floats as doubles") {
    CHECK(canonical("[9007199254740991,-9007199254740991]") == "[9007199254740991,-9007199254740991]");
    for (const auto* const beyond : {"9007199254740992", "-9007199254740992", "9007199254740993",
                                     "18446744073709551616", "100000000000000000000000000000"})
        CHECK(!has_canonical(beyond));
    CHECK(canonical("[-0,-0.0,0e5,1.0,100e-2,1e21,1e20]") == "[0,0,0,1,1,1e+21,100000000000000000000]");
    CHECK(canonical("1e-400") == "0");
    CHECK(!has_canonical("9999999e305"));
}

TEST_CASE("canonical: no text for what cannot come from the reader") {
    CHECK(!json::canonical(json::Value("\xff")).ok());
    CHECK(!json::canonical(json::Value(json::Object{{"a", 1}, {"a", 2}})).ok());
    CHECK(!json::canonical(json::Value(json::Object{{"\xed\xa0\x80", 1}})).ok());
}

TEST_CASE("equal: 1 = 1.0; true, 1, \"1\" and null all differ") {
    CHECK(equal("1", "1.0"));
    CHECK(equal("1", "10e-1"));
    CHECK(equal(R"({"a":1,"b":[2]})", R"({"b":[2.0],"a":1})"));
    const char* const different[] = {"true", "1", "\"1\"", "null", "false", "0", "\"\"", "[]", "{}"};
    for (const auto* const a : different)
        for (const auto* const b : different) CHECK(equal(a, b) == (std::string_view(a) == b));
    CHECK(!equal("[1,2]", "[2,1]"));
    CHECK(!equal("9007199254740993", "9007199254740993"));
    CHECK(!equal("9007199254740993", "9007199254740992.0"));
}

TEST_CASE("json: for a terminal, what moves a cursor or is not drawn is escaped, and reads back the same") {
    const std::string harmful = "a\x1b[2J\xc2\x9b\x7f\xe2\x80\xae\xf3\xa0\x81\x81\n\"\xe4\xb8\xad";
    const json::Value value = json::Value::object({{harmful, harmful}});
    const std::string text = "\"a\\u001b[2J\\u009b\\u007f\\u202e\\udb40\\udc41\\n\\\"\xe4\xb8\xad\"";
    CHECK(json::compact(value, json::Escape::invisible) == "{" + text + ":" + text + "}");
    const auto again = json::parse(json::pretty(value, json::Escape::invisible));
    REQUIRE(again.ok());
    CHECK(json::equal(*again, value));
    CHECK(json::compact(json::Value("\xff"), json::Escape::invisible) == "\"\xef\xbf\xbd\"");
    // What is signed or hashed is not touched.
    CHECK(json::canonical(json::Value("\xe2\x80\xae")).value() == "\"\xe2\x80\xae\"");
    CHECK(json::compact(json::Value("\xe2\x80\xae")) == "\"\xe2\x80\xae\"");
}
