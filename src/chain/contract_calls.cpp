#include "chain/contract_calls.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/nonce_turn.hpp"
#include "crypto/hash.hpp"

namespace c2d {

Result<std::optional<BlockInfo>> ChainNode::block(std::uint64_t) {
    return fail(Status::UNSUPPORTED, "this node does not show blocks");
}
Result<std::optional<TransactionInfo>> ChainNode::transaction(const Bytes32&) {
    return fail(Status::UNSUPPORTED, "this node does not show transactions");
}
Result<LogPage> ChainNode::log_page(const LogFilter& filter) {
    C2D_TRY(auto all, logs(filter));
    return LogPage{std::move(all), std::nullopt};
}
Result<std::optional<Head>> ChainNode::block_head(std::uint64_t number) {
    C2D_TRY(const auto found, block(number));
    return found ? std::optional<Head>(found->head) : std::nullopt;
}
Result<Bytes> ChainNode::call_data(const Bytes32& hash) {
    C2D_TRY(const auto found, transaction(hash));
    if (!found) return fail(Status::NOT_FOUND, "no transaction {}", hex_text(hash));
    C2D_TRY(auto decoded, decode_transaction(found->raw));
    return std::move(decoded.transaction.data);
}
Result<std::shared_ptr<ChainNode>> ChainNode::at_head() { return std::shared_ptr<ChainNode>(); }
Result<Unit> ChainNode::check_contracts() { return Unit{}; }
Result<GasTerms> ChainNode::gas_terms(const Address&, const Address&, BytesView) { return GasTerms{}; }

namespace {

/// Other processes may use the same key: a taken nonce is asked for anew, a bounded number of times.
constexpr int kNonceTries = 16;

const std::vector<const abi::Event*>& coded_events() {
    static const std::vector<const abi::Event*> kEvents = {
        &contracts::role_controller::kRoleAdded,    &contracts::asset_provider::kEnterpriseRegistered,
        &contracts::asset_provider::kProviderAdded, &contracts::op_template::kTemplatePublished,
        &contracts::dt_factory::kDataTokenMinted,   &contracts::dt_factory::kCdtMinted,
        &contracts::dt_factory::kDataTokenGranted,  &contracts::dt_factory::kDataTokenRevoked,
        &contracts::task_market::kTaskAdded,        &contracts::task_market::kJobAdded,
        &contracts::task_market::kTaskClosed,       &contracts::job_receipts::kReceiptPosted};
    return kEvents;
}

/// The code is the last value of every event. The first non-zero one of the called contract
/// counts: the original contracts may follow a refusal with a success.
Result<std::uint64_t> refusal_code(const Receipt& receipt, const Address& contract) {
    bool coded = false;
    for (const auto& log : receipt.logs) {
        if (log.address != contract || log.topics.empty()) continue;
        for (const auto* event : coded_events()) {
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

std::string function_name(const contracts::Function& function) {
    return std::string(function.signature.substr(0, function.signature.find('(')));
}

Error refusal(const ContractRef& contract, const contracts::Function& function, std::uint64_t code,
              const Receipt& receipt) {
    Error error = fail(Status::REFUSED, "{}.{} refused with code {} ({}): {}", contract.name, function_name(function),
                       code, contracts::code_name(code), contracts::code_text(code));
    error.source = contract.name;
    error.code = code;
    error.name = contracts::code_name(code);
    error.transaction = receipt.transaction.data;
    return error;
}

}  // namespace

Result<std::vector<abi::Value>> event_of(const Receipt& receipt, const Address& contract, const abi::Event& event) {
    for (const auto& log : receipt.logs)
        if (log.address == contract && !log.topics.empty() && log.topics[0] == event.topic)
            return abi::decode_event(event, log.topics, log.data);
    return fail(Status::CORRUPT, "the receipt of {} lacks the event {}", hex_text(receipt.transaction.view()),
                event.signature);
}

Result<Receipt> ContractCalls::send(Signer& signer, const ContractRef& contract, const contracts::Function& function,
                                    const std::vector<abi::Value>& arguments) {
    Transaction transaction;
    transaction.chain_id = chain_id_;
    transaction.to = contract.address;
    transaction.data = abi::encode_call(function.signature, arguments);
    C2D_TRY(const auto gas, node_.gas_terms(signer.address(), contract.address, transaction.data));
    transaction.type = gas.dynamic_fee ? Transaction::Type::dynamic_fee : Transaction::Type::legacy;
    transaction.gas_limit = gas.gas_limit;
    transaction.gas_price = gas.gas_price;
    transaction.priority_fee = gas.priority_fee;

    C2D_TRY(auto receipt, send_in_turn(signer, std::move(transaction)));
    if (!receipt.succeeded) return fail(Status::REFUSED, "{}.{} reverted", contract.name, function_name(function));
    C2D_TRY(const auto code, refusal_code(receipt, contract.address));
    if (code != contracts::kSuccess) return refusal(contract, function, code, receipt);
    return receipt;
}

Result<Receipt> ContractCalls::send_in_turn(Signer& signer, Transaction transaction) {
    const std::lock_guard lock(write_mutex_);
    std::optional<NonceTurn> turn;
    if (!turns_.empty()) {
        C2D_TRY(turn, NonceTurn::take(turns_, chain_id_, signer.address(), patience_));
    }
    for (int tries = 1;; ++tries) {
        C2D_TRY(transaction.nonce, node_.nonce(signer.address()));
        C2D_TRY(const auto signed_transaction, sign_transaction(transaction, signer));
        auto receipt = node_.submit(signed_transaction.raw);
        if (receipt || receipt.status() != Status::CONFLICT || tries == kNonceTries) return receipt;
    }
}

Result<std::vector<abi::Value>> ContractCalls::view(const Address& contract, const contracts::Function& function,
                                                    const std::vector<abi::Value>& arguments) const {
    C2D_TRY(const auto data, node_.call(contract, abi::encode_call(function.signature, arguments)));
    auto values = abi::decode(contracts::types_of(function.returns), data);
    if (!values)
        return fail(Status::CORRUPT, "the node's answer to {} is malformed: {}", function_name(function),
                    values.error().message);
    return values;
}

Result<bool> ContractCalls::view_bool(const Address& contract, const contracts::Function& function,
                                      const std::vector<abi::Value>& arguments) const {
    C2D_TRY(const auto values, view(contract, function, arguments));
    return values[0].boolean();
}

}  // namespace c2d
