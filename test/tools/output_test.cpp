#include "tools/cli/output.hpp"

#include "support/doubles.hpp"

#include <c2d/reason.hpp>

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
