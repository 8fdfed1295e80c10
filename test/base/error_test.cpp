#include "base/fail.hpp"

#include <doctest/doctest.h>

using namespace c2d;

TEST_CASE("errors: a message is one line, whatever it quotes") {
    const auto quoted = fail(Status::CORRUPT, "the name is \"{}\"", "a\nerror: b\x1b[2J\xc2\x9b\xe2\x80\xae\xff");
    CHECK(quoted.message == "the name is \"a\\x0aerror: b\\x1b[2J\\x9b\\u202e\\xff\"");
    CHECK(Error(Status::IO, "a\rb").message == "a\\x0db");
    CHECK(fail(Status::IO, "{}", quoted.message).message == quoted.message);
    const auto longest = fail(Status::LIMIT, "{}", std::string(1 << 20, 'x'));
    CHECK(longest.message.size() == 2000);
    CHECK(longest.message.ends_with("...[1048576 bytes]"));
}
