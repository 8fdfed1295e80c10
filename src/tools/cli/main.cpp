// dt-cli: the command line of c2d. Commands and flags are those of the original system.

#include "base/display_text.hpp"
#include "tools/cli/command.hpp"
#include "tools/cli/words.hpp"
#include "tools/process_hardening.hpp"

#include <iostream>

namespace {

using namespace c2d;
using namespace c2d::cli;

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

void declare(CLI::App& app, GlobalFlags& flags, bool& as_json, const Group& program) {
    app.require_subcommand(1);
    app.fallthrough();
    app.set_version_flag("--version", C2D_VERSION);
    app.add_option("--config", flags.config, "configuration file (else CONFIG_FILE, else ./config.ini)");
    app.add_option("--ledger", flags.ledger, "ledger file, instead of network_url");
    // Never reaches the parser, which only tells of it.
    app.add_flag("--json", as_json, "print one JSON object on standard output");
    app.add_flag("--clock_ok", flags.clock_ok, "this machine's clock is right, though it jumped");
    app.add_flag("--verbose", flags.verbose, "say more on standard error");
    add_system(program);
    add_asset(program);
    add_job(program);
    add_tracer(program);
    add_chain(program);
    add_key(program);
    add_verify(program);
    add_sandbox(program);
    add_data(program);
    add_artifact(program);
    add_model(program);
    add_operator(program);
    add_provider(program);
}

}  // namespace

int main(int argc, char** argv) {
    tools::keep_memory_private();
    bool as_json = false;
    GlobalFlags flags;
    tools::KeySource keys;
    tools::take_secrets_from_environment(keys);
    Action action;
    CLI::App app("dt-cli: publish data tokens, grant, run and trace joint computations", "dt-cli");
    declare(app, flags, as_json, Group(app, keys, action));
    Words words(as_json, keys.private_key);
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
    Session session(flags, keys, output);
    try {
        const auto status = action(session);
        return status ? *status : output.failure(status.error());
    } catch (const std::exception& error) {
        return output.failure(Error(Status::INTERNAL, error.what()));
    }
}
