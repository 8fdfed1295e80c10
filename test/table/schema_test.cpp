#include "support/must.hpp"

#include <c2d/table.hpp>

using namespace c2d;
using namespace c2d::table;
using support::must;

namespace {

constexpr const char* kWhole = R"({
  "fields": [
    {"name": "customer", "type": "string", "role": "id", "constraints": {"unique": true, "maxLength": 20}},
    {"name": "default", "type": "string", "role": "label", "constraints": {"enum": ["yes", "no"]}},
    {"name": "income", "type": "number", "decimalChar": ",", "groupChar": ".", "constraints": {"minimum": 0}},
    {"name": "opened", "type": "date", "format": "%d.%m.%Y", "constraints": {"maximum": "2024-12-31"}},
    {"name": "grade", "type": "number", "constraints": {"enum": [1, 1.50, 2e3]}},
    {"name": "active", "type": "boolean", "trueValues": ["J"], "falseValues": ["N"]},
    {"name": "note", "type": "string", "role": "ignore", "title": "Notiz"}
  ],
  "missingValues": ["", "NA"],
  "dialect": {"delimiter": ";", "quoteChar": "\"", "header": true},
  "encoding": "GB18030"
})";

std::string refusal(const std::string& json) {
    const auto schema = parse_schema(json);
    REQUIRE_FALSE(schema.ok());
    CHECK(schema.status() == Status::INVALID_ARGUMENT);
    return schema.error().message;
}

std::string with_field(const std::string& members) { return R"({"fields": [{"name": "a", )" + members + "}]}"; }

}  // namespace

TEST_CASE("schema: what is written reads back as the same") {
    const Schema schema = must(parse_schema(kWhole));
    CHECK(schema.fields.size() == 7);
    CHECK(schema.fields[0].role == Role::id);
    CHECK(schema.fields[2].decimal == ',');
    CHECK(schema.fields[3].constraints.maximum == 20088);
    CHECK(schema.missing == std::vector<std::string>{"", "NA"});
    CHECK(schema.dialect->delimiter == ';');
    CHECK(must(parse_schema(schema_json(schema))) == schema);
}

TEST_CASE("schema: a member, a type or a constraint that is not read is refused by name") {
    CHECK(refusal(R"({"fields": [{"name": "a"}], "primaryKey": "a"})").find("\"primaryKey\"") != std::string::npos);
    CHECK(refusal(with_field(R"("rdfType": "x")")).find("\"rdfType\"") != std::string::npos);
    CHECK(refusal(with_field(R"("type": "geopoint")")).find("geopoint") != std::string::npos);
    CHECK(refusal(with_field(R"("role": "target")")).find("target") != std::string::npos);
    CHECK(refusal(with_field(R"("constraints": {"pattern": ".*"})")).find("\"pattern\"") != std::string::npos);
    CHECK(refusal(with_field(R"("type": "string", "constraints": {"minimum": 1})")).find("minimum") !=
          std::string::npos);
    CHECK(refusal(with_field(R"("type": "date", "format": "%y")")).find("format") != std::string::npos);
    CHECK(refusal(with_field(R"("type": "number", "decimalChar": ",", "groupChar": ",")")).find("same") !=
          std::string::npos);
    CHECK(refusal(R"({"fields": [{"name": "a"}], "dialect": {"escapeChar": "\\"}})").find("escapeChar") !=
          std::string::npos);
    CHECK(refusal(R"({"fields": [{"name": "a"}, {"name": "a"}]})").find("two are called") != std::string::npos);
    CHECK(refusal(R"({"fields": []})").find("fields") != std::string::npos);
    CHECK(refusal("[]").find("object") != std::string::npos);
}

TEST_CASE("schema: all mistakes stand in one message") {
    const auto message = refusal(R"({"fields": [{"name": "a", "type": "x"}, {"name": "b", "role": "y"}], "other": 1})");
    for (const char* part : {"\"a\" type", "\"b\" role", "\"other\""}) CHECK(message.find(part) != std::string::npos);
}

TEST_CASE("schema: the digest is of names, types and roles alone") {
    Schema schema = must(parse_schema(kWhole));
    const auto before = schema_digest(schema);
    schema.missing = {};
    schema.fields[1].constraints = {};
    schema.encoding.clear();
    CHECK(schema_digest(schema) == before);
    schema.fields[1].role = Role::feature;
    CHECK(schema_digest(schema) != before);
    schema = must(parse_schema(kWhole));
    std::swap(schema.fields[0], schema.fields[1]);
    CHECK(schema_digest(schema) != before);
}
