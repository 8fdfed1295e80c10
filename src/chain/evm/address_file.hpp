/// The file that says where the contracts of each network stand:
/// {"<network>": {"RoleController": "0x…", "AssetProvider": …}}.
#pragma once

#include "codec/json.hpp"

#include <c2d/chain_node.hpp>

#include <span>

namespace c2d::evm {

/// Those that are deployed; they tell where those stand that they made.
inline constexpr auto kDeployed = std::span(kContracts).first(kDeployedContracts);

/// The addresses out of one network's object.
Result<ContractAddresses> contracts_of(const json::Value& network);
/// Fails with `not_found` when file or network are absent.
Result<ContractAddresses> read_address_file(const std::string& path, const std::string& network);

/// An address file to which a network is going to be added.
class AddressFile {
public:
    /// Reads it, or begins an empty one. Fails with `conflict` and the name `network_exists` when
    /// it has the network and that must stay.
    static Result<AddressFile> open_for(const std::string& path, const std::string& network, bool replace);
    /// Adds the network or replaces its entry; the others stay. The old file or the new one is
    /// there, never a part.
    Result<Unit> write(const ContractAddresses& contracts);

private:
    AddressFile(std::string path, std::string network, json::Value content)
        : path_(std::move(path)), network_(std::move(network)), content_(std::move(content)) {}
    std::string path_, network_;
    json::Value content_;
};

}  // namespace c2d::evm
