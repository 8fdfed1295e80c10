#include "tools/cli/command.hpp"

#include "base/display_text.hpp"
#include "base/try.hpp"
#include "tools/cli/attributes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace c2d::cli {

// Session -----------------------------------------------------------------------------------------

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
    out.ledger = flags_.ledger;
    out.clock_ok = flags_.clock_ok;
    out.logger = logger();
    return out;
}

template <class Load>
auto Session::load_once(Load load) const {
    if (!key_source.private_key.empty())
        Output::note(
            "warning: --private_key shows the key to other users of this machine; use "
            "--keystore or C2D_PRIVATE_KEY");
    auto loaded = load(key_source);
    key_source.private_key = SecretBytes();
    key_source.environment_key = SecretBytes();
    return loaded;
}

Result<std::shared_ptr<Signer>> Session::key() const {
    auto loaded = load_once(tools::load_key);
    key_source.environment_password = SecretBytes();
    return loaded;
}

Result<std::shared_ptr<PrivateKey>> Session::private_key_and_keep_password() const {
    return load_once(tools::load_private_key);
}

std::shared_ptr<Logger> Session::logger() const {
    return Logger::standard_error(flags_.verbose ? LogLevel::debug : LogLevel::warn);
}

Result<std::optional<TokenId>> optional_token(const std::string& text) {
    if (text.empty()) return std::optional<TokenId>();
    C2D_TRY(const auto id, parse_token(text));
    return std::optional<TokenId>(id);
}

// Args --------------------------------------------------------------------------------------------

namespace {

/// Takes 0 to 2^64 - 1 in decimal digits, and says so of anything else.
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

constexpr const char* kFooter =
    "With every command: --json prints one JSON object on standard output; --config, --ledger,\n"
    "--clock_ok and --verbose are told by dt-cli --help.";

}  // namespace

CLI::Option* Args::number(const char* name, std::uint64_t& value, const char* text) {
    return optional(name, value, text)->check(whole_number());
}

CLI::Option* Args::flag(const char* name, bool& value, const char* text) {
    return command_.add_flag(name, value, text);
}

void Args::key() {
    optional("--private_key", private_key_word_, "hexadecimal private key (visible to others)");
    optional("--keystore", keys_.keystore, "keystore v3 file, or pkcs11: URI of a key in an HSM");
    password_file();
}

void Args::password_file() {
    optional("--password_file", keys_.password_file, "file with the keystore's password, or the PIN");
}

void Args::variables(std::vector<std::string>& words) {
    const auto check = [](const std::string& word) {
        const auto parsed = parse_variables({word});
        return parsed ? std::string() : parsed.error().message;
    };
    optional("--var", words, "NAME=VALUE for ${NAME} in the file")
        ->allow_extra_args(false)
        ->check(CLI::Validator(check, "NAME=VALUE"));
}

void Args::require_one(std::vector<CLI::Option*> options, const char* wanted) {
    wanted_.emplace_back(std::move(options), wanted);
}

void Args::check() const {
    for (const auto& [options, wanted] : wanted_)
        if (std::ranges::all_of(options, [](const auto* option) { return option->count() == 0; }))
            throw CLI::RequiredError(wanted);
}

// Group -------------------------------------------------------------------------------------------

Group Group::group(const char* name, const char* text) const {
    auto* app = app_.add_subcommand(name, text);
    app->require_subcommand(1)->fallthrough();
    return {*app, keys_, action_};
}

std::shared_ptr<Args> Group::make_args(const About& about) const {
    auto* command = app_.add_subcommand(about.name, about.text);
    const std::string example = *about.example ? fmt::format("Example:\n  {}\n\n", about.example) : "";
    command->footer(example + kFooter);
    return std::make_shared<Args>(*command, keys_);
}

}  // namespace c2d::cli
