// c2d-provider: a bank's provider service. Reads CONFIG_FILE (or --config), answers on query_port.

#include "base/call_scope.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "tools/end_signals.hpp"
#include "tools/hangup_signal.hpp"
#include "tools/http_server.hpp"
#include "tools/key_source.hpp"
#include "tools/process_hardening.hpp"
#include "tools/provider/provider_settings.hpp"

#include <c2d/settings.hpp>

#include <CLI/CLI.hpp>
#include <fmt/ranges.h>

#include <atomic>
#include <cstdio>
#include <optional>

namespace {

using namespace c2d;

/// From the signal to the end, whatever stalls.
constexpr std::chrono::seconds kEndLimit{8};

/// The key of the service: [provider] keystore (a file, or a PKCS#11 URI) with password_file, else private_key, else
/// C2D_PRIVATE_KEY.
Result<std::shared_ptr<Signer>> provider_key(const Config& config, tools::KeySource source, Logger& logger) {
    if (const auto keystore = config.get("provider", "keystore")) source.keystore = tools::key_place(config, *keystore);
    if (const auto file = config.get("provider", "password_file"))
        source.password_file = config.resolve(*file).string();
    if (const auto key = config.view("provider", "private_key"); key && source.keystore.empty()) {
        source.private_key = SecretBytes::copy_of(*key);
        if (const auto why = exposure_of(config.file()); !why.empty())
            logger.log(LogLevel::warn, "the configuration holds private_key, and " + why +
                                           "; better: [provider] keystore and password_file");
    }
    return tools::load_key(source);
}

/// What has begun may end by itself, for a while; what is queued goes on with the next start.
void finish_runs(Provider& provider, const tools::EndInTime& end, std::chrono::seconds time, Logger& logger) {
    provider.hold(true);
    if (time == time.zero()) return;
    logger.log(LogLevel::info,
               fmt::format("draining: what runs has {} s to end; a second signal ends it now", time.count()));
    const CallScope scope(CallScope::kNever, &end.hurry());
    provider.drain();
}

/// What SIGHUP does: the configuration is read anew, and what may change of it takes effect.
class Reloading {
public:
    Reloading(std::string config_flag, tools::ConfigMarks marks, std::chrono::seconds drain)
        : config_flag_(std::move(config_flag)), marks_(std::move(marks)), drain_(drain) {}

    std::chrono::seconds drain() const { return drain_; }

    /// On one thread at a time.
    void reload(Provider& provider, tools::EndInTime& end, Logger& logger) {
        if (const auto reloaded = try_reload(provider, end, logger); !reloaded)
            logger.log(LogLevel::error,
                       "SIGHUP: the configuration cannot be used, and nothing of it is: " + reloaded.error().message);
    }

private:
    Result<Unit> try_reload(Provider& provider, tools::EndInTime& end, Logger& logger) {
        C2D_TRY(const auto config, read_config(config_flag_));
        C2D_TRY(const auto options, tools::provider_options(config));
        C2D_TRY(const auto drain, tools::drain_time(config));
        C2D_CHECK(provider.reconfigure(options));
        drain_ = drain;
        end.finish_within(drain);
        auto marks = tools::config_marks(config);
        const auto changes = tools::changes_between(marks_, marks);
        logger.log(LogLevel::info, changes.in_effect.empty()
                                       ? std::string("SIGHUP: nothing changed of what takes effect without a restart")
                                       : fmt::format("SIGHUP: in effect now: {}", fmt::join(changes.in_effect, ", ")));
        if (!changes.need_restart.empty())
            logger.log(LogLevel::warn,
                       fmt::format("SIGHUP: changed, but needs a restart: {}", fmt::join(changes.need_restart, ", ")));
        // What needs a restart is named until it had one.
        for (const auto& key : changes.need_restart) {
            const auto before = marks_.find(key);
            if (before == marks_.end())
                marks.erase(key);
            else
                marks[key] = before->second;
        }
        marks_ = std::move(marks);
        return Unit{};
    }

    const std::string config_flag_;
    tools::ConfigMarks marks_;
    std::atomic<std::chrono::seconds> drain_;
};

Result<int> serve(const std::string& config_flag, ConfigOverrides chain, bool verbose, tools::KeySource environment) {
    tools::HangupSignal hangup;
    tools::EndInTime end(kEndLimit);
    std::optional<CallScope> opening(std::in_place, CallScope::kNever, &end.token());
    const auto logger = Logger::standard_error(verbose ? LogLevel::debug : LogLevel::info);
    C2D_TRY(auto config, read_config(config_flag));
    C2D_TRY(auto options, tools::provider_options(config));
    C2D_TRY(const auto listen, tools::server_options(config));
    C2D_TRY(options.signer, provider_key(config, std::move(environment), *logger));
    C2D_TRY(const auto drain, tools::drain_time(config));
    end.finish_within(drain);
    Reloading reloading(config_flag, tools::config_marks(config), drain);
    options.logger = logger;
    if (options.allow_collusion)
        logger->log(LogLevel::warn,
                    "allow_collusion is set: one organisation may control several parties of "
                    "a protocol that bears only one; the data of the others are NOT protected");
    // Its own memory of the ledger, beside its other state.
    chain.trust_dir = (options.exec_dirpath / "trust").string();
    chain.logger = logger;
    C2D_TRY(auto registry, open_registry(config, chain));
    config = Config();  // clears the key that it may hold
    // The state is touched last: a start that cannot have the folder or the port leaves it alone.
    options.defer_start = true;
    C2D_TRY(auto provider, Provider::open(registry, options));
    C2D_TRY(const auto server,
            tools::HttpServer::start(listen, [&provider](HttpRequest request, tools::HttpServer::Answered done) {
                provider.answer(std::move(request), std::move(done));
            }));
    C2D_CHECK(provider.start());
    opening.reset();
    logger->log(LogLevel::info, fmt::format("provider {} listens on http://{}:{}", address_text(provider.address()),
                                            listen.host, server->port()));
    hangup.start([&] { reloading.reload(provider, end, *logger); });
    end.wait();
    hangup.stop();
    finish_runs(provider, end, reloading.drain(), *logger);
    logger->log(LogLevel::info, "ending: running operators are cancelled");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    tools::keep_memory_private();
    tools::KeySource environment;
    tools::take_secrets_from_environment(environment);
    std::string config;
    ConfigOverrides chain;
    bool verbose = false;
    CLI::App app("c2d-provider: verify requests and run operators next to the data", "c2d-provider");
    app.set_version_flag("--version", C2D_VERSION);
    app.add_option("--config", config, "configuration file (else CONFIG_FILE, else ./config.ini)");
    app.add_option("--ledger", chain.ledger, "ledger file, instead of network_url");
    app.add_flag("--clock_ok", chain.clock_ok, "this machine's clock is right, though it jumped");
    app.add_flag("--verbose", verbose, "say more on standard error");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    const auto status = serve(config, chain, verbose, std::move(environment));
    if (status) return *status;
    std::fprintf(stderr, "error: %s\n", display_line(status.error().message).c_str());
    return 1;
}
