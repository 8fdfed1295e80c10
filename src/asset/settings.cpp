#include "base/endpoint.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"

#include <c2d/settings.hpp>

#include <charconv>
#include <cstdlib>

namespace c2d {

namespace {

std::string environment(const char* name) {
    const char* value = std::getenv(name);
    return value ? value : "";
}

}  // namespace

Result<Config> read_config(const std::string& named_file) {
    if (!named_file.empty()) return Config::read(named_file);
    const auto named = environment("CONFIG_FILE");
    if (!named.empty()) return Config::read(named);
    std::error_code ignored;
    if (std::filesystem::exists("config.ini", ignored)) return Config::read("config.ini");
    return Config();
}

namespace {

/// `ledger:PATH` from the overrides, else the environment, else the file; a relative path is resolved as the
/// configuration says, one of the overrides stands.
Result<std::string> network_url(const Config& config, const std::string& ledger) {
    if (!ledger.empty()) {
        auto url = normal_endpoint(ledger);
        return url.starts_with(kLedgerScheme) ? url : std::string(kLedgerScheme) + ledger;
    }
    std::string url = environment("C2D_NETWORK_URL");
    if (url.empty() && config.file().empty())
        return fail(Status::NOT_FOUND,
                    "no configuration says which network to use: ./config.ini is not there; write one with network_url "
                    "in section [keeper], name another by --config or CONFIG_FILE, or set C2D_NETWORK_URL");
    if (url.empty()) {
        C2D_TRY(url, config.require("keeper", "network_url"));
    }
    url = normal_endpoint(url);
    if (!url.starts_with(kLedgerScheme) || url == "ledger::memory:") return url;
    return std::string(kLedgerScheme) + config.resolve(url.substr(kLedgerScheme.size())).string();
}

/// A whole number of [keeper]; the default when it is absent.
Result<std::uint64_t> keeper_number(const Config& config, std::string_view key, std::uint64_t otherwise) {
    const auto text = config.get("keeper", key);
    if (!text) return otherwise;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
    if (error != std::errc() || end != text->data() + text->size())
        return fail(Status::INVALID_ARGUMENT, "[keeper] {}: expected a whole number, found \"{}\"", key, *text);
    return value;
}

/// What is named must work; a folder that nobody asked for may be impossible here.
std::string choose_trust_dir(const Config& config, const std::string& otherwise, Logger* logger) {
    auto named = environment("C2D_TRUST_DIR");
    if (!named.empty()) return named;
    if (const auto dir = config.get("keeper", "trust_dir")) return config.resolve(*dir).string();
    if (!otherwise.empty() && make_private_folder(otherwise).ok()) return otherwise;
    if (logger)
        logger->log(
            LogLevel::warn,
            "no folder to remember a ledger's head in, which is then replayed and trusted as it is now, nor to wait "
            "for other processes that send with the same key; set C2D_TRUST_DIR or [keeper] trust_dir");
    return {};
}

/// [keeper] block_time: nothing, when it is as known of the chain.
Result<std::optional<bool>> block_time_unit(const Config& config) {
    const auto text = config.get("keeper", "block_time");
    if (!text) return std::optional<bool>();
    if (*text == "milliseconds" || *text == "seconds") return std::optional<bool>(*text == "milliseconds");
    return fail(Status::INVALID_ARGUMENT, "[keeper] block_time: expected seconds or milliseconds, found \"{}\"", *text);
}

/// [keeper] read_block.
Result<ReadBlock> read_block(const Config& config) {
    const auto text = config.get("keeper", "read_block").value_or("latest");
    if (text == "latest") return ReadBlock::latest;
    if (text == "finalized") return ReadBlock::finalized;
    if (text == "confirmations") return ReadBlock::confirmations;
    return fail(Status::INVALID_ARGUMENT,
                "[keeper] read_block: expected latest, finalized or confirmations, found \"{}\"", text);
}

}  // namespace

std::string user_trust_dir() {
    const auto state = environment("XDG_STATE_HOME");
    if (!state.empty()) return state + "/c2d";
    const auto home = environment("HOME");
    return home.empty() ? home : home + "/.local/state/c2d";
}

Result<ChainOptions> chain_options(const Config& config, const ConfigOverrides& overrides) {
    ChainOptions options;
    C2D_TRY(options.network_url, network_url(config, overrides.ledger));
    options.clock_ok = overrides.clock_ok;
    options.trust_dir = choose_trust_dir(config, overrides.trust_dir, overrides.logger.get());
    if (const auto file = config.get("keeper", "address_file")) options.address_file = config.resolve(*file).string();
    options.network_name = config.get("keeper", "network_name").value_or("");
    C2D_TRY(options.rpc.chain_id, keeper_number(config, "chain_id", 0));
    C2D_TRY(options.rpc.confirmations, keeper_number(config, "confirmations", 0));
    C2D_TRY(options.rpc.first_block, keeper_number(config, "first_block", 0));
    options.rpc.force_legacy = config.get("keeper", "force_legacy") == "true";
    options.rpc.methods = config.get("keeper", "rpc_methods").value_or("eth");
    options.rpc.address_prefix = config.get("keeper", "address_prefix").value_or("");
    C2D_TRY(options.rpc.milliseconds, block_time_unit(config));
    C2D_TRY(options.rpc.read_block, read_block(config));
    if (config.get("keeper", "gas_price")) {
        C2D_TRY(options.rpc.gas_price, keeper_number(config, "gas_price", 0));
    }
    options.clock = overrides.clock;
    options.random = overrides.random;
    options.logger = overrides.logger;
    return options;
}

Result<std::shared_ptr<DocumentStore>> open_documents(const Config& config) {
    const auto endpoint = normal_endpoint(config.get("keeper", "ipfs_endpoint").value_or("dir:./documents"));
    if (endpoint.starts_with(kDirectoryScheme))
        return DocumentStore::directory(config.resolve(endpoint.substr(kDirectoryScheme.size())));
    auto store = DocumentStore::ipfs({endpoint, nullptr, config.get("keeper", "ipfs_authorization").value_or("")});
    if (!store) return fail(store.status(), "ipfs_endpoint: {}; or dir:PATH", store.error().message);
    return store;
}

Result<AssetRegistry> open_registry(const Config& config, const ConfigOverrides& overrides) {
    C2D_TRY(const auto settings, chain_options(config, overrides));
    C2D_TRY(auto chain, Chain::open(settings));
    AssetRegistryOptions options;
    C2D_TRY(options.documents, open_documents(config));
    options.clock = overrides.clock;
    options.random = overrides.random;
    options.logger = overrides.logger;
    options.accept_legacy_checksum = config.get("keeper", "accept_legacy_checksum") == "true";
    return AssetRegistry::open(std::move(chain), std::move(options));
}

}  // namespace c2d
