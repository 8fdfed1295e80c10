#include "base/fail.hpp"

#include <doctest/doctest.h>

#include <csignal>
#include <sys/wait.h>
#include <unistd.h>

using namespace c2d;

namespace {

struct End {
    int signal = 0;
    std::string said;
};

/// What a child says on standard error that does `what`, and the signal that ends it.
template <class What>
End end_of(What what) {
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(ends[1], STDERR_FILENO);
        std::signal(SIGABRT, SIG_DFL);  // doctest has a handler of its own
        what();
        ::_exit(0);
    }
    ::close(ends[1]);
    End out;
    char buffer[4096];
    for (ssize_t got; (got = ::read(ends[0], buffer, sizeof buffer)) > 0;) out.said.append(buffer, std::size_t(got));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    if (WIFSIGNALED(status)) out.signal = WTERMSIG(status);
    return out;
}

struct Named {
    std::string name;
};

Result<Named> missing() { return fail(Status::NOT_FOUND, "there is no ledger.db"); }

}  // namespace

TEST_CASE("errors: a message is one line, whatever it quotes") {
    const auto quoted = fail(Status::CORRUPT, "the name is \"{}\"", "a\nerror: b\x1b[2J\xc2\x9b\xe2\x80\xae\xff");
    CHECK(quoted.message == "the name is \"a\\x0aerror: b\\x1b[2J\\x9b\\u202e\\xff\"");
    CHECK(Error(Status::IO, "a\rb").message == "a\\x0db");
    CHECK(fail(Status::IO, "{}", quoted.message).message == quoted.message);
    const auto longest = fail(Status::LIMIT, "{}", std::string(1 << 20, 'x'));
    CHECK(longest.message.size() == 2000);
    CHECK(longest.message.ends_with("...[1048576 bytes]"));
}

TEST_CASE("errors: a program that uses the value of a failure says which failure before it ends") {
    const auto said =
        "c2d: the value of a failed call was used, which had failed with not_found: there is no ledger.db\n";
    const Result<Named> failed = missing();
    for (const End& end : {end_of([] { (void)*missing(); }), end_of([] { (void)missing().value(); }),
                           end_of([] { (void)missing()->name; }), end_of([&] { (void)*failed; }),
                           end_of([&] { (void)failed.value(); }), end_of([&] { (void)failed->name; })}) {
        CHECK(end.signal == SIGABRT);
        CHECK(end.said == said);
    }
    CHECK(failed.value_or(Named{"other"}).name == "other");
}
