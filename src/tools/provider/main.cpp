// c2d-provider: a bank's provider service. Reads CONFIG_FILE (or --config), answers on query_port.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "tools/end_signals.hpp"
#include "tools/http_server.hpp"
#include "tools/provider/provider_settings.hpp"
#include "tools/settings.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>

namespace {

using namespace c2d;

/// The key of the service: [provider] keystore with password_file, else private_key, else
/// C2D_PRIVATE_KEY.
Result<std::shared_ptr<PrivateKey>> provider_key(const Config& config) {
    tools::KeySource source;
    if (const auto keystore = config.get("provider", "keystore")) source.keystore = config.resolve(*keystore).string();
    if (const auto file = config.get("provider", "password_file")) source.password_file = config.resolve(*file).string();
    if (source.keystore.empty()) source.private_key = config.get("provider", "private_key").value_or("");
    return tools::load_key(source);
}

Result<int> serve(const std::string& config_flag, const tools::ChainFlags& chain, bool verbose) {
    const tools::EndSignals signals;
    const auto logger = Logger::standard_error(verbose ? LogLevel::debug : LogLevel::info);
    C2D_TRY(const auto config, tools::read_config(config_flag));
    C2D_TRY(auto options, tools::provider_options(config));
    C2D_TRY(const auto listen, tools::server_options(config));
    C2D_TRY(options.signer, provider_key(config));
    options.logger = logger;
    if (options.allow_collusion)
        logger->log(LogLevel::warn, "allow_collusion is set: one organisation may control several parties of "
                                    "a protocol that bears only one; the data of the others are NOT protected");
    // Its own memory of the ledger, beside its other state.
    C2D_TRY(auto registry, tools::open_registry(config, chain, logger,
                                                (options.exec_dirpath / "trust").string()));
    C2D_TRY(auto provider, Provider::open(registry, options));
    C2D_TRY(const auto server, tools::HttpServer::start(
                                   listen, [&provider](const HttpRequest& r) { return provider.handle(r); }));
    logger->log(LogLevel::info, fmt::format("provider {} listens on http://{}:{}",
                                            address_text(provider.address()), listen.host, server->port()));
    signals.wait();
    logger->log(LogLevel::info, "ending: running operators are cancelled");
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    std::string config;
    tools::ChainFlags chain;
    bool verbose = false;
    CLI::App app("c2d-provider: verify requests and run operators next to the data", "c2d-provider");
    app.set_version_flag("--version", C2D_VERSION);
    app.add_option("--config", config, "configuration file (else CONFIG_FILE, else ./config.ini)");
    app.add_option("--ledger", chain.ledger, "ledger file, instead of network_url");
    app.add_flag("--clock_ok", chain.clock_ok, "this machine's clock is right, though it jumped");
    app.add_flag("--verbose", verbose);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    const auto status = serve(config, chain, verbose);
    if (status) return *status;
    std::fprintf(stderr, "error: %s\n", status.error().message.c_str());
    return 1;
}
