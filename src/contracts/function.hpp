/// What the six contracts are made of: which one a function belongs to, and its types.
#pragma once

#include "codec/abi_function.hpp"

#include <c2d/chain_node.hpp>

#include <string_view>

namespace c2d::contracts {

/// Places in kContracts.
enum class Contract : std::size_t {
#define C2D_X(member, name) member,
    C2D_CONTRACT_LIST(C2D_X)
#undef C2D_X
};
constexpr const char* name_of(Contract contract) { return kContracts[std::size_t(contract)].name; }
inline const Address& address_of(const ContractAddresses& all, Contract contract) {
    return all.*kContracts[std::size_t(contract)].address;
}

/// One function, whichever types it has: "name(types)" and "types" of what it returns.
struct Function {
    Contract contract;
    std::string_view signature;
    std::string_view returns;

    std::string_view name() const { return signature.substr(0, signature.find('(')); }
    /// "TaskMarket.closeTask".
    std::string title() const { return std::string(name_of(contract)) + "." + std::string(name()); }
    bool operator==(const Function&) const = default;
    /// A call changes the state and leaves an event; it returns nothing.
    bool changes_state() const { return returns.empty(); }
};

/// One function with its types.
template <Contract kContract, abi::Text kName, class Shape>
struct Method : abi::Function<kName, Shape> {
    static constexpr Contract contract = kContract;
    constexpr operator contracts::Function() const { return {kContract, Method::signature, Method::returns}; }
};

}  // namespace c2d::contracts
