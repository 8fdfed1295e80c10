/// Sources as a configuration has them.
#include "support/must.hpp"

#include <c2d/table_source.hpp>

using namespace c2d;
using namespace c2d::table;
using support::must;

namespace {

std::string refusal(std::string_view json) {
    const auto source = parse_table_source(json);
    REQUIRE_FALSE(source.ok());
    CHECK(source.status() == Status::INVALID_ARGUMENT);
    return source.error().message;
}
bool says(const std::string& text, std::string_view words) { return text.find(words) != text.npos; }

}  // namespace

TEST_CASE("every member of a source") {
    const auto resolve = [](const std::string& path) { return "/base/" + path; };
    const auto file = must(parse_table_source(R"({"sqlite": "a.db", "query": "SELECT 1", "schema": "s.json",
        "rows_max": 5, "bytes_max": 6, "seconds": 7})",
                                              resolve));
    CHECK(file.kind == TableSource::Kind::sqlite);
    CHECK(file.database == "/base/a.db");
    CHECK(file.schema == "/base/s.json");
    CHECK(file.rows_max == 5);
    CHECK(file.bytes_max == 6);
    CHECK(file.timeout == std::chrono::seconds(7));
    const auto login = must(
        parse_table_source(R"({"odbc": "DSN=bank;UID=reader", "query": "SELECT 1", "password_file": "p"})", resolve));
    CHECK(login.kind == TableSource::Kind::odbc);
    CHECK(login.database == "DSN=bank;UID=reader");
    CHECK(login.password_file == "/base/p");
    CHECK(must(parse_table_source(R"({"odbc": "DSN=bank", "query": "q", "password_file": "p"})")).password_file == "p");
}

TEST_CASE("what is no source is refused, and a connection string is never repeated") {
    CHECK(says(refusal("[]"), "no object"));
    CHECK(says(refusal("{"), "expected {\"sqlite\""));
    CHECK(says(refusal(R"({"query": "q"})"), "neither or both"));
    CHECK(says(refusal(R"({"sqlite": "a", "odbc": "b", "query": "q"})"), "neither or both"));
    CHECK(says(refusal(R"({"sqlite": "a"})"), "an empty text"));
    CHECK(says(refusal(R"({"sqlite": "a", "query": 1})"), "\"query\" is no text"));
    CHECK(says(refusal(R"({"sqlite": "a", "query": "q", "password_file": "p"})"), "a member \"password_file\""));
    CHECK(says(refusal(R"({"sqlite": "a", "query": "q", "password": "p"})"), "a member \"password\""));
    CHECK(says(refusal(R"({"sqlite": "a", "query": "q", "rows_max": 0})"), "no whole number from 1 on"));
    CHECK(says(refusal("{\"sqlite\": \"a\\u0000b\", \"query\": \"q\"}"), "\"sqlite\" is no text"));
    for (const char* const text :
         {"DSN=bank;PWD=hush-4711", "pwd=hush-4711;DSN=bank", "DSN=bank; Password = hush-4711"}) {
        const auto told = refusal(std::string(R"({"odbc": ")") + text + R"(", "query": "q"})");
        CHECK(says(told, "password_file"));
        CHECK_FALSE(says(told, "hush"));
    }
    CHECK(parse_table_source(R"({"odbc": "DSN=mypwd=x", "query": "q"})").ok());
}
