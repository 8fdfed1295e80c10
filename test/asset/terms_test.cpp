#include "support/world.hpp"

#include "asset/terms.hpp"

using namespace c2d;
using support::json_of;

namespace {

Reason narrowing(std::string_view outer, std::string_view inner) {
    asset::Effort effort;
    return asset::narrows(json_of(outer), json_of(inner), "at", effort).reason;
}
bool fits(std::string_view outer, std::string_view inner) { return narrowing(outer, inner) == Reason::accepted; }
std::string path_of(std::string_view outer, std::string_view inner) {
    asset::Effort effort;
    return asset::narrows(json_of(outer), json_of(inner), "at", effort).path;
}

}  // namespace

TEST_CASE("an empty object is free: everything fits, itself too") {
    for (const char* value : {"0", "false", "\"\"", "null", "[]", "[1,[2]]", "{}", R"({"a":{"b":1}})", "1.5"}) {
        CAPTURE(std::string(value));
        CHECK(fits("{}", value));
        CHECK(fits(R"({"a":{}})", std::string(R"({"a":)") + value + "}"));
    }
}

TEST_CASE("0, false, empty text and null are values like any other") {
    const char* values[] = {"0", "false", "\"\"", "null", "1", "true", "\"0\"", "\"1\"", "[]", "[0]"};
    for (const char* outer : values)
        for (const char* inner : values) {
            CAPTURE(std::string(outer));
            CAPTURE(std::string(inner));
            const std::string in_object = R"({"a":)";
            CHECK(fits(in_object + outer + "}", in_object + inner + "}") == (outer == inner));
        }
}

TEST_CASE("equal means equal RFC 8785 text") {
    CHECK(fits("1", "1.0"));
    CHECK(fits("1.0", "1"));
    CHECK(fits("100", "1e2"));
    CHECK(fits("0", "-0"));
    CHECK(fits("0.1", "0.10"));
    CHECK(fits("\"\\u0041\"", "\"A\""));
    CHECK(fits("[1,2.0]", "[1.0,2]"));
    CHECK_FALSE(fits("1", "\"1\""));
    CHECK_FALSE(fits("1", "true"));
    CHECK_FALSE(fits("\"a\"", "\"A\""));
    CHECK_FALSE(fits("\"a\"", "\"a \""));
    CHECK_FALSE(fits("1", "1.0000000001"));
    CHECK_FALSE(fits("\"e\\u0301\"", "\"\\u00e9\""));
}

TEST_CASE("numbers without an RFC 8785 text are never equal") {
    CHECK_FALSE(fits("9007199254740993", "9007199254740993"));
    CHECK(fits("9007199254740991", "9007199254740991"));
}

TEST_CASE("an object asks for the same keys, each matched in turn, in any order") {
    CHECK(fits(R"({"a":1,"b":{"c":{}}})", R"({"b":{"c":7},"a":1})"));
    CHECK(narrowing(R"({"a":1,"b":2})", R"({"a":1})") == Reason::argument_missing);
    CHECK(narrowing(R"({"a":1})", R"({"a":1,"b":2})") == Reason::argument_unexpected);
    CHECK(narrowing(R"({"a":{"b":1}})", R"({"a":{"b":2}})") == Reason::argument_refused);
    CHECK(narrowing(R"({"a":{"b":1}})", R"({"a":{}})") == Reason::argument_refused);
    CHECK(narrowing(R"({"a":{"b":{"c":1}}})", R"({"a":{"b":{"d":1}}})") == Reason::argument_unexpected);
    CHECK(narrowing(R"({"a":1})", "1") == Reason::argument_refused);
    CHECK(narrowing(R"({"a":1})", "[1]") == Reason::argument_refused);
    CHECK(narrowing(R"({"a":1})", R"({"A":1})") == Reason::argument_unexpected);
}

TEST_CASE("a refusal names the place, what was expected and what was found") {
    asset::Effort effort;
    const auto verdict = asset::narrows(json_of(R"({"m":{"lr":0.5}})"), json_of(R"({"m":{"lr":1}})"), "at", effort);
    CHECK(verdict.path == "at/m/lr");
    CHECK(verdict.expected == "0.5");
    CHECK(verdict.actual == "1");
    CHECK(path_of(R"({"m":{"lr":{}}})", R"({"m":{}})") == "at/m");
    CHECK(path_of(R"({"m":{"lr":{},"n":1}})", R"({"m":{"n":1}})") == "at/m/lr");
    CHECK(path_of(R"({"m":{}})", R"({"m":1,"x":1})") == "at/x");
}

TEST_CASE("arrays match exactly, whatever stands in them") {
    CHECK(fits("[]", "[]"));
    CHECK(fits(R"([1,{"a":0}])", R"([1,{"a":0}])"));
    CHECK_FALSE(fits("[1,2]", "[2,1]"));
    CHECK_FALSE(fits("[1,2]", "[1]"));
    CHECK_FALSE(fits("[{}]", "[1]"));
    CHECK_FALSE(fits(R"([{"$schema":{"type":"number"}}])", "[1]"));
    CHECK_FALSE(fits("[]", "{}"));
    CHECK_FALSE(fits("[1]", "1"));
}

TEST_CASE(
    "nothing may widen: a value stays a value, a schema stays that schema or becomes a value that "
    "fits") {
    const char* schema = R"({"$schema":{"type":"integer","minimum":0}})";
    CHECK(fits(schema, schema));
    CHECK(fits(schema, "5"));
    CHECK(fits("{}", schema));
    CHECK(narrowing(schema, "{}") == Reason::argument_refused);
    CHECK(narrowing(schema, R"({"$schema":{"type":"integer"}})") == Reason::argument_refused);
    CHECK(narrowing(schema, R"({"$schema":{"type":"integer","minimum":1}})") == Reason::argument_refused);
    CHECK(narrowing(schema, "-1") == Reason::argument_refused);
    CHECK(narrowing("5", schema) == Reason::argument_refused);
    CHECK(narrowing("5", "{}") == Reason::argument_refused);
    CHECK(narrowing(R"({"a":1})", schema) == Reason::argument_refused);
    CHECK(narrowing(R"({"$schema":{"type":"object"}})", R"({"a":{}})") == Reason::argument_refused);
    CHECK(fits(R"({"$schema":{"type":"object"}})", R"({"a":1})"));
}

TEST_CASE("a schema is an object whose only key is $schema") {
    CHECK(asset::is_schema(json_of(R"({"$schema":{}})")));
    CHECK_FALSE(asset::is_schema(json_of(R"({"$schema":{},"x":1})")));
    CHECK_FALSE(asset::is_schema(json_of("{}")));
    // With another key beside it, $schema is a name like any other.
    CHECK(fits(R"({"$schema":1,"x":{}})", R"({"$schema":1,"x":2})"));
    CHECK_FALSE(fits(R"({"$schema":1,"x":{}})", R"({"$schema":2,"x":2})"));
}

TEST_CASE("an unsupported schema is refused wherever it stands, also inside what is free") {
    const char* bad = R"({"$schema":{"format":"date"}})";
    CHECK(narrowing(bad, "\"a\"") == Reason::schema_unsupported);
    CHECK(narrowing(bad, bad) == Reason::schema_unsupported);
    CHECK(narrowing("{}", bad) == Reason::schema_unsupported);
    CHECK(narrowing("{}", R"({"a":{"b":{"$schema":{"multipleOf":5}}}})") == Reason::schema_unsupported);
    CHECK(narrowing(R"({"a":{"$schema":{"pattern":"a("}}})", R"({"a":"a"})") == Reason::schema_unsupported);
    CHECK(narrowing(R"({"$schema":5})", "5") == Reason::schema_unsupported);
}

TEST_CASE("open is what is not yet an argument, however deep") {
    for (const char* open : {"{}", R"({"$schema":{"type":"number"}})", R"({"a":{}})", R"({"a":[{"b":{}}]})", "[{}]",
                             R"({"a":1,"b":{"c":{"$schema":{}}}})"}) {
        CAPTURE(std::string(open));
        CHECK(asset::is_open(json_of(open)));
    }
    for (const char* closed : {"0", "null", "[]", R"({"a":1})", R"({"a":[],"b":{"c":""}})"}) {
        CAPTURE(std::string(closed));
        CHECK_FALSE(asset::is_open(json_of(closed)));
    }
}

TEST_CASE("a pattern narrows to itself or to a text that fits as a whole, never to another pattern") {
    const char* csv = R"({"$schema":{"type":"string","pattern":"[a-z]+\\.csv"}})";
    CHECK(fits(csv, R"("rows.csv")"));
    CHECK(narrowing(csv, R"("rows.csv.exe")") == Reason::argument_refused);
    CHECK(narrowing(csv, R"("../rows.csv")") == Reason::argument_refused);
    CHECK(narrowing(csv, "7") == Reason::argument_refused);
    CHECK(fits(csv, csv));
    CHECK(fits(csv, R"({"$schema":{"pattern":"[a-z]+\\.csv","type":"string"}})"));
    // It would accept less, which nobody proves here.
    CHECK(narrowing(csv, R"({"$schema":{"type":"string","pattern":"rows\\.csv"}})") == Reason::argument_refused);
    CHECK(narrowing(csv, "{}") == Reason::argument_refused);
}

namespace {

/// `count` times `item`, with commas between.
std::string repeated(const std::string& item, std::size_t count) {
    std::string out = item;
    while (--count != 0) out += "," + item;
    return out;
}
std::string numbered(const std::string& format, std::size_t count) {
    std::string out;
    for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ",") + fmt::format(fmt::runtime(format), i);
    return out;
}

}  // namespace

TEST_CASE("terms whose check costs more than their size are refused, whichever part makes them so") {
    const std::string enumeration = R"({"enum":[)" + numbered("[{}]", 20'000) + "]}";
    const std::string values = "[" + repeated("[19999]", 20'000) + "]";
    CHECK(narrowing(R"({"$schema":{"items":)" + enumeration + "}}", values) == Reason::terms_too_deep);
    CHECK(narrowing(R"({"$schema":{"items":{"required":[)" + repeated(R"("a")", 50'000) + "]}}}",
                    "[" + repeated(R"({"a":0})", 20'000) + "]") == Reason::terms_too_deep);
    CHECK(narrowing(R"({"$schema":{"items":{"properties":{)" + numbered(R"("{}":{{}})", 50'000) + "}}}}",
                    "[" + repeated(R"({"a":0})", 50'000) + "]") == Reason::terms_too_deep);
    CHECK(narrowing(R"({"$schema":{"items":{"type":[)" + repeated(R"("null")", 50'000) + "]}}}",
                    "[" + repeated("null", 50'000) + "]") == Reason::terms_too_deep);
    CHECK(narrowing(R"({"$schema":{"items":{"pattern":"(.*a.{40}|.*b.{41})*"}}})",
                    "[" + repeated('"' + std::string(10'000, 'a') + '"', 90) + "]") == Reason::terms_too_deep);
    // Few comparisons, of large values.
    const std::string zeros = repeated("0", 300);
    CHECK(narrowing(R"({"$schema":{"items":{"enum":[)" + numbered("[{}," + zeros + "]", 300) + "]}}}",
                    "[" + repeated("[299," + zeros + "]", 100) + "]") == Reason::terms_too_deep);
    // Every key stands at another place than in the params.
    CHECK(narrowing("{" + numbered(R"("a{0}":{{}},"b{0}":{{}})", 20'000) + "}",
                    "{" + numbered(R"("b{0}":0,"a{0}":0)", 20'000) + "}") == Reason::terms_too_deep);
    // A long name is part of every path below it.
    CHECK(narrowing(R"({"$schema":{"properties":{")" + std::string(300'000, 'k') + R"(":{"properties":{)" +
                        numbered(R"("{}":{{}})", 40'000) + "}}}}}",
                    "{}") == Reason::terms_too_deep);
}

TEST_CASE("values that are compared over and over cost too much, too") {
    const auto list = json_of("[" + numbered("{}", 100'000) + "]");
    const auto schema = json_of(R"({"$schema":{"enum":[)" + numbered("{}", 100'000) + "]}}");
    const auto asked_often = [](const json::Value& outer, const json::Value& inner) {
        asset::Effort effort;
        auto reason = Reason::accepted;
        for (int path = 0; path < 4096 && reason == Reason::accepted; ++path)
            reason = asset::narrows(outer, inner, "at", effort).reason;
        return reason;
    };
    CHECK(asked_often(list, list) == Reason::terms_too_deep);
    CHECK(asked_often(schema, schema) == Reason::terms_too_deep);
}

TEST_CASE("large terms of an ordinary kind cost little") {
    CHECK(fits("{" + numbered(R"("p{}":{{}})", 10'000) + "}", "{" + numbered(R"("p{0}":{0})", 10'000) + "}"));
    const std::string codes = R"({"$schema":{"enum":[)" + numbered(R"("code {}")", 2'000) + "]}}";
    asset::Effort effort;
    for (int leaf = 0; leaf < 1'000; ++leaf)
        CHECK(asset::narrows(json_of(codes), json_of(R"("code 1999")"), "at", effort).reason == Reason::accepted);
}
