#include "chain/rpc/values.hpp"

#include "chain/evm/quantity.hpp"

namespace c2d::rpc {

using evm::quantity_text;
using json::Value;

namespace {

/// No bloom filter is kept: all ones says "look for yourself".
std::string full_bloom() { return "0x" + std::string(512, 'f'); }

}  // namespace

Value log_value(const Log& log, const Bytes32& block_hash, std::uint64_t transaction_index, std::uint64_t index) {
    json::Array topics;
    for (const auto& topic : log.topics) topics.push_back(hex_text(topic));
    return Value::object({{"address", hex_text(log.address)},
                          {"topics", std::move(topics)},
                          {"data", hex_text(log.data)},
                          {"blockNumber", quantity_text(log.block_number)},
                          {"blockHash", hex_text(block_hash)},
                          {"transactionHash", hex_text(log.transaction)},
                          {"transactionIndex", quantity_text(transaction_index)},
                          {"logIndex", quantity_text(index)},
                          {"removed", false}});
}

Value receipt_value(const Receipt& r, std::uint64_t index) {
    json::Array logs;
    for (const auto& log : r.logs) logs.push_back(log_value(log, r.block_hash, index, log.index));
    return Value::object({{"transactionHash", hex_text(r.transaction)},
                          {"transactionIndex", quantity_text(index)},
                          {"blockHash", hex_text(r.block_hash)},
                          {"blockNumber", quantity_text(r.block_number)},
                          {"from", hex_text(r.from)},
                          {"to", hex_text(r.to)},
                          {"contractAddress", nullptr},
                          {"cumulativeGasUsed", quantity_text(kGas)},
                          {"gasUsed", quantity_text(kGas)},
                          {"effectiveGasPrice", "0x0"},
                          {"type", "0x0"},
                          {"status", r.succeeded ? "0x1" : "0x0"},
                          {"logsBloom", full_bloom()},
                          {"logs", std::move(logs)}});
}

Value transaction_value(const SignedTransaction& signed_transaction, const TransactionInfo& place) {
    const Transaction& t = signed_transaction.transaction;
    const auto part = [&](std::size_t from, std::size_t size) {
        std::string digits = hex_text(BytesView(signed_transaction.signature.data).subspan(from, size)).substr(2);
        digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
        return "0x" + digits;
    };
    const std::uint64_t parity = signed_transaction.signature.data[64];
    const bool legacy = t.type == Transaction::Type::legacy;
    return Value::object({{"hash", hex_text(signed_transaction.hash)},
                          {"type", quantity_text(std::uint64_t(t.type))},
                          {"chainId", quantity_text(t.chain_id)},
                          {"nonce", quantity_text(t.nonce)},
                          {"from", hex_text(signed_transaction.sender)},
                          {"to", t.to ? Value(hex_text(*t.to)) : Value()},
                          {"gas", quantity_text(t.gas_limit)},
                          {"gasPrice", quantity_text(t.gas_price)},
                          {"value", "0x0"},
                          {"input", hex_text(t.data)},
                          {"v", quantity_text(legacy ? t.chain_id * 2 + 35 + parity : parity)},
                          {"r", part(0, 32)},
                          {"s", part(32, 32)},
                          {"blockHash", hex_text(place.block_hash)},
                          {"blockNumber", quantity_text(place.block_number)},
                          {"transactionIndex", quantity_text(place.index)}});
}

Value block_value(const BlockInfo& b) {
    json::Array transactions;
    for (const auto& hash : b.transactions) transactions.push_back(hex_text(hash));
    const Bytes32 none;
    return Value::object({{"number", quantity_text(b.head.number)},
                          {"hash", hex_text(b.head.hash)},
                          {"parentHash", hex_text(b.parent)},
                          {"timestamp", quantity_text(b.head.time)},
                          {"transactions", std::move(transactions)},
                          {"nonce", "0x0000000000000000"},
                          {"sha3Uncles", hex_text(none)},
                          {"logsBloom", full_bloom()},
                          {"transactionsRoot", hex_text(none)},
                          {"stateRoot", hex_text(none)},
                          {"receiptsRoot", hex_text(none)},
                          {"miner", hex_text(Address{})},
                          {"difficulty", "0x0"},
                          {"totalDifficulty", "0x0"},
                          {"extraData", "0x"},
                          {"size", "0x0"},
                          {"gasLimit", quantity_text(30'000'000)},
                          {"gasUsed", "0x0"},
                          {"uncles", Value::array()}});
}

}  // namespace c2d::rpc
