/// One way to call a contract, whichever node receives it: a signed transaction for writes, ABI
/// data for views, coded events read as refusals.
#pragma once

#include "contracts/interface.hpp"

#include <c2d/chain_node.hpp>

#include <memory>
#include <mutex>

namespace c2d {

struct ContractRef {
    std::string_view name;
    Address address;
};

class ContractCalls {
public:
    ContractCalls(ChainNode& node, std::uint64_t chain_id) : node_(node), chain_id_(chain_id) {}

    /// Signs, submits, waits for the receipt. A non-zero code in any coded event of the called
    /// contract is the error `refused`.
    Result<Receipt> send(Signer& signer, const ContractRef& contract,
                         const contracts::Function& function,
                         const std::vector<abi::Value>& arguments);
    Result<std::vector<abi::Value>> view(const Address& contract, const contracts::Function& function,
                                         const std::vector<abi::Value>& arguments) const;
    Result<bool> view_bool(const Address& contract, const contracts::Function& function,
                           const std::vector<abi::Value>& arguments) const;

private:
    ChainNode& node_;
    const std::uint64_t chain_id_;
    /// One write at a time, so that two threads do not take the same nonce.
    std::mutex write_mutex_;
};

/// The first `event` of `contract` in a receipt; `corrupt` when it is absent.
Result<std::vector<abi::Value>> event_of(const Receipt& receipt, const Address& contract,
                                         const abi::Event& event);

}  // namespace c2d
