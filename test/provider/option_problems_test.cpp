#include "provider/option_problems.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using provider::option_problems;
using support::named_id;
using support::named_key;

namespace {

ProviderOptions usable() {
    ProviderOptions options;
    options.signer = named_key("bank");
    return options;
}

}  // namespace

TEST_CASE("everything that is wrong with the options is said at once") {
    ProviderOptions options;
    options.workers = 65;
    options.peers.networks = {"10.0.0.0/99", "host"};
    options.peers.silence = std::chrono::seconds(4);
    options.limits.memory_bytes = 0;
    options.assets[named_id("rows")] = "nope.csv";
    const auto problems = option_problems(options);
    REQUIRE(problems.size() == 7);
    CHECK(problems[0] == "ProviderOptions.signer must be set");
    CHECK(problems[1] == "expected 1 to 64 workers, found 65");
    CHECK(problems[2].starts_with("peer_networks: expected a network"));
    CHECK(problems[3].starts_with("peer_networks: expected a network"));
    CHECK(problems[4].starts_with("peer_silence: expected 5 s at least"));
    CHECK(problems[5].starts_with("memory_bytes must be"));
    CHECK(problems[6].find("nope.csv") != std::string::npos);
    CHECK(option_problems(usable()).empty());
}

TEST_CASE("data that cannot be opened are a problem where no log can say so") {
    const support::TempDir folder;
    support::write_text(folder / "rows.csv", "1\n");
    auto options = usable();
    const auto problems_with = [&](const char* name) {
        options.assets[named_id("rows")] = folder / name;
        return option_problems(options).size();
    };
    CHECK(problems_with("rows.csv") == 0);
    CHECK(problems_with("absent.csv") == 1);
    CHECK(problems_with("") == 1);
    options.logger = Logger::silent();
    CHECK(problems_with("absent.csv") == 0);
}

TEST_CASE("mounts and variables that every run would be refused for are a problem") {
    auto options = usable();
    options.environment = {{"C2D_ARGS", "mine"}};
    CHECK(option_problems(options).size() == 1);
    options.environment.clear();
    options.runtime = {{"/usr/lib", "/job/lib"}};
    CHECK(option_problems(options).size() == 1);
}
