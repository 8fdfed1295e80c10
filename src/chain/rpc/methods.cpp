#include "chain/rpc/methods.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/evm/quantity.hpp"
#include "chain/evm/served_ledger.hpp"
#include "chain/rpc/failure.hpp"
#include "chain/rpc/log_query.hpp"
#include "chain/rpc/sender_limits.hpp"
#include "chain/rpc/values.hpp"
#include "codec/transaction.hpp"

#include <algorithm>
#include <map>

namespace c2d::rpc {

using evm::quantity_text;
using json::Value;

namespace {

constexpr std::uint64_t kLogsMax = 10'000;

const Value* at(const json::Array& parameters, std::size_t i) {
    return i < parameters.size() ? &parameters[i] : nullptr;
}

// The network -------------------------------------------------------------------------------------

Result<Value> chain_id(const Served& served, const json::Array&) {
    return Value(quantity_text(served.chain.network().chain_id));
}

Result<Value> version(const Served& served, const json::Array&) {
    return Value(std::to_string(served.chain.network().chain_id));
}

Result<Value> network(const Served& served, const json::Array&) {
    const auto& n = served.chain.network();
    auto out = Value::object(
        {{"chainId", quantity_text(n.chain_id)}, {"salt", hex_text(n.salt)}, {"admin", hex_text(n.admin)}});
    for (const auto& contract : kContracts) out.set(contract.name, address_text(n.contracts.*contract.address));
    return out;
}

Result<Value> client_version(const Served&, const json::Array&) { return Value("c2d-ledger"); }
Result<Value> no(const Served&, const json::Array&) { return Value(false); }
Result<Value> no_accounts(const Served&, const json::Array&) { return Value(Value::array()); }
Result<Value> nothing(const Served&, const json::Array&) { return Value("0x0"); }

// Accounts ----------------------------------------------------------------------------------------

Result<Value> transaction_count(const Served& served, const json::Array& parameters) {
    C2D_TRY(const auto account, parameter(evm::address_of(at(parameters, 0), "account")));
    C2D_TRY(const auto nonce, served.node().nonce(account));
    return Value(quantity_text(nonce));
}

/// Clients ask whether a contract stands somewhere; one byte says yes.
Result<Value> code(const Served& served, const json::Array& parameters) {
    C2D_TRY(const auto address, parameter(evm::address_of(at(parameters, 0), "account")));
    const bool known = std::ranges::any_of(kContracts, [&](const NamedContract& contract) {
        return address == served.chain.network().contracts.*contract.address;
    });
    return Value(known ? "0xfe" : "0x");
}

// Transactions ------------------------------------------------------------------------------------

/// Only what the ledger takes counts against its sender, and once: who sends the same bytes again must learn that they
/// are there.
Result<Receipt> submit(const Served& served, BytesView raw) {
    if (!served.limits) return served.node().submit(raw);
    C2D_TRY(const auto decoded, decode_transaction(raw));
    C2D_TRY(const auto known, served.node().transaction(decoded.hash));
    if (known) return served.node().submit(raw);
    C2D_TRY(const auto by, sending(served.chain, decoded.sender));
    C2D_CHECK(served.limits->take(by, raw.size()));
    auto receipt = served.node().submit(raw);
    if (!receipt) served.limits->give_back(by.sender, raw.size());
    return receipt;
}

Result<Value> send(const Served& served, const json::Array& parameters) {
    C2D_TRY(const auto raw, parameter(evm::data_of(at(parameters, 0), "raw transaction")));
    C2D_TRY(const auto receipt, submit(served, raw));
    return Value(hex_text(receipt.transaction));
}

Result<Value> receipt(const Served& served, const json::Array& parameters) {
    C2D_TRY(const auto hash, parameter(evm::hash_of(at(parameters, 0), "transaction hash")));
    C2D_TRY(const auto found, served.node().receipt(hash));
    C2D_TRY(const auto place, served.node().transaction(hash));
    if (!found || !place) return Value();
    return receipt_value(*found, place->index);
}

Result<Value> transaction(const Served& served, const json::Array& parameters) {
    C2D_TRY(const auto hash, parameter(evm::hash_of(at(parameters, 0), "transaction hash")));
    C2D_TRY(const auto found, served.node().transaction(hash));
    if (!found) return Value();
    C2D_TRY(const auto decoded, decode_transaction(found->raw));
    return transaction_value(decoded, *found);
}

// Calls -------------------------------------------------------------------------------------------

struct Call {
    Address to;
    Bytes data;
};
Result<Call> read_call(const Value* value) {
    if (!value || !value->is_object()) return fail(Status::INVALID_ARGUMENT, "expected a call object");
    Call call;
    C2D_TRY(call.to, evm::address_of(value->find("to"), "call target"));
    const Value* data = value->find("data");
    C2D_TRY(call.data, evm::data_of(data ? data : value->find("input"), "call data"));
    return call;
}

/// Never as a revert, which would mean that the contract answered.
Error no_state(Error error) {
    error.status = Status::INVALID_ARGUMENT;
    return error;
}

Result<Value> call(const Served& served, const json::Array& parameters) {
    C2D_TRY(const auto call, parameter(read_call(at(parameters, 0))));
    const Value* tag = at(parameters, 1);
    if (!tag || !tag->is_string() || !tag->text().starts_with("0x")) {
        C2D_TRY(const auto answer, served.node().call(call.to, call.data));
        return Value(hex_text(answer));
    }
    C2D_TRY(const auto number, parameter(evm::quantity_of(tag, "block")));
    const auto then = served.state_at(number);
    if (!then) return no_state(then.error());
    C2D_TRY(const auto answer, then->node().call(call.to, call.data));
    return Value(hex_text(answer));
}

Result<Value> estimate(const Served& served, const json::Array& parameters) {
    C2D_TRY(const auto call, parameter(read_call(at(parameters, 0))));
    C2D_CHECK(served.node().call(call.to, call.data));
    return Value(quantity_text(kGas));
}

// Blocks and logs ---------------------------------------------------------------------------------

Result<Value> block_number(const Served& served, const json::Array&) {
    C2D_TRY(const auto info, served.chain.info());
    return Value(quantity_text(info.head.number));
}

Result<Value> block(const Served& served, const json::Array& parameters) {
    C2D_TRY(const auto info, served.chain.info());
    C2D_TRY(const auto number, parameter(block_tag(at(parameters, 0), info.head.number)));
    C2D_TRY(const auto found, served.node().block(number));
    if (!found) return Value();
    Value out = block_value(*found);
    if (info.ahead && number == info.head.number)
        out.set(evm::kLedgerAhead, Value::object({{"block", quantity_text(info.ahead->block)},
                                                  {"timestamp", quantity_text(info.ahead->time)},
                                                  {"wait", quantity_text(info.ahead->wait)}}));
    return out;
}

/// As they happened, whichever contract they are of. Each block is looked at once.
Result<Value> in_order(ChainNode& node, const std::vector<Log>& logs) {
    std::map<std::uint64_t, std::vector<const Log*>> blocks;
    for (const auto& log : logs) blocks[log.block_number].push_back(&log);
    json::Array out;
    for (auto& [number, of_block] : blocks) {
        const auto block = node.block(number);
        if (!block || !*block) return fail(Status::CORRUPT, "a log's block is missing");
        std::map<std::pair<std::uint64_t, std::uint64_t>, Value> sorted;
        for (const Log* log : of_block) {
            const auto& hashes = (*block)->transactions;
            const auto place = std::uint64_t(std::ranges::find(hashes, log->transaction) - hashes.begin());
            if (place == hashes.size()) return fail(Status::CORRUPT, "a log's transaction is missing");
            sorted.emplace(std::pair(place, log->index), log_value(*log, (*block)->head.hash, place, log->index));
        }
        for (auto& [at, value] : sorted) out.push_back(std::move(value));
    }
    return Value(std::move(out));
}

Result<Value> logs(const Served& served, const json::Array& parameters) {
    C2D_TRY(const auto info, served.chain.info());
    C2D_TRY(const auto query, parameter(read_log_query(at(parameters, 0), info.head.number)));
    C2D_TRY(const auto found, find_logs(served.node(), served.chain.network().contracts, query));
    if (found.size() > kLogsMax) return fail(Status::LIMIT, "more than {} logs; ask for fewer blocks", kLogsMax);
    return in_order(served.node(), found);
}

struct Method {
    std::string_view name;
    Handler handler;
};
constexpr Method kMethods[] = {{"c2d_network", network},
                               {"eth_accounts", no_accounts},
                               {"eth_blockNumber", block_number},
                               {"eth_call", call},
                               {"eth_chainId", chain_id},
                               {"eth_estimateGas", estimate},
                               {"eth_gasPrice", nothing},
                               {"eth_getBalance", nothing},
                               {"eth_getBlockByNumber", block},
                               {"eth_getCode", code},
                               {"eth_getLogs", logs},
                               {"eth_getTransactionByHash", transaction},
                               {"eth_getTransactionCount", transaction_count},
                               {"eth_getTransactionReceipt", receipt},
                               {"eth_maxPriorityFeePerGas", nothing},
                               {"eth_sendRawTransaction", send},
                               {"eth_syncing", no},
                               {"net_version", version},
                               {"web3_clientVersion", client_version}};

}  // namespace

Handler method(std::string_view name) {
    const auto found = std::ranges::find(kMethods, name, &Method::name);
    return found == std::end(kMethods) ? nullptr : found->handler;
}

}  // namespace c2d::rpc
