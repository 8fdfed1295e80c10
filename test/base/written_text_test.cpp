#include "base/written_text.hpp"
#include "base/mistaken_text.hpp"
#include "base/private_files.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

using namespace c2d;
using namespace std::string_view_literals;

TEST_CASE("written text: a mark before UTF-8 is skipped, another encoding is named") {
    CHECK(*without_mark("\xef\xbb\xbf{}") == "{}");
    CHECK(*without_mark("{}") == "{}");
    CHECK(*without_mark("") == "");
    CHECK(*without_mark("\xef\xbb\xbf") == "");
    // Only the first is a mark.
    CHECK(*without_mark("\xef\xbb\xbf\xef\xbb\xbf") == "\xef\xbb\xbf");
    struct Case {
        std::string_view text, encoding;
    };
    for (const auto& [text, encoding] :
         {Case{"\xff\xfe{\0}\0"sv, "UTF-16"}, Case{"\xfe\xff\0{\0}"sv, "UTF-16"},
          Case{"\xff\xfe\0\0{\0\0\0"sv, "UTF-32"}, Case{"\0\0\xfe\xff\0\0\0{"sv, "UTF-32"}}) {
        const auto found = without_mark(text);
        CHECK(found.status() == Status::INVALID_ARGUMENT);
        CHECK(found.error().message == "expected text in UTF-8, found " + std::string(encoding) + "; save it as UTF-8");
    }
}

TEST_CASE("written text: a file's failure names the file") {
    const support::TempDir folder;
    const auto path = folder.path / "a.json";
    support::write_text(path, "\xff\xfe{}");
    const auto found = read_written_file(path, 100);
    CHECK(found.status() == Status::INVALID_ARGUMENT);
    CHECK(found.error().message.starts_with(path.string() + ": "));
    support::write_text(path, "\xef\xbb\xbf[1]");
    CHECK(*read_written_file(path, 100) == "[1]");
}

TEST_CASE("mistaken text: what people pass for something else is named, never quoted") {
    const std::string digits(64, 'a');
    CHECK(found_instead("{\"a\": 1}") == ", found JSON text");
    CHECK(found_instead(" \n[1]") == ", found JSON text");
    CHECK(found_instead("0x" + std::string(40, '1')) == ", found an address");
    CHECK(found_instead(digits) == found_instead("0x" + digits));
    CHECK(found_instead(digits).find(digits) == std::string_view::npos);
    CHECK(found_instead("dt:ownership:" + digits) == ", found the id of a token or operator");
    CHECK(found_instead("https://node:8545") == ", found a URL");
    CHECK(found_instead("") == ", found nothing");
    CHECK(found_instead("hello") == "");
    for (const char* path : {"/data/key.json", "key.json", "./op", "../keys/a", "~/key", "C:\\keys\\a.json"})
        CHECK(looks_like_path(path));
    for (const char* text :
         {"", "print(1)", "import c2d\nc2d.run()\n", "x = 'a.py'", "{\"a\": \"b.json\"}", "1,2\n3,4\n", "pass"})
        CHECK(!looks_like_path(text));
}

TEST_CASE("a secret where the path of its file was expected is not quoted") {
    const std::string digits(64, 'a');
    for (const std::string& secret : {digits, "0x" + digits, "{\"crypto\": \"" + digits + "\"}"}) {
        const auto message = read_secret_file(secret, 100).error().message;
        CHECK_MESSAGE(message.starts_with("expected the path of a file, found "), message);
        CHECK(message.find(digits) == std::string::npos);
    }
    CHECK(read_secret_file("/no/key.json", 100).error().message.starts_with("cannot open /no/key.json: "));
    CHECK(read_secret_file("key", 100).error().message.starts_with("cannot open key: "));
}
