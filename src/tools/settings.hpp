/// What dt-cli and c2d-provider read alike: configuration, chain and documents.
#pragma once

#include <c2d/asset_registry.hpp>
#include <c2d/config.hpp>

#include <memory>
#include <optional>
#include <string>

namespace c2d::tools {

/// The file named by `flag`, else by CONFIG_FILE, else ./config.ini if it is there.
Result<Config> read_config(const std::string& flag);

/// What a program's flags say of the chain.
struct ChainFlags {
    /// `--ledger`: a ledger file, instead of network_url.
    std::string ledger;
    /// `--clock_ok`: see `ChainOptions::clock_ok`.
    bool clock_ok = false;
};

/// `ledger:PATH` from the flag `--ledger`, else C2D_NETWORK_URL, else [keeper] network_url; a
/// relative ledger path is resolved as the configuration says.
Result<std::string> network_url(const Config& config, const std::string& ledger_flag);

/// The user's folder for what programs remember of ledgers; empty where there is no home.
std::string user_trust_dir();

/// Where the chain stands and how to talk to it: [keeper] network_url, address_file, network_name,
/// chain_id, gas_price, force_legacy, confirmations, first_block, rpc_methods, address_prefix,
/// block_time. The last head is kept in C2D_TRUST_DIR, else [keeper] trust_dir, else `trust_dir`.
Result<ChainOptions> chain_options(const Config& config, const ChainFlags& flags,
                                   std::shared_ptr<Logger> logger,
                                   const std::string& trust_dir = user_trust_dir());

/// Opens chain and document store as configured.
Result<AssetRegistry> open_registry(const Config& config, const ChainFlags& flags,
                                    std::shared_ptr<Logger> logger,
                                    const std::string& trust_dir = user_trust_dir());

}  // namespace c2d::tools
