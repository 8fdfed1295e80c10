/// What every command of dt-cli stands on: how it declares its flags, and how these become chain, registry and key.
///
/// A command is a struct of its own: what it is called (`about`), its flags as members, `declare(Args&)`, and
/// `run(Session&)`, which gives 0 (done) or 1 (refused or failed).
#pragma once

#include "tools/cli/output.hpp"
#include "tools/key_source.hpp"

#include <c2d/settings.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2d::cli {

/// Flags of the program itself, which may stand with any command.
struct GlobalFlags {
    std::string config, ledger;
    bool clock_ok = false, verbose = false;
};

/// Opens things as the flags say.
class Session {
public:
    Session(const GlobalFlags& flags, tools::KeySource& keys, const Output& out)
        : output(out), key_source(keys), flags_(flags) {}

    const Output& output;
    tools::KeySource& key_source;

    Result<AssetRegistry> registry() const;
    /// Forgets what the key was made of.
    Result<std::shared_ptr<Signer>> key() const;
    /// The same with the secret; C2D_PASSWORD stays: a keystore is to be written with it.
    Result<std::shared_ptr<PrivateKey>> private_key_and_keep_password() const;
    Result<Config> config() const { return read_config(flags_.config); }
    /// Of the network that flags, environment and configuration name.
    Result<ChainOptions> chain_options() const;
    /// What the flags say of the chain.
    ConfigOverrides overrides() const;
    std::shared_ptr<Logger> logger() const;

private:
    /// What `load` makes of the flags and the environment, which keep no key after that.
    template <class Load>
    auto load_once(Load load) const;

    const GlobalFlags& flags_;
};

/// Runs the command that was chosen: 0 done, 1 refused or failed.
using Action = std::function<Result<int>(Session&)>;

/// Declares the flags of one command.
class Args {
public:
    Args(CLI::App& command, tools::KeySource& keys) : command_(command), keys_(keys) {}

    template <class Value>
    CLI::Option* optional(const char* name, Value& value, const char* text) {
        return command_.add_option(name, value, text);
    }
    template <class Value>
    CLI::Option* required(const char* name, Value& value, const char* text) {
        return optional(name, value, text)->required();
    }
    /// A whole number in decimal digits.
    CLI::Option* number(const char* name, std::uint64_t& value, const char* text);
    CLI::Option* flag(const char* name, bool& value, const char* text);
    /// --private_key, --keystore, --password_file.
    void key();
    void password_file();
    /// `--var NAME=VALUE`, as often as wanted.
    void variables(std::vector<std::string>& words);
    /// Without any of them the usage is wrong; `wanted` is what is missing then.
    void require_one(std::vector<CLI::Option*> options, const char* wanted);

    CLI::App& parser() noexcept { return command_; }
    /// Throws what CLI11 throws of wrong usage.
    void check() const;

private:
    CLI::App& command_;
    tools::KeySource& keys_;
    /// Stands for the value of --private_key, which never gets into the parser.
    std::string private_key_word_;
    std::vector<std::pair<std::vector<CLI::Option*>, const char*>> wanted_;
};

/// What a command's help says.
struct About {
    const char* name;
    const char* text;
    /// A line that works once its variables are set; empty: none.
    const char* example = "";
};

/// Commands are added to a group, or to the program itself.
class Group {
public:
    Group(CLI::App& app, tools::KeySource& keys, Action& action) : app_(app), keys_(keys), action_(action) {}

    /// `dt-cli NAME COMMAND`.
    Group group(const char* name, const char* text) const;
    template <class Command>
    void add() const {
        const auto command = std::make_shared<Command>();
        const auto args = make_args(Command::about);
        command->declare(*args);
        args->parser().callback([&action = action_, command, args] {
            args->check();
            action = [command](Session& session) { return command->run(session); };
        });
    }

private:
    std::shared_ptr<Args> make_args(const About& about) const;

    CLI::App& app_;
    tools::KeySource& keys_;
    Action& action_;
};

/// The commands of one group, in a file of its own.
void add_system(const Group& program);
/// `system keys` and what changes them.
void add_system_keys(const Group& system);
void add_asset(const Group& program);
void add_job(const Group& program);
/// `job receipt`, within the group of `job`.
void add_job_receipt(const Group& job);
void add_tracer(const Group& program);
void add_chain(const Group& program);
/// `chain serve`, within the group of `chain`.
void add_chain_serve(const Group& chain);
void add_key(const Group& program);
void add_verify(const Group& program);
void add_sandbox(const Group& program);
void add_data(const Group& program);
void add_artifact(const Group& program);
void add_model(const Group& program);
void add_operator(const Group& program);
void add_provider(const Group& program);

/// The token of a flag that may be absent.
Result<std::optional<TokenId>> optional_token(const std::string& text);

}  // namespace c2d::cli
