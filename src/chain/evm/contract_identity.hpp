/// Whether the contracts stand where an address file says: a wrong address takes any call, and the fee.
#pragma once

#include "contracts/function.hpp"

#include <string>
#include <vector>

namespace c2d::evm {

/// What a contract of ours must answer when it is asked for another one.
struct Wire {
    contracts::Contract contract;
    /// A view of that contract, without arguments, that tells where the other one stands.
    Bytes question;
    std::string_view view;
    contracts::Contract other;
    /// Of the rules, from which on there is that view.
    std::uint64_t edition;
};
const std::vector<Wire>& wires();

/// Asks each contract something that no other one knows, and ours for each other. What is wrong, for
/// people; empty when nothing is. Fails when the node does not answer.
Result<std::string> wrong_contract(ChainNode& node, const ContractAddresses& at);

}  // namespace c2d::evm
