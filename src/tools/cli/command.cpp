#include "tools/cli/command.hpp"

#include "base/display_text.hpp"
#include "base/try.hpp"

#include <fmt/format.h>

#include <charconv>

namespace c2d::cli {

Result<AssetRegistry> Session::registry() const {
    C2D_TRY(const auto file, config());
    return open_registry(file, overrides());
}

Result<ChainOptions> Session::chain_options() const {
    C2D_TRY(const auto file, config());
    return c2d::chain_options(file, overrides());
}

ConfigOverrides Session::overrides() const {
    ConfigOverrides out;
    out.ledger = flags.ledger;
    out.clock_ok = flags.clock_ok;
    out.logger = logger();
    return out;
}

Result<std::shared_ptr<PrivateKey>> Session::key() const {
    if (!flags.key.private_key.empty())
        Output::note(
            "warning: --private_key shows the key to other users of this machine; use "
            "--keystore or C2D_PRIVATE_KEY");
    auto loaded = tools::load_key(flags.key);
    flags.key.private_key = SecretBytes();
    flags.key.environment_key = SecretBytes();
    if (!flags.keep_password) flags.key.environment_password = SecretBytes();
    return loaded;
}

std::shared_ptr<Logger> Session::logger() const {
    return Logger::standard_error(flags.verbose ? LogLevel::debug : LogLevel::warn);
}

Result<std::optional<TokenId>> Session::id() const {
    if (flags.id.empty()) return std::optional<TokenId>();
    C2D_TRY(const auto id, parse_token(flags.id));
    return std::optional<TokenId>(id);
}

void add_key_flags(CLI::App& command, Flags& flags) {
    command.add_option("--private_key", flags.private_key_word, "hexadecimal private key (visible to others)");
    command.add_option("--keystore", flags.key.keystore, "keystore v3 file");
    command.add_option("--password_file", flags.key.password_file, "file with the keystore's password");
}

CLI::Validator whole_number() {
    const auto check = [](std::string& text) {
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        return error == std::errc() && end == text.data() + text.size()
                   ? std::string()
                   : fmt::format("expected a whole number, found \"{}\"", display_text(text));
    };
    return CLI::Validator(check, "", "whole_number");
}

CLI::App* add_command(CLI::App& group, const std::string& name, const std::string& text, Action& action,
                      Result<int> (*run)(Session&)) {
    CLI::App* command = group.add_subcommand(name, text);
    command->callback([&action, run] { action = run; });
    command->footer(
        "With every command: --json prints one JSON object on standard output; --config, --ledger,\n"
        "--clock_ok and --verbose are told by dt-cli --help.");
    return command;
}

}  // namespace c2d::cli
