// dt-cli: the command line of c2d. Commands and flags are those of the original system.

#include "base/display_text.hpp"
#include "tools/cli/command.hpp"
#include "tools/process_hardening.hpp"

#include <algorithm>
#include <iostream>

namespace {

using namespace c2d;
using namespace c2d::cli;

/// The length of the name of --private_key at the start of a word, alone or before "="; else 0.
std::size_t private_key_name(std::string_view word) {
    constexpr std::string_view kName = "--private_key";
    const auto same = [](char a, char b) { return a == b || (a == '-' && b == '_'); };
    const bool named = word.size() >= kName.size() && std::ranges::equal(word.substr(0, kName.size()), kName, same);
    return named && (word.size() == kName.size() || word[kName.size()] == '=') ? kName.size() : 0;
}

/// The words for the parser. `--json` may stand anywhere, and dashes may stand for underscores in the
/// names of flags. What follows a lone `--` is not ours. A private key is taken out of the process list
/// at once, and a word stands for it before the parser, whose copies nobody clears.
class Words {
public:
    Words(bool& as_json, SecretBytes& private_key) : as_json_(as_json), private_key_(private_key) {}

    void take(char* argument) {
        const std::string_view word = argument;
        if (word == "--") ours_ = false;
        if (ours_ && word == "--json")
            as_json_ = true;
        else if (key_follows_ && !word.starts_with("--"))
            take_key(argument);
        else if (const auto name = ours_ ? private_key_name(word) : 0)
            take_key_flag(argument, name);
        else
            take_other(std::string(word));
    }
    std::vector<std::string> finish() {
        std::ranges::reverse(words_);  // as CLI11 takes them
        return std::move(words_);
    }

private:
    void take_key(char* value) {
        private_key_ = tools::take_secret(value);
        words_.emplace_back("given");
        key_follows_ = false;
    }
    void take_key_flag(char* argument, std::size_t name) {
        words_.emplace_back("--private_key");
        key_follows_ = argument[name] == 0;
        if (!key_follows_) take_key(argument + name + 1);
    }
    void take_other(std::string word) {
        key_follows_ = false;
        if (ours_ && word.size() > 2 && word.starts_with("--"))
            for (std::size_t at = 2; at < word.size() && word[at] != '='; ++at)
                if (word[at] == '-') word[at] = '_';
        words_.push_back(std::move(word));
    }

    bool& as_json_;
    SecretBytes& private_key_;
    std::vector<std::string> words_;
    bool ours_ = true;
    bool key_follows_ = false;
};

/// The command that was begun and the word after it that names none of its commands; CLI11 itself only says that one
/// is missing. Empty if no word is left.
std::string mistyped_command(const CLI::App& app) {
    const CLI::App* begun = &app;
    while (!begun->get_subcommands().empty()) begun = begun->get_subcommands().front();
    const auto left = app.remaining(true);
    const auto commands = begun->get_subcommands([](const CLI::App*) { return true; });
    if (left.empty() || commands.empty()) return {};
    std::string known;
    for (const auto* command : commands) known += (known.empty() ? "" : ", ") + command->get_name();
    return begun->get_name() + " has no command \"" + display_text(left.front(), 80) + "\"; it has: " + known;
}

void declare(CLI::App& app, Flags& flags, bool& as_json, Action& action) {
    app.require_subcommand(1);
    app.fallthrough();
    app.set_version_flag("--version", C2D_VERSION);
    app.add_option("--config", flags.config, "configuration file (else CONFIG_FILE, else ./config.ini)");
    app.add_option("--ledger", flags.ledger, "ledger file, instead of network_url");
    // Never reaches the parser, which only tells of it.
    app.add_flag("--json", as_json, "print one JSON object on standard output");
    app.add_flag("--clock_ok", flags.clock_ok, "this machine's clock is right, though it jumped");
    app.add_flag("--verbose", flags.verbose, "say more on standard error");
    add_system(app, flags, action);
    add_asset(app, flags, action);
    add_job(app, flags, action);
    add_tracer(app, flags, action);
    add_chain(app, flags, action);
    add_key(app, flags, action);
    add_verify(app, flags, action);
    add_sandbox(app, flags, action);
}

}  // namespace

int main(int argc, char** argv) {
    tools::keep_memory_private();
    bool as_json = false;
    Flags flags;
    tools::take_secrets_from_environment(flags.key);
    Action action;
    CLI::App app("dt-cli: publish data tokens, grant, run and trace joint computations", "dt-cli");
    declare(app, flags, as_json, action);
    Words words(as_json, flags.key.private_key);
    for (int i = 1; i < argc; ++i) words.take(argv[i]);
    try {
        app.parse(words.finish());
    } catch (const CLI::RequiredError& error) {
        const auto mistyped = mistyped_command(app);
        const std::string message = mistyped.empty() ? error.what() : mistyped;
        if (mistyped.empty())
            app.exit(error);
        else
            std::cerr << message << "\nRun with --help for more information.\n";
        if (as_json) Output(true).answer(failure_value(Error(Status::INVALID_ARGUMENT, message)));
        return 2;
    } catch (const CLI::ParseError& error) {
        // Help and version end with 0, wrong usage with 2; usage goes to standard error.
        if (app.exit(error) == 0) return 0;
        if (as_json) Output(true).answer(failure_value(Error(Status::INVALID_ARGUMENT, error.what())));
        return 2;
    }
    const Output output(as_json);
    Session session(flags, output);
    try {
        const auto status = action(session);
        return status ? *status : output.failure(status.error());
    } catch (const std::exception& error) {
        return output.failure(Error(Status::INTERNAL, error.what()));
    }
}
