/// Whether the contracts stand where an address file says: a wrong address takes any call, and the fee.
#pragma once

#include <c2d/chain_node.hpp>

#include <string>
#include <vector>

namespace c2d::evm {

/// What a contract of ours must answer when it is asked for another one.
struct Wire {
    const char* contract;
    Address at;
    const char* view;
    Address expected;
};
std::vector<Wire> wires(const ContractAddresses& at);

/// Asks each contract something that no other one knows, and ours for each other. What is wrong, for
/// people; empty when nothing is. Fails when the node does not answer.
Result<std::string> wrong_contract(ChainNode& node, const ContractAddresses& at);

}  // namespace c2d::evm
