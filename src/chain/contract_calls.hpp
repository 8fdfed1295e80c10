/// One way to call a contract, whichever node receives it: a signed transaction for writes, ABI
/// data for views, coded events read as refusals.
#pragma once

#include "codec/transaction.hpp"
#include "contracts/interface.hpp"

#include <c2d/chain_node.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace c2d {

struct ContractRef {
    std::string_view name;
    Address address;
};

class ContractCalls {
public:
    /// `turns`: a folder where processes that share a key wait for each other; empty: they do not.
    ContractCalls(ChainNode& node, std::uint64_t chain_id, std::string turns = {},
                  std::chrono::milliseconds patience = {})
        : node_(node), chain_id_(chain_id), turns_(std::move(turns)), patience_(patience) {}

    /// Signs, submits, waits for the receipt. A non-zero code in any coded event of the called
    /// contract is the error `refused`.
    Result<Receipt> send(Signer& signer, const ContractRef& contract, const contracts::Function& function,
                         const std::vector<abi::Value>& arguments);
    Result<std::vector<abi::Value>> view(const Address& contract, const contracts::Function& function,
                                         const std::vector<abi::Value>& arguments) const;
    Result<bool> view_bool(const Address& contract, const contracts::Function& function,
                           const std::vector<abi::Value>& arguments) const;

private:
    /// Signs with the account's next nonce and submits; anew while others were faster.
    Result<Receipt> send_in_turn(Signer& signer, Transaction transaction);

    ChainNode& node_;
    const std::uint64_t chain_id_;
    const std::string turns_;
    const std::chrono::milliseconds patience_;
    /// One write at a time, so that two threads do not take the same nonce.
    std::mutex write_mutex_;
};

/// The first `event` of `contract` in a receipt; `corrupt` when it is absent.
Result<std::vector<abi::Value>> event_of(const Receipt& receipt, const Address& contract, const abi::Event& event);

}  // namespace c2d
