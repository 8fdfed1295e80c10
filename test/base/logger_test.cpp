#include <c2d/environment.hpp>

#include <doctest/doctest.h>

#include <cstdio>
#include <string>
#include <unistd.h>

using namespace c2d;

namespace {

/// What `write` puts on standard error.
template <class Write>
std::string standard_error_of(Write write) {
    std::FILE* file = std::tmpfile();
    REQUIRE(file);
    const int before = dup(STDERR_FILENO);
    std::fflush(stderr);
    dup2(fileno(file), STDERR_FILENO);
    write();
    std::fflush(stderr);
    dup2(before, STDERR_FILENO);
    close(before);
    std::string out(4096, '\0');
    out.resize(std::size_t(pread(fileno(file), out.data(), out.size(), 0)));
    std::fclose(file);
    return out;
}

}  // namespace

TEST_CASE("logger: one message is one line, whatever it says") {
    const auto out = standard_error_of([] {
        Logger::standard_error(LogLevel::info)
            ->log(LogLevel::warn, "job 1\n2026-01-01T00:00:00Z info grant given\r\x1b[2J\xe2\x80\xae");
    });
    CHECK(out.find('\n') == out.size() - 1);
    CHECK(out.ends_with(" warn job 1\\x0a2026-01-01T00:00:00Z info grant given\\x0d\\x1b[2J\\u202e\n"));
}
