#include "tools/cli/output.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <c2d/reason.hpp>

#include <unistd.h>

#include <cstdio>

using namespace c2d;

TEST_CASE("the number of a failure stands under the name of what it is") {
    const auto members_of = [](Status status, const char* name, std::uint64_t number, const char* source = "") {
        Error error(status, "words");
        error.name = name;
        error.source = source;
        error.code = number;
        return json::compact(*cli::failure_value(error).find("error"));
    };
    CHECK(members_of(Status::REFUSED, "granted_already", 4005, "DTFactory") ==
          R"({"status":"refused","message":"words","code":"granted_already","contract_code":4005})");
    CHECK(members_of(Status::UNAVAILABLE, "ledger_ahead", 60) ==
          R"({"status":"unavailable","message":"words","code":"ledger_ahead","retry_after":60})");
    CHECK(members_of(Status::LAYER_UNAVAILABLE, "", 13) ==
          R"({"status":"layer_unavailable","message":"words","errno":13})");
    CHECK(members_of(Status::PEER, "", 2) == R"({"status":"peer","message":"words","party":2})");
    CHECK(members_of(Status::REFUSED, "", std::uint64_t(-32000)) ==
          R"({"status":"refused","message":"words","node_code":-32000})");
    CHECK(members_of(Status::NOT_FOUND, "", 0) == R"({"status":"not_found","message":"words"})");
}

TEST_CASE("a line of a table keeps to its line, whatever others wrote") {
    CHECK(cli::row({"one", "two\nthree\x1b[2J", ""}) == "one  two\\x0athree\\x1b[2J  \n");
}

namespace {

/// What `print` writes to standard output.
template <class Print>
std::string printed(Print&& print) {
    const support::TempDir folder;
    std::fflush(stdout);
    const int before = ::dup(STDOUT_FILENO);
    REQUIRE(std::freopen((folder / "out").c_str(), "w", stdout));
    print();
    std::fflush(stdout);
    ::dup2(before, STDOUT_FILENO);
    ::close(before);
    return support::read_text(folder / "out");
}

}  // namespace

TEST_CASE("an answer is one JSON object, or lines of its members, or the text that is given") {
    const auto value = json::Value::object({{"dt", "a\nb"}, {"n", 1}, {"list", json::Array{1, 2}}});
    CHECK(printed([&] { cli::Output(true).answer(value, "text\n"); }) == "{\"dt\":\"a\\nb\",\"n\":1,\"list\":[1,2]}\n");
    CHECK(printed([&] { cli::Output(false).answer(value); }) == "dt: a\\x0ab\nn: 1\nlist: [1,2]\n");
    CHECK(printed([&] { cli::Output(false).answer(value, "text\x1b\n"); }) == "text\\x1b\n");
}

TEST_CASE("a failure is 1, and an object on standard output only where it is asked for") {
    const Error error(Status::NOT_FOUND, "no such token");
    int status = 0;
    CHECK(printed([&] { status = cli::Output(false).failure(error); }).empty());
    CHECK(status == 1);
    CHECK(printed([&] { status = cli::Output(true).failure(error); }) ==
          "{\"error\":{\"status\":\"not_found\",\"message\":\"no such token\"}}\n");
    CHECK(status == 1);
}
