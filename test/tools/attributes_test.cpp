#include "tools/cli/attributes.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using namespace c2d::cli;
using support::must;

TEST_CASE("variables are NAME=VALUE; a value may hold anything") {
    const auto variables = must(parse_variables({"A=1", "b_2=x=y", "EMPTY="}));
    CHECK(variables == Variables{{"A", "1"}, {"b_2", "x=y"}, {"EMPTY", ""}});
    for (const char* word : {"A", "=1", "a b=1", "ä=1"}) {
        const auto refused = parse_variables({word});
        CHECK(refused.status() == Status::INVALID_ARGUMENT);
        CHECK(refused.error().message.find(word) != std::string::npos);
    }
}

TEST_CASE("a variable is escaped within a text, and stands as it is elsewhere") {
    const Variables variables = {{"NAME", "a \"b\"\n"}, {"N", "42"}};
    CHECK(must(fill_variables(R"({"name": "<${NAME}>", "n": ${N}})", variables)) ==
          R"({"name": "<a \"b\"\n>", "n": 42})");
    // A quote that is escaped does not end the text.
    CHECK(must(fill_variables(R"(["\"${NAME}"])", {{"NAME", "\""}})) == R"(["\"\""])");
}

TEST_CASE("a default stands where nothing is given; without one, the flag is named") {
    CHECK(must(fill_variables("${N:-7} ${M:-}", {{"M", "1"}})) == "7 1");
    const auto missing = fill_variables("${PRICE}", {});
    CHECK(missing.status() == Status::INVALID_ARGUMENT);
    CHECK(missing.error().message == "the file needs a value: give --var PRICE=VALUE");
    CHECK(fill_variables("${NAME", {}).error().message == "a ${ is not closed");
    CHECK_FALSE(fill_variables("${a b}", {}).ok());
    CHECK(must(fill_variables("$NAME $ {}", {})) == "$NAME $ {}");
}

TEST_CASE("a file that cannot be filled is named") {
    const support::TempDir folder;
    support::write_text(folder / "a.json", "${X}");
    const auto path = (folder / "a.json").string();
    CHECK(must(read_attributes(path, {{"X", "1"}})) == "1");
    CHECK(read_attributes(path, {}).error().message.starts_with(path + ": "));
    CHECK(read_attributes(folder / "absent.json", {}).status() == Status::NOT_FOUND);
}
