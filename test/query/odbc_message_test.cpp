/// What we and c2d-odbc say to each other; a driver may have written over its memory.
#include "query/odbc_message.hpp"

#include "base/fail.hpp"
#include "support/must.hpp"

using namespace c2d;
using namespace c2d::query;
using support::must;

TEST_CASE("a request is read as it was written") {
    const auto read =
        must(odbc_request_from(odbc_request_text({true, "DSN=\"x\"", "SELECT 'a'\n", 7, ~std::uint64_t{0}})));
    CHECK(read.check);
    CHECK(read.connection == "DSN=\"x\"");
    CHECK(read.query == "SELECT 'a'\n");
    CHECK(read.rows_max == 7);
    CHECK(read.bytes_max == (std::uint64_t{1} << 53) - 1);
    CHECK_FALSE(odbc_request_from("{}").ok());
}

TEST_CASE("an answer is a number of rows, or an error that can be shown") {
    CHECK(must(odbc_answer_from(odbc_answer_text(std::uint64_t{12}))) == 12);
    const auto said = odbc_answer_from(odbc_answer_text(fail(Status::REFUSED, "no\x1b[31m entry")));
    CHECK(said.status() == Status::REFUSED);
    CHECK(said.error().message.find('\x1b') == std::string::npos);
    for (const char* const text : {"", "rubbish", "[]", "{\"rows\": -1}", "{\"rows\": \"x\"}",
                                   "{\"status\": 15, \"message\": \"x\"}", "{\"status\": 0}", "{\"status\": 99}"}) {
        CAPTURE(text);
        CHECK(odbc_answer_from(text).status() == Status::IO);
    }
    const auto raw = odbc_answer_from("{\"status\": 5, \"message\": \"\\u001b[2J\"}");
    CHECK(raw.error().message.find('\x1b') == std::string::npos);
}
