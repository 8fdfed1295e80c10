// dt-cli: the command line of c2d. Commands and flags are those of the original system.

#include "tools/cli/command.hpp"

#include <cstring>

namespace {

using namespace c2d;
using namespace c2d::cli;

/// `--json` may stand anywhere, and dashes may stand for underscores in the names of flags. What
/// follows a lone `--` is not ours.
std::vector<std::string> normalise(int argc, char** argv, bool& as_json) {
    std::vector<std::string> words;
    bool ours = true;
    for (int i = 1; i < argc; ++i) {
        std::string word = argv[i];
        if (word == "--") ours = false;
        if (ours && word == "--json") {
            as_json = true;
            continue;
        }
        if (ours && word.size() > 2 && word.starts_with("--"))
            for (std::size_t at = 2; at < word.size() && word[at] != '='; ++at)
                if (word[at] == '-') word[at] = '_';
        words.push_back(std::move(word));
    }
    std::ranges::reverse(words);  // as CLI11 takes them
    return words;
}

void declare(CLI::App& app, Flags& flags, Action& action) {
    app.require_subcommand(1);
    app.fallthrough();
    app.set_version_flag("--version", C2D_VERSION);
    app.add_option("--config", flags.config, "configuration file (else CONFIG_FILE, else ./config.ini)");
    app.add_option("--ledger", flags.ledger, "ledger file, instead of network_url");
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
    bool as_json = false;
    Flags flags;
    Action action;
    CLI::App app("dt-cli: publish data tokens, grant, run and trace joint computations", "dt-cli");
    declare(app, flags, action);
    try {
        app.parse(normalise(argc, argv, as_json));
    } catch (const CLI::ParseError& error) {
        // Help and version end with 0, wrong usage with 2; usage goes to standard error.
        if (app.exit(error) == 0) return 0;
        if (as_json) Output(true).answer(failure_value(Error(Status::INVALID_ARGUMENT, error.what())));
        return 2;
    }
    // Nothing of a key may stay visible in the process list longer than it must.
    for (int i = 1; i < argc; ++i)
        if (!flags.key.private_key.empty() && flags.key.private_key == argv[i])
            std::memset(argv[i], '*', std::strlen(argv[i]));
    const Output output(as_json);
    Session session(flags, output);
    try {
        const auto status = action(session);
        return status ? *status : output.failure(status.error());
    } catch (const std::exception& error) {
        return output.failure(Error(Status::INTERNAL, error.what()));
    }
}
