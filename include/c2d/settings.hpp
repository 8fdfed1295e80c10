/// What a configuration file says of chain and documents, opened as dt-cli and c2d-provider open it.
#pragma once

#include <c2d/asset_registry.hpp>
#include <c2d/config.hpp>

#include <memory>
#include <string>

namespace c2d {

/// The file `named`, else the one that the environment's CONFIG_FILE names, else ./config.ini if it is there.
Result<Config> read_config(const std::string& named = {});

/// The user's folder for what programs remember of ledgers; empty without a home.
std::string user_trust_dir();

/// What a program puts in the place of its configuration file, or adds to it.
struct ConfigOverrides {
    /// A ledger file, with or without "ledger:" before it, instead of network_url.
    std::string ledger = {};
    /// See `ChainOptions::clock_ok`.
    bool clock_ok = false;
    /// Where the last head of a ledger is kept, unless C2D_TRUST_DIR or the file says so.
    std::string trust_dir = user_trust_dir();
    std::shared_ptr<Clock> clock = {};
    std::shared_ptr<Random> random = {};
    std::shared_ptr<Logger> logger = {};
};

/// Where the chain stands and how to talk to it: C2D_NETWORK_URL, else [keeper] network_url, and the other chain keys
/// of [keeper]. Fails with `invalid_argument` or `not_found`, naming the key.
Result<ChainOptions> chain_options(const Config& config, const ConfigOverrides& overrides = {});

/// The store that [keeper] ipfs_endpoint names: a folder, or an IPFS node.
Result<std::shared_ptr<DocumentStore>> open_documents(const Config& config);

/// Opens chain and document store as configured.
Result<AssetRegistry> open_registry(const Config& config, const ConfigOverrides& overrides = {});

}  // namespace c2d
