/// INI files as Python's configparser reads them, and paths beside the file that names them.
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <c2d/config.hpp>

#include <optional>

using namespace c2d;
using support::must;
using support::TempDir;

namespace {

struct Ini {
    TempDir folder;
    Config read(std::string_view text) {
        support::write_text(folder / "config.ini", text);
        return must(Config::read(folder / "config.ini"));
    }
    /// The value of `key` in [s] of a file that holds `line`.
    std::string value(std::string_view lines, std::string_view key = "key") {
        return read("[s]\n" + std::string(lines)).get("s", key).value_or("(absent)");
    }
    std::string problem(std::string_view text) {
        support::write_text(folder / "config.ini", text);
        const auto config = Config::read(folder / "config.ini");
        if (config) return "none";
        CHECK(config.status() == Status::INVALID_ARGUMENT);
        return config.error().message;
    }
};

}  // namespace

TEST_CASE_FIXTURE(Ini, "a value is what stands behind = or :, without the spaces around it") {
    CHECK(value("key = a b ") == "a b");
    CHECK(value("key=a") == "a");
    CHECK(value("key: a") == "a");
    CHECK(value("key : a = b") == "a = b");
    CHECK(value("key = a:b") == "a:b");
    CHECK(value("key =") == "");
    CHECK(value("key = \"quoted\"") == "\"quoted\"");
    CHECK(value("key\t=\ta") == "a");
    CHECK(value("key = a\r\n") == "a");
    CHECK(value("two words = a", "two words") == "a");
}

TEST_CASE_FIXTURE(Ini, "keys are case-insensitive, sections are not") {
    CHECK(value("Network_URL = x", "network_url") == "x");
    CHECK(value("network_url = x", "NETWORK_URL") == "x");
    const auto config = read("[Keeper]\nkey = x\n");
    CHECK(config.get("Keeper", "key") == "x");
    CHECK_FALSE(config.get("keeper", "key").has_value());
    CHECK_FALSE(config.get("", "key").has_value());
}

TEST_CASE_FIXTURE(Ini, "JSON stays as it is, also percent signs, quotes, backslashes and # inside a line") {
    for (const char* json :
         {R"({"a": "b", "c": [1, 2]})", R"(["x:y", "50%", "#", ";"])", R"({"path": "C:\\x"})", R"({"a":"%(b)s"})"}) {
        CAPTURE(std::string(json));
        CHECK(value(std::string("key = ") + json) == json);
    }
    CHECK(value("key = a # no comment") == "a # no comment");
    CHECK(value("key = a ; no comment") == "a ; no comment");
}

TEST_CASE_FIXTURE(Ini, "deeper lines continue a value, one line each") {
    CHECK(value("key = {\n    \"a\": 1,\n    \"b\": 2\n  }\nother = x") == "{\n\"a\": 1,\n\"b\": 2\n}");
    CHECK(value("key = a\n\n  b\n\n") == "a\n\nb");
    CHECK(value("key =\n  a\n  b") == "\na\nb");
    CHECK(value("key = a\n  other = b") == "a\nother = b");
    CHECK(value("key = a\n  [section]") == "a\n[section]");
    CHECK(value("key = a\nother = b", "other") == "b");
}

TEST_CASE_FIXTURE(Ini, "whole-line comments and empty lines are no values") {
    CHECK(value("# one\n; two\n   # indented\n\nkey = a\n") == "a");
    CHECK(value("key = a\n  # inside\n  b") == "a\nb");
    CHECK(value("#key = a") == "(absent)");
}

TEST_CASE_FIXTURE(Ini, "a section may be reopened; a key stands once") {
    const auto config = read("[a]\nx = 1\n[b]\nx = 2\n");
    CHECK(config.get("a", "x") == "1");
    CHECK(config.get("b", "x") == "2");
    CHECK(problem("[s]\nkey = a\nkey = b\n").find("line 3: the key is there already") != std::string::npos);
    CHECK(problem("[s]\nkey = a\nKEY = b\n").find("line 3") != std::string::npos);
}

TEST_CASE_FIXTURE(Ini, "what is no INI names its line") {
    CHECK(problem("key = a\n").find("line 1: expected a [section]") != std::string::npos);
    CHECK(problem("[s]\nno delimiter\n").find("line 2: expected key = value") != std::string::npos);
    CHECK(problem("[s]\n\n= a\n").find("line 3: expected key = value") != std::string::npos);
    CHECK(problem("[s\nkey = a\n").find("line 1: expected [section]") != std::string::npos);
    CHECK(problem("[]\n").find("line 1: expected [section]") != std::string::npos);
    CHECK(problem("").find("none") == 0);
}

TEST_CASE_FIXTURE(Ini, "a byte order mark is skipped, UTF-16 is named") {
    CHECK(read("\xef\xbb\xbf[s]\nkey = v\n").get("s", "key") == "v");
    CHECK(read("\xef\xbb\xbf# a comment\n[s]\nkey = v\n").get("s", "key") == "v");
    CHECK(problem(std::string_view("\xff\xfe[\0s\0]\0\n\0", 10)) ==
          (folder / "config.ini").string() + ": expected text in UTF-8, found UTF-16; save it as UTF-8");
    CHECK(problem("[s]\n\xef\xbb\xbf[t]\n") != "none");
}

TEST_CASE_FIXTURE(Ini, "lines may be long, files at most 1 MiB") {
    const std::string long_value(500'000, 'x');
    CHECK(value("key = " + long_value) == long_value);
    support::write_text(folder / "large", "[s]\nkey = " + std::string(1 << 20, 'x'));
    CHECK(Config::read(folder / "large").status() == Status::LIMIT);
    CHECK(Config::read(folder / "absent").status() == Status::NOT_FOUND);
}

TEST_CASE_FIXTURE(Ini, "a required value that is absent is named with its file and section") {
    const auto config = read("[keeper]\nurl = x\n");
    CHECK(must(config.require("keeper", "url")) == "x");
    const auto absent = config.require("keeper", "ipfs_endpoint");
    REQUIRE(absent.status() == Status::NOT_FOUND);
    for (const char* part : {"config.ini", "keeper", "ipfs_endpoint"})
        CHECK(absent.error().message.find(part) != std::string::npos);
    CHECK(Config().require("keeper", "url").status() == Status::NOT_FOUND);
    CHECK_FALSE(Config().get("keeper", "url").has_value());
}

TEST_CASE_FIXTURE(Ini, "a path is taken from the working directory, and if absent there from beside the naming file") {
    support::write_text(folder / "data.csv", "1");
    const auto config = read("[s]\nkey = data.csv\n");
    CHECK(config.resolve("data.csv") == folder / "data.csv");
    CHECK(config.resolve("absent.csv") == "absent.csv");
    CHECK(config.resolve(folder / "absent.csv") == folder / "absent.csv");
    CHECK(config.resolve("test/CMakeLists.txt") == "test/CMakeLists.txt");  // tests run in the source folder
    CHECK(Config().resolve("data.csv") == "data.csv");
    CHECK(resolve_path("data.csv", folder / "attr.json") == folder / "data.csv");
}

TEST_CASE("the sample configuration of the demo is read") {
    const auto config = must(Config::read(std::string(C2D_SOURCE_DIR) + "/examples/joint_risk/config.ini"));
    CHECK(must(config.require("keeper", "network_url")).starts_with("ledger:"));
}
