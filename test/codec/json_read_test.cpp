#include "codec/json.hpp"

#include <chrono>
#include <doctest/doctest.h>

using namespace c2d;

namespace {

Status status_of(std::string_view text) { return json::parse(text).status(); }

/// What comes out of a text that must be read, written again compactly.
std::string again(std::string_view text) {
    const auto value = json::parse(text);
    REQUIRE_MESSAGE(value.ok(), std::string(text));
    return json::compact(*value);
}

constexpr json::Limits kLarge{std::size_t(64) << 20, 64};

}  // namespace

TEST_CASE("json: what is read is kept, digit for digit and in order") {
    for (const auto* const text : {"null", "true", "false", "0", "-0", "1.50", "1E+2", "18446744073709551616", "\"\"",
                                   "[]", "{}", R"({"b":1,"a":{"z":[1,"x",null]}})",
                                   "115792089237316195423570985008687907853269984665640564039457584007913129639935"})
        CHECK(again(text) == text);
    CHECK(again(" \t\r\n[ 1 , 2 ] \n") == "[1,2]");
    CHECK(again(R"("\u00e9\u20ac\ud83d\ude00\/")") == "\"é€😀/\"");
}

TEST_CASE("json: an escaped NUL is a character like any other") {
    const auto value = json::parse(R"({"a\u0000b":"\u0000"})");
    REQUIRE(value.ok());
    CHECK(value->members()[0].first == std::string("a\0b", 3));
    CHECK(value->members()[0].second.text() == std::string(1, '\0'));
    CHECK(json::compact(*value) == R"({"a\u0000b":"\u0000"})");
}

TEST_CASE("json: refused texts") {
    for (const auto* const bad :
         {"",        " ",        "nul",        "True",   "01",      "+1",        ".5",       "1.",
          "1e",      "1e+",      "-",          "--1",    "0x10",    "NaN",       "Infinity", "-Infinity",
          "'a'",     "\"",       "\"a",        "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\t\"",   "\"\n\"",
          "[",       "]",        "[1",         "[1,",    "[1,]",    "[,1]",      "[1 2]",    "{",
          "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}",  "{1:1}",   "{\"a\" 1}", "[}",       "{]",
          "1 2",     "{} {}",    "[]]",        "null,",  "// c\n1", "/* c */ 1", "1 // c",   "\xef\xbb\xbf{}"})
        CHECK_MESSAGE(status_of(bad) == Status::INVALID_ARGUMENT, std::string(bad));
}

TEST_CASE("json: nothing may follow, not even after a NUL byte") {
    CHECK(!json::parse(std::string_view("1\0", 2)).ok());
    CHECK(!json::parse(std::string_view("{}\0{}", 5)).ok());
    CHECK(!json::parse(std::string_view("\0", 1)).ok());
    CHECK(!json::parse(std::string_view("\"a\0b\"", 5)).ok());
    CHECK(!json::parse(std::string_view("[1,\0", 4)).ok());
}

TEST_CASE("json: invalid UTF-8, in values and in keys") {
    for (const std::string bad : {"\x80", "\xc0\x80", "\xc3", "\xe2\x82", "\xed\xa0\x80", "\xed\xbf\xbf",
                                  "\xf0\x9f\x98", "\xf4\x90\x80\x80", "\xf8\x88\x80\x80\x80", "\xff"}) {
        CHECK(status_of("\"" + bad + "\"") == Status::INVALID_ARGUMENT);
        CHECK(status_of("{\"" + bad + "\":1}") == Status::INVALID_ARGUMENT);
        CHECK(status_of("[\"a" + bad + "b\"]") == Status::INVALID_ARGUMENT);
    }
}

TEST_CASE("json: lone surrogates") {
    for (const auto* const bad :
         {R"("\ud800")", R"("\udc00")", R"("\udfff")", R"("\ud800x")", R"("\ud800\ud800")", R"("\udc00\ud800")",
          R"("\ud83d\u0041")", R"("a\udeadb")", R"({"\udc00":1})", R"({"\ud800":1})"})
        CHECK_MESSAGE(status_of(bad) == Status::INVALID_ARGUMENT, bad);
    CHECK(again(R"("\ud800\udc00\udbff\udfff")") == "\"\U00010000\U0010ffff\"");
}

TEST_CASE("json: duplicate keys, however they are spelt and wherever they stand") {
    for (const auto* const bad : {R"({"a":1,"a":1})", R"({"a":1,"b":2,"a":3})", R"({"a":1,"\u0061":2})",
                                  R"({"":1,"":2})", R"([{"x":{"k":null,"k":null}}])", R"({"a\u0000":1,"a\u0000":2})"})
        CHECK_MESSAGE(status_of(bad) == Status::INVALID_ARGUMENT, bad);
    CHECK(json::parse(R"({"a":1,"A":2,"a ":3,"a\u0000":4})").ok());
    CHECK(json::parse(R"([{"a":1},{"a":1}])").ok());
}

TEST_CASE("json: depth is bounded before the stack is") {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
    CHECK(json::parse(nested(64)).ok());
    CHECK(status_of(nested(65)) == Status::LIMIT);
    CHECK(json::parse(std::string(3'000'000, '['), kLarge).status() == Status::LIMIT);
    std::string objects;
    for (int i = 0; i < 1'000'000; ++i) objects += "{\"a\":";
    CHECK(json::parse(objects, kLarge).status() == Status::LIMIT);
    CHECK(json::parse("[[1]]", {100, 1}).status() == Status::LIMIT);
    CHECK(json::parse("[1]", {100, 1}).ok());
    CHECK(json::parse("1", {100, 0}).ok());
}

TEST_CASE("json: size is bounded") {
    const std::string text = "\"" + std::string((1u << 20) - 2, 'x') + "\"";
    CHECK(json::parse(text).ok());
    CHECK(json::parse(text + " ").status() == Status::LIMIT);
}

TEST_CASE("json: a large object takes no quadratic time") {
    std::string text = "{";
    for (int i = 0; i < 400'000; ++i) text += "\"key" + std::to_string(i) + "\":0,";
    const auto start = std::chrono::steady_clock::now();
    CHECK(json::parse(text + "\"last\":0}", kLarge).ok());
    CHECK(json::parse(text + "\"key7\":0}", kLarge).status() == Status::INVALID_ARGUMENT);
    // Comparing every pair would take minutes; sorting takes well under a second.
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(30));
}

TEST_CASE("json: big numbers stay digits") {
    const auto value = json::parse("[9007199254740993,1e400,-1e-400,0.1e1]");
    // RapidJSON itself refuses what no double can hold; both answers are safe, a value is not.
    CHECK(value.status() == Status::INVALID_ARGUMENT);
    const auto small = json::parse("[9007199254740993,-1e-400,0.1e1,1e308,10e307,9999999e305]");
    REQUIRE(small.ok());
    const auto& items = small->items();
    CHECK(items[0].as_uint() == 9007199254740993u);
    CHECK(items[1].number() == 0);
    CHECK(!items[2].as_uint().has_value());
    CHECK(items[2].number() == 1);
    CHECK(items[3].number() == 1e308);
    CHECK(items[4].number() == 1e308);
    CHECK(items[5].number() == std::numeric_limits<double>::infinity());
    CHECK(again("1e-99999999999999999999") == "1e-99999999999999999999");
    CHECK(status_of("1e99999999999999999999") == Status::INVALID_ARGUMENT);
    CHECK(status_of(std::string(400, '9')) == Status::INVALID_ARGUMENT);
}

TEST_CASE("json: failures say where") {
    const auto value = json::parse(R"({"a":1,)"
                                   "\n"
                                   R"("b":tru})");
    REQUIRE(!value.ok());
    CHECK(value.error().message.find("byte 1") != std::string::npos);
}
