#include "tools/cli/words.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace c2d;

namespace {

/// What becomes of a command line; its words are what /proc would show.
struct Line {
    explicit Line(std::vector<std::string> words) : arguments(std::move(words)) {
        cli::Words taken(as_json, key);
        for (auto& argument : arguments) taken.take(argument.data());
        parsed = taken.finish();
        std::ranges::reverse(parsed);
    }

    std::vector<std::string> arguments, parsed;
    bool as_json = false;
    SecretBytes key;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("--json stands anywhere, and dashes for underscores in names of flags alone") {
    const Line line({"asset", "--json", "dt", "--attr-file", "a-b.json", "--store-path=x-y", "-v"});
    CHECK(line.as_json);
    CHECK(line.parsed == Texts{"asset", "dt", "--attr_file", "a-b.json", "--store_path=x-y", "-v"});
}

TEST_CASE("what follows a lone -- is not ours") {
    const Line line({"sandbox", "run", "--", "--json", "--a-b", "--private-key", "12"});
    CHECK_FALSE(line.as_json);
    CHECK(line.key.empty());
    CHECK(line.parsed == Texts{"sandbox", "run", "--", "--json", "--a-b", "--private-key", "12"});
}

TEST_CASE("a private key is taken out of the arguments, however it is given") {
    for (const auto& words :
         {Texts{"key", "address", "--private_key", "5c25"}, Texts{"key", "address", "--private-key=5c25"}}) {
        const Line line(words);
        CHECK(line.key.text() == "5c25");
        CHECK(line.parsed == Texts{"key", "address", "--private_key", "given"});
        for (const auto& argument : line.arguments) CHECK(argument.find("5c25") == argument.npos);
    }
}

TEST_CASE("a flag after --private_key is no key, and names that only begin like it are other flags") {
    const Line line({"--private_key", "--keystore", "k.json", "--private_keys", "5c25"});
    CHECK(line.key.empty());
    CHECK(line.parsed == Texts{"--private_key", "--keystore", "k.json", "--private_keys", "5c25"});
}
