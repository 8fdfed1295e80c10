/// What every command of dt-cli shares: flags, and how they become chain, registry and key.
#pragma once

#include "tools/cli/attributes.hpp"
#include "tools/cli/output.hpp"
#include "tools/key_source.hpp"

#include <c2d/settings.hpp>

#include <CLI/CLI.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace c2d::cli {

/// Flags by their names; a command reads those it declared.
struct Flags {
    std::string config, ledger;
    tools::KeySource key;
    /// Stands for the value of --private_key, which never gets into the parser.
    std::string private_key_word;
    /// C2D_PASSWORD is needed once more after the key was read.
    bool keep_password = false;
    std::string name, desc, address, attr_file, store_path, id, cdt, dt,
        format = "text", out, signer, head, file, folder, host = "127.0.0.1", network, address_file;
    std::vector<std::string> prefix_path, vars, argv, receipts;
    std::uint64_t task_id = 0, job_id = 0, start = 0, count = 100, port = 0, from = 0;
    bool wait = false, check = false, explain = false, verbose = false, force = false, clock_ok = false;
    // sandbox run
    std::string job, code, report;
    std::uint64_t mem_mb = 4096, pids = 64, out_mb = 256, out_files = 64, tmp_mb = 256, wall_s = 3600, log_kb = 1024;
};

/// Opens things as the flags say.
class Session {
public:
    Session(Flags& given, const Output& out) : flags(given), output(out) {}

    Flags& flags;
    const Output& output;

    Result<AssetRegistry> registry() const;
    /// Forgets what the key was made of.
    Result<std::shared_ptr<PrivateKey>> key() const;
    Result<Config> config() const { return read_config(flags.config); }
    /// Of the network that flags, environment and configuration name.
    Result<ChainOptions> chain_options() const;
    /// What the flags say of the chain.
    ConfigOverrides overrides() const;
    std::shared_ptr<Logger> logger() const;
    /// `--id`, when it is given.
    Result<std::optional<TokenId>> id() const;
};

/// Runs one command: 0 done, 1 refused or failed.
using Action = std::function<Result<int>(Session&)>;

/// Declares the commands of one group on `app`; choosing one sets `action`.
void add_system(CLI::App& app, Flags& flags, Action& action);
void add_asset(CLI::App& app, Flags& flags, Action& action);
void add_job(CLI::App& app, Flags& flags, Action& action);
/// `job receipt`, within the group of `job`.
void add_job_receipt(CLI::App& job_group, Flags& flags, Action& action);
void add_tracer(CLI::App& app, Flags& flags, Action& action);
void add_chain(CLI::App& app, Flags& flags, Action& action);
/// `chain serve`, within the group of `chain`.
void add_chain_serve(CLI::App& chain_group, Flags& flags, Action& action);
void add_key(CLI::App& app, Flags& flags, Action& action);
void add_verify(CLI::App& app, Flags& flags, Action& action);
void add_sandbox(CLI::App& app, Flags& flags, Action& action);

/// Takes 0 to 2^64 - 1 in decimal digits, and says so of anything else.
CLI::Validator whole_number();

/// --private_key, --keystore, --password_file.
void add_key_flags(CLI::App& command, Flags& flags);
CLI::App* add_command(CLI::App& group, const std::string& name, const std::string& text, Action& action,
                      Result<int> (*run)(Session&));

}  // namespace c2d::cli
