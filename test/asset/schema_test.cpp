#include "asset/schema.hpp"

#include "support/world.hpp"

using namespace c2d;
using support::json_of;

namespace {

struct Row {
    const char* schema;
    std::vector<const char*> good, bad;
};

bool supported(std::string_view schema) {
    asset::Effort effort;
    return asset::unsupported_in(json_of(schema), "at", effort).empty();
}
bool fits(std::string_view schema, std::string_view value) {
    REQUIRE(supported(schema));
    asset::Effort effort;
    return asset::mismatch(json_of(schema), json_of(value), "at", effort).empty();
}

}  // namespace

TEST_CASE("each keyword says what it says") {
    const Row table[] = {
        {R"({"type":"null"})", {"null"}, {"0", "false", "\"\"", "{}", "[]"}},
        {R"({"type":"boolean"})", {"true", "false"}, {"0", "1", "\"true\"", "null"}},
        {R"({"type":"integer"})", {"0", "-3", "1.0", "1e3"}, {"1.5", "\"1\"", "true", "null"}},
        {R"({"type":"number"})", {"0", "1.5", "-1e-9"}, {"\"1\"", "true", "null", "[1]"}},
        {R"({"type":"string"})", {"\"\"", "\"a\""}, {"0", "null", "[\"a\"]"}},
        {R"({"type":"array"})", {"[]", "[1]"}, {"{}", "\"[]\"", "0"}},
        {R"({"type":"object"})", {"{}", R"({"a":1})"}, {"[]", "null"}},
        {R"({"type":["integer","string"]})", {"1", "\"x\""}, {"1.5", "null", "true"}},
        {R"({"enum":[0,"a",null,{"b":1.0}]})",
         {"0", "\"a\"", "null", R"({"b":1})", "-0"},
         {"1", "false", "\"A\"", "\"\""}},
        {R"({"const":false})", {"false"}, {"0", "null", "true", "\"false\""}},
        {R"({"const":1})", {"1", "1.0"}, {"true", "\"1\"", "2"}},
        {R"({"minimum":0})", {"0", "0.1", "1e9", "\"text\"", "null"}, {"-0.1", "-1"}},
        {R"({"maximum":0.5})", {"0.5", "-7"}, {"0.50001", "1"}},
        {R"({"exclusiveMinimum":0})", {"0.0001"}, {"0", "-1"}},
        {R"({"exclusiveMaximum":1})", {"0.999"}, {"1", "1.0", "2"}},
        {R"({"minLength":2})", {"\"ab\"", "\"éé\"", "5"}, {"\"\"", "\"a\"", "\"é\"", "\"\\ud83d\\ude00\""}},
        {R"({"maxLength":1})", {"\"\"", "\"a\"", "\"\\ud83d\\ude00\"", "[1,2]"}, {"\"ab\""}},
        {R"({"pattern":"a|bc"})", {"\"a\"", "\"bc\"", "5", "null"}, {"\"\"", "\"ab\"", "\"xbc\"", "\"a\\n\""}},
        {R"({"pattern":"^x$"})", {"\"x\""}, {"\"x\\n\"", "\"xx\"", "\"y\\nx\""}},
        {R"({"pattern":"."})",
         {"\"a\"", "\"\\u0000\"", "\"\\u5ba2\"", "\"\\ud83d\\ude00\""},
         {"\"\"", "\"ab\"", "\"\\n\""}},
        {R"({"pattern":"\\p{Han}+"})", {"\"\\u5ba2\\u6237\""}, {"\"a\"", "\"\\u5ba2a\""}},
        {R"({"pattern":""})", {"\"\""}, {"\"a\""}},
        {R"({"minItems":1})", {"[0]", "{}"}, {"[]"}},
        {R"({"maxItems":1})", {"[]", "[0]", "\"ab\""}, {"[0,0]"}},
        {R"({"items":{"type":"integer"}})", {"[]", "[1,2]", "\"x\""}, {"[1,\"2\"]", "[1.5]"}},
        {R"({"properties":{"a":{"type":"integer"}}})", {"{}", R"({"a":1})", R"({"b":"x"})"}, {R"({"a":"1"})"}},
        {R"({"required":["a","b"]})", {R"({"a":0,"b":null})", "3"}, {"{}", R"({"a":0})"}},
        {R"({"additionalProperties":false,"properties":{"a":{}}})",
         {"{}", R"({"a":1})"},
         {R"({"b":1})", R"({"a":1,"b":1})"}},
        {R"({"additionalProperties":true})", {R"({"b":1})"}, {}},
        {R"({"additionalProperties":{"type":"string"},"properties":{"a":{"type":"integer"}}})",
         {R"({"a":1,"b":"x"})"},
         {R"({"b":1})", R"({"a":"x"})"}},
        {"{}", {"null", "0", "{}", "[]"}, {}},
    };
    for (const auto& row : table) {
        CAPTURE(std::string(row.schema));
        for (const char* value : row.good) {
            CAPTURE(std::string(value));
            CHECK(fits(row.schema, value));
        }
        for (const char* value : row.bad) {
            CAPTURE(std::string(value));
            CHECK_FALSE(fits(row.schema, value));
        }
    }
}

TEST_CASE("keywords are checked together and at every depth") {
    const char* schema =
        R"({"type":"object","required":["lr","layers"],"additionalProperties":false,"properties":{
        "lr":{"type":"number","exclusiveMinimum":0,"maximum":1},
        "layers":{"type":"array","minItems":1,"maxItems":3,"items":{"type":"integer","minimum":1}}}})";
    CHECK(fits(schema, R"({"lr":0.1,"layers":[3,1]})"));
    for (const char* bad : {R"({"lr":0,"layers":[1]})", R"({"lr":0.1,"layers":[]})", R"({"lr":0.1,"layers":[1,1,1,1]})",
                            R"({"lr":0.1,"layers":[0]})", R"({"lr":0.1})", R"({"lr":0.1,"layers":[1],"x":0})", "[]"}) {
        CAPTURE(std::string(bad));
        CHECK_FALSE(fits(schema, bad));
    }
}

TEST_CASE("a keyword outside the subset is refused, also nested") {
    for (const char* keyword : {"format",        "multipleOf",
                                "uniqueItems",   "anyOf",
                                "allOf",         "oneOf",
                                "not",           "if",
                                "$ref",          "$defs",
                                "definitions",   "patternProperties",
                                "contains",      "dependencies",
                                "minProperties", "maxProperties",
                                "propertyNames", "description",
                                "title",         "default",
                                "Type",          ""}) {
        CAPTURE(std::string(keyword));
        const auto one = fmt::format(R"({{"{}":{{}}}})", keyword);
        CHECK_FALSE(supported(one));
        CHECK_FALSE(supported(fmt::format(R"({{"type":"object","properties":{{"a":{}}}}})", one)));
        CHECK_FALSE(supported(fmt::format(R"({{"items":{}}})", one)));
        CHECK_FALSE(supported(fmt::format(R"({{"additionalProperties":{}}})", one)));
        CHECK_FALSE(supported(fmt::format(R"({{"items":{{"properties":{{"a":{{"items":{}}}}}}}}})", one)));
    }
}

TEST_CASE("a keyword of the wrong type is refused, never ignored") {
    for (const char* schema : {R"({"type":"float"})",
                               R"({"type":1})",
                               R"({"type":[]})",
                               R"({"type":["number",1]})",
                               R"({"type":null})",
                               R"({"enum":[]})",
                               R"({"enum":1})",
                               R"({"enum":{"a":1}})",
                               R"({"minimum":"0"})",
                               R"({"maximum":null})",
                               R"({"exclusiveMinimum":true})",
                               R"({"exclusiveMaximum":[1]})",
                               R"({"minLength":-1})",
                               R"({"maxLength":1.5})",
                               R"({"pattern":1})",
                               R"({"pattern":["a"]})",
                               R"({"pattern":null})",
                               R"({"minItems":"1"})",
                               R"({"maxItems":null})",
                               R"({"required":"a"})",
                               R"({"required":[1]})",
                               R"({"items":[{"type":"integer"}]})",
                               R"({"items":true})",
                               R"({"properties":[]})",
                               R"({"properties":{"a":1}})",
                               R"({"properties":{"a":true}})",
                               R"({"additionalProperties":1})",
                               R"({"additionalProperties":null})",
                               "[]",
                               "true",
                               "null",
                               "\"string\""}) {
        CAPTURE(std::string(schema));
        CHECK_FALSE(supported(schema));
    }
}

TEST_CASE("a mismatch names the place") {
    asset::Effort effort;
    const auto problem = asset::mismatch(json_of(R"({"properties":{"a":{"items":{"minimum":3}}}})"),
                                         json_of(R"({"a":[5,2]})"), "at", effort);
    CHECK(problem.starts_with("at/a/1 "));
    CHECK(asset::unsupported_in(json_of(R"({"properties":{"a":{"format":"x"}}})"), "at", effort)
              .starts_with("at/properties/a/format "));
    CHECK(asset::unsupported_in(json_of(R"({"properties":{"a":{"pattern":"("}}})"), "at", effort)
              .starts_with("at/properties/a/pattern: "));
}

TEST_CASE("a pattern that is none, or too large a one, is refused before any text is held against it") {
    const auto pattern = [](const std::string& expression) {
        return json::compact(json::Value::object({{"pattern", expression}}));
    };
    for (const char* bad : {"(", "[a", "a{2,1}", "a{1001}", "(a{1000}){1000}", "(?=a)", "(?<!a)b", "(a)\\1", "*", "a**",
                            "\\p{Nothing}", "\\"}) {
        CAPTURE(std::string(bad));
        CHECK_FALSE(supported(pattern(bad)));
    }
    CHECK(supported(pattern(std::string(asset::kPatternBytesMax, 'a'))));
    CHECK_FALSE(supported(pattern(std::string(asset::kPatternBytesMax + 1, 'a'))));
    CHECK_FALSE(supported(pattern("((a{100}){100}){10}")));
    CHECK_FALSE(supported(pattern("\\pL{200}")));
}

TEST_CASE("a pattern that others would need hours for is answered at once") {
    // Backtracking tries 2^60 ways.
    CHECK_FALSE(fits(R"({"pattern":"(a|a)*b"})", '"' + std::string(60, 'a') + '"'));
    CHECK_FALSE(fits(R"({"pattern":"(a*)*(a*)*(a*)*b"})", '"' + std::string(5'000, 'a') + '"'));
    CHECK(fits(R"({"pattern":"(a?){60}a{60}"})", '"' + std::string(60, 'a') + '"'));
}
