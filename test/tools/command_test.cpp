/// How commands are declared and chosen, and what is wrong usage.
#include "tools/cli/command.hpp"

#include "support/doubles.hpp"

using namespace c2d;
using namespace c2d::cli;
using support::must;

namespace {

/// What the command that ran was told.
struct Told {
    std::string name, text;
    std::uint64_t number = 0;
    bool flag = false;
    std::vector<std::string> variables;
};
Told told;

struct Plain {
    static constexpr About about{"plain", "does nothing", "dt-cli group plain --text words"};
    std::string text = "nothing";
    std::uint64_t number = 7;
    bool flag = false;
    std::vector<std::string> variables;

    void declare(Args& args) {
        args.optional("--text", text, "words");
        args.number("--number", number, "a number");
        args.flag("--flag", flag, "yes");
        args.variables(variables);
        args.key();
    }
    Result<int> run(Session&) {
        told = {"plain", text, number, flag, variables};
        return 0;
    }
};

/// Shares the name of a flag with `Plain`, and not its value.
struct Strict {
    static constexpr About about{"strict", "wants one of two"};
    std::string text;
    std::uint64_t number = 0;

    void declare(Args& args) {
        args.require_one({args.optional("--text", text, "words"), args.number("--number", number, "a number")},
                         "--text or --number");
    }
    Result<int> run(Session&) {
        told = {"strict", text, number, false, {}};
        return 1;
    }
};

struct Program {
    tools::KeySource keys;
    Action action;
    CLI::App app{"a program", "dt-cli"};

    Program() {
        app.require_subcommand(1);
        const Group group = Group(app, keys, action).group("group", "some commands");
        group.add<Plain>();
        group.add<Strict>();
    }
    /// Parses the words and runs what they choose.
    int run(std::vector<std::string> words) {
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
        const GlobalFlags flags;
        const Output output(false);
        Session session(flags, keys, output);
        return must(action(session));
    }
};

}  // namespace

TEST_CASE("a command runs with what it was given, and with its own defaults otherwise") {
    CHECK(Program().run({"group", "plain"}) == 0);
    CHECK(told.text == "nothing");
    CHECK(told.number == 7);
    CHECK_FALSE(told.flag);
    CHECK(Program().run({"group", "plain", "--text", "words", "--number", "18446744073709551615", "--flag", "--var",
                         "A=1", "--var", "B=2"}) == 0);
    CHECK(told.text == "words");
    CHECK(told.number == UINT64_MAX);
    CHECK(told.flag);
    CHECK(told.variables == std::vector<std::string>{"A=1", "B=2"});
    CHECK(Program().run({"group", "strict", "--text", "x"}) == 1);
    CHECK(told.name == "strict");
    CHECK(told.number == 0);
}

TEST_CASE("wrong usage is refused before anything runs") {
    using Words = std::vector<std::string>;
    for (const Words& words :
         {Words{}, Words{"group"}, Words{"group", "other"}, Words{"group", "plain", "--number", "-1"},
          Words{"group", "plain", "--number", "1x"}, Words{"group", "plain", "--number", "18446744073709551616"},
          Words{"group", "plain", "--number", "0x10"}, Words{"group", "plain", "--text"},
          Words{"group", "plain", "more"}, Words{"group", "plain", "--var", "A"}, Words{"group", "strict"}}) {
        Program program;
        CHECK_THROWS_AS(program.run(words), CLI::ParseError);
        CHECK_FALSE(bool(program.action));
    }
    CHECK_THROWS_WITH_AS(Program().run({"group", "strict"}), "--text or --number is required", CLI::RequiredError);
    CHECK_THROWS_WITH_AS(Program().run({"group", "plain", "--number", "1\x1b"}),
                         "--number: expected a whole number, found \"1\\x1b\"", CLI::ValidationError);
}

TEST_CASE("flags of keys say where the key comes from") {
    Program program;
    program.run({"group", "plain", "--keystore", "k.json", "--password_file", "p"});
    CHECK(program.keys.keystore == "k.json");
    CHECK(program.keys.password_file == "p");
}

TEST_CASE("help has the example where there is one, and what goes with every command") {
    Program program;
    const auto help = [&](const char* name) {
        return program.app.get_subcommand("group")->get_subcommand(name)->help();
    };
    CHECK(help("plain").find("Example:\n  dt-cli group plain --text words\n") != std::string::npos);
    CHECK(help("strict").find("Example") == std::string::npos);
    for (const char* name : {"plain", "strict"}) CHECK(help(name).find("--json") != std::string::npos);
}

TEST_CASE("a token that is not given is none; another one is parsed") {
    CHECK_FALSE(must(optional_token("")).has_value());
    CHECK(must(optional_token(token_text(support::named_id("x")))) == support::named_id("x"));
    CHECK(optional_token("dt:ownership:1").status() == Status::INVALID_ARGUMENT);
}
