#include "chain/contract_calls.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/nonce_lock.hpp"
#include "crypto/hash.hpp"

namespace c2d {

namespace {

/// Other processes may use the same key: a taken nonce is asked for anew, a bounded number of times.
constexpr int kNonceTries = 16;

/// The code is the last value of every event. The first non-zero one of the called contract
/// counts: the original contracts may follow a refusal with a success.
Result<std::uint64_t> refusal_code(const Receipt& receipt, const Address& contract) {
    bool coded = false;
    for (const auto& log : receipt.logs) {
        if (log.address != contract || log.topics.empty()) continue;
        for (const auto* event : contracts::kEvents) {
            if (log.topics[0] != event->topic) continue;
            C2D_TRY(const auto values, abi::decode_event(*event, log.topics, log.data));
            coded = true;
            const auto code = values.back().number();
            if (code != contracts::kSuccess) return code;
        }
    }
    if (!coded)
        return fail(Status::CORRUPT, "the receipt of {} holds no event of the called contract",
                    hex_text(receipt.transaction.view()));
    return std::uint64_t(contracts::kSuccess);
}

Error refusal(const contracts::Function& function, std::uint64_t code, const Receipt& receipt) {
    Error error = fail(Status::REFUSED, "{} refused with code {} ({}): {}", function.title(), code,
                       contracts::code_name(code), contracts::code_text(code));
    error.source = contracts::name_of(function.contract);
    error.code = code;
    error.name = contracts::code_name(code);
    error.transaction = receipt.transaction.data;
    return error;
}

/// A ledger refuses a sender for whom no role stands in place of its contracts, and says no more than they would.
Error of_function(const contracts::Function& function, Error error) {
    if (error.status == Status::REFUSED && error.name == contracts::code_name(contracts::kNoPermission))
        error.source = contracts::name_of(function.contract);
    return error;
}

}  // namespace

Result<const Log*> log_of(const Receipt& receipt, const Address& contract, const abi::Event& event) {
    for (const auto& log : receipt.logs)
        if (log.address == contract && !log.topics.empty() && log.topics[0] == event.topic) return &log;
    return fail(Status::CORRUPT, "the receipt of {} lacks the event {}", hex_text(receipt.transaction.view()),
                event.signature);
}

Result<Receipt> ContractCalls::send_call(Signer& signer, const contracts::Function& function, Bytes data) {
    const Address& contract = contracts::address_of(contracts_, function.contract);
    Transaction transaction;
    transaction.chain_id = chain_id_;
    transaction.to = contract;
    transaction.data = std::move(data);
    C2D_TRY(const auto gas, node_.gas_terms(signer.address(), contract, transaction.data));
    transaction.type = gas.dynamic_fee ? Transaction::Type::dynamic_fee : Transaction::Type::legacy;
    transaction.gas_limit = gas.gas_limit;
    transaction.gas_price = gas.gas_price;
    transaction.priority_fee = gas.priority_fee;

    auto receipt = send_in_turn(signer, std::move(transaction));
    if (!receipt) return of_function(function, std::move(receipt).error());
    if (!receipt->succeeded) return fail(Status::REFUSED, "{} reverted", function.title());
    C2D_TRY(const auto code, refusal_code(*receipt, contract));
    if (code != contracts::kSuccess) return refusal(function, code, *receipt);
    return receipt;
}

Result<Receipt> ContractCalls::send_in_turn(Signer& signer, Transaction transaction) {
    const std::lock_guard lock(write_mutex_);
    std::optional<NonceLock> held;
    if (!locks_.empty()) {
        C2D_TRY(held, NonceLock::take(locks_, chain_id_, signer.address(), lock_timeout_));
    }
    for (int tries = 1;; ++tries) {
        C2D_TRY(transaction.nonce, node_.nonce(signer.address()));
        C2D_TRY(const auto signed_transaction, sign_transaction(transaction, signer));
        auto receipt = node_.submit(signed_transaction.raw);
        if (receipt || receipt.status() != Status::CONFLICT || tries == kNonceTries) return receipt;
    }
}

Result<Bytes> ContractCalls::ask(const contracts::Function& function, const Bytes& data) const {
    return node_.call(contracts::address_of(contracts_, function.contract), data);
}

Error ContractCalls::malformed(const contracts::Function& function, const Error& why) {
    return fail(Status::CORRUPT, "the node's answer to {} is malformed: {}", function.name(), why.message);
}

}  // namespace c2d
