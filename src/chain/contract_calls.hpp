/// One way to call a contract, whichever node receives it: a signed transaction for writes, ABI
/// data for views, coded events read as refusals.
#pragma once

#include "base/try.hpp"
#include "codec/transaction.hpp"
#include "contracts/interface.hpp"

#include <c2d/chain_node.hpp>

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

namespace c2d {

class ContractCalls {
public:
    /// `locks`: a folder where processes that share a key wait for each other; empty: they do not.
    ContractCalls(ChainNode& node, const NetworkInfo& network, std::string locks = {},
                  std::chrono::milliseconds lock_timeout = {})
        : node_(node),
          chain_id_(network.chain_id),
          contracts_(network.contracts),
          locks_(std::move(locks)),
          lock_timeout_(lock_timeout) {}

    /// Signs, submits, waits for the receipt. A non-zero code in any coded event of the called
    /// contract is the error `refused`.
    template <class Function, class... Arguments>
    Result<Receipt> send(Signer& signer, const Function& function, const Arguments&... arguments) {
        return send_call(signer, function, Function::call(arguments...));
    }
    template <class Function, class... Arguments>
    Result<typename Function::Returned> view(const Function& function, const Arguments&... arguments) const {
        C2D_TRY(const auto data, ask(function, Function::call(arguments...)));
        auto answer = Function::read_answer(data);
        if (!answer) return malformed(function, answer.error());
        return answer;
    }

    /// The same with what is known only while running: a function, and its call.
    Result<Receipt> send_call(Signer& signer, const contracts::Function& function, Bytes data);
    Result<Bytes> ask(const contracts::Function& function, const Bytes& data) const;

private:
    /// Signs with the account's next nonce and submits; anew while others were faster.
    Result<Receipt> send_in_turn(Signer& signer, Transaction transaction);

    static Error malformed(const contracts::Function& function, const Error& why);

    ChainNode& node_;
    const std::uint64_t chain_id_;
    const ContractAddresses contracts_;
    const std::string locks_;
    const std::chrono::milliseconds lock_timeout_;
    /// One write at a time, so that two threads do not take the same nonce.
    std::mutex write_mutex_;
};

/// The first `event` of `contract` in a receipt; `corrupt` when it is absent.
Result<const Log*> log_of(const Receipt& receipt, const Address& contract, const abi::Event& event);
template <class Event>
Result<typename Event::Told> event_of(const Receipt& receipt, const Address& contract, const Event& event) {
    C2D_TRY(const Log* log, log_of(receipt, contract, event));
    return event.decode(log->topics, log->data);
}

}  // namespace c2d
