#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/evm/quantity.hpp"
#include "chain/evm/served_ledger.hpp"
#include "codec/json.hpp"
#include "codec/transaction.hpp"

#include <c2d/chain_server.hpp>

#include <algorithm>
#include <chrono>
#include <functional>
#include <map>
#include <mutex>

namespace c2d {

namespace {

using evm::quantity_text;
using json::Value;

constexpr std::size_t kBatchMax = 100;
constexpr std::size_t kAnswerBytesMax = std::size_t(8) << 20;
constexpr std::uint64_t kLogsMax = 10'000;
/// Alternatives for one topic or for the address of a filter.
constexpr std::size_t kAlternativesMax = 100;
/// What every call is said to need: there is no gas on a ledger.
constexpr std::uint64_t kGas = 100'000;

// Codes of JSON-RPC 2.0 and of Ethereum's clients.
enum Code : int {
    kParse = -32700,
    kInvalidRequest = -32600,
    kNoMethod = -32601,
    kInvalidParameters = -32602,
    kInternal = -32603,
    kServer = -32000,
    kLimit = -32005,
    kReverted = 3,
};

struct Failure {
    int code = kInternal;
    std::string message;
    /// What c2d's own clients read beside the text: the error's name and number.
    std::string name = {};
    std::uint64_t number = 0;
};
/// The result of a method, or why there is none.
using Answer = std::variant<Value, Failure>;

Failure failure_of(const Error& error) {
    if (evm::is_ledger_failure(error.name)) return {kServer, error.message, error.name, error.code};
    switch (error.status) {
        case Status::CONFLICT: return {kServer, "nonce too low or too high: " + error.message};
        case Status::INVALID_ARGUMENT: return {kServer, error.message};
        case Status::NOT_FOUND: return {kReverted, "execution reverted: " + error.message};
        case Status::LIMIT: return {kLimit, error.message};
        default: return {kInternal, error.message};
    }
}

Failure invalid(std::string message) { return {kInvalidParameters, std::move(message)}; }

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

/// No bloom filter is kept: all ones says "look for yourself".
std::string full_bloom() { return "0x" + std::string(512, 'f'); }

}  // namespace

/// States of the last heads that somebody asked for by number. A trace over this server asks many
/// things of one block while the ledger goes on; so a state stays while it is used.
struct ChainServer::Heads {
    static constexpr std::size_t kHeadsMax = 8;
    static constexpr std::chrono::seconds kIdleMax{60};

    /// The chain as of a block. Fails with `not_found` when that is neither the head nor kept.
    Result<Chain> at(Chain& chain, std::uint64_t number) {
        const std::lock_guard lock(mutex_);
        const auto now = std::chrono::steady_clock::now();
        std::erase_if(kept_, [&](const Kept& kept) { return now - kept.used > kIdleMax; });
        if (const auto known = std::ranges::find(kept_, number, &Kept::number); known != kept_.end()) {
            known->used = now;
            return known->chain;
        }
        // Before the state is copied, which anybody could have done for any number.
        C2D_TRY(const auto info, chain.info());
        C2D_CHECK(require_head(number, info.head));
        C2D_TRY(auto fresh, chain.at_head());
        C2D_CHECK(require_head(number, fresh.network().head));
        if (kept_.size() == kHeadsMax) kept_.erase(std::ranges::min_element(kept_, {}, &Kept::used));
        kept_.push_back({number, fresh, now});
        return fresh;
    }

private:
    struct Kept {
        std::uint64_t number;
        Chain chain;
        std::chrono::steady_clock::time_point used;
    };
    static Result<Unit> require_head(std::uint64_t number, const Head& head) {
        if (head.number == number) return Unit{};
        return fail(Status::NOT_FOUND, "the state of block {} is not kept; the head is block {}", number, head.number);
    }

    std::mutex mutex_;
    std::vector<Kept> kept_;
};

namespace {

class Methods {
public:
    /// `state_at` gives the chain as of a block.
    using StateAt = std::function<Result<Chain>(std::uint64_t)>;
    Methods(Chain& chain, StateAt state_at) : chain_(chain), node_(chain.node()), state_at_(std::move(state_at)) {}

    Answer call(const std::string& method, const json::Array& parameters) {
        if (method == "eth_chainId") return Value(quantity_text(chain_.network().chain_id));
        if (method == "net_version") return Value(std::to_string(chain_.network().chain_id));
        if (method == "web3_clientVersion") return Value("c2d-ledger");
        if (method == "eth_syncing") return Value(false);
        if (method == "eth_accounts") return Value(Value::array());
        if (method == "eth_gasPrice" || method == "eth_maxPriorityFeePerGas") return Value("0x0");
        if (method == "eth_getBalance") return Value("0x0");
        if (method == "eth_estimateGas") return estimate(parameters);
        if (method == "eth_blockNumber") return block_number();
        if (method == "eth_getTransactionCount") return count(parameters);
        if (method == "eth_getCode") return code(parameters);
        if (method == "eth_sendRawTransaction") return send(parameters);
        if (method == "eth_getTransactionReceipt") return receipt(parameters);
        if (method == "eth_getTransactionByHash") return transaction(parameters);
        if (method == "eth_call") return view(parameters);
        if (method == "eth_getLogs") return logs(parameters);
        if (method == "eth_getBlockByNumber") return block(parameters);
        if (method == "c2d_network") return network();
        return Failure{kNoMethod, "the method " + method + " does not exist"};
    }

private:
    static const Value* at(const json::Array& parameters, std::size_t i) {
        return i < parameters.size() ? &parameters[i] : nullptr;
    }

    Answer network() {
        const auto& n = chain_.network();
        auto out = Value::object(
            {{"chainId", quantity_text(n.chain_id)}, {"salt", hex_text(n.salt)}, {"admin", hex_text(n.admin)}});
        for (const auto& contract : kContracts) out.set(contract.name, address_text(n.contracts.*contract.address));
        return out;
    }

    Answer block_number() {
        const auto info = chain_.info();
        if (!info) return failure_of(info.error());
        return Value(quantity_text(info->head.number));
    }

    Answer count(const json::Array& parameters) {
        const auto account = evm::address_of(at(parameters, 0), "account");
        if (!account) return invalid(account.error().message);
        const auto nonce = node_.nonce(*account);
        if (!nonce) return failure_of(nonce.error());
        return Value(quantity_text(*nonce));
    }

    /// Clients ask whether a contract stands somewhere; one byte says yes.
    Answer code(const json::Array& parameters) {
        const auto address = evm::address_of(at(parameters, 0), "account");
        if (!address) return invalid(address.error().message);
        const bool known = std::ranges::any_of(kContracts, [&](const NamedContract& contract) {
            return *address == chain_.network().contracts.*contract.address;
        });
        return Value(known ? "0xfe" : "0x");
    }

    Answer send(const json::Array& parameters) {
        const auto raw = evm::data_of(at(parameters, 0), "raw transaction");
        if (!raw) return invalid(raw.error().message);
        const auto receipt = node_.submit(*raw);
        if (!receipt) return failure_of(receipt.error());
        return Value(hex_text(receipt->transaction));
    }

    Answer receipt(const json::Array& parameters) {
        const auto hash = evm::hash_of(at(parameters, 0), "transaction hash");
        if (!hash) return invalid(hash.error().message);
        const auto found = node_.receipt(*hash);
        const auto place = node_.transaction(*hash);
        if (!found) return failure_of(found.error());
        if (!place) return failure_of(place.error());
        if (!*found || !*place) return Value();
        return receipt_value(**found, (*place)->index);
    }

    static Value receipt_value(const Receipt& r, std::uint64_t index) {
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

    Answer transaction(const json::Array& parameters) {
        const auto hash = evm::hash_of(at(parameters, 0), "transaction hash");
        if (!hash) return invalid(hash.error().message);
        const auto found = node_.transaction(*hash);
        if (!found) return failure_of(found.error());
        if (!*found) return Value();
        const auto decoded = decode_transaction((*found)->raw);
        if (!decoded) return failure_of(decoded.error());
        return transaction_value(*decoded, **found);
    }

    static Value transaction_value(const SignedTransaction& signed_transaction, const TransactionInfo& place) {
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

    struct Call {
        Address to;
        Bytes data;
    };
    static Result<Call> read_call(const Value* value) {
        if (!value || !value->is_object()) return fail(Status::INVALID_ARGUMENT, "expected a call object");
        Call call;
        C2D_TRY(call.to, evm::address_of(value->find("to"), "call target"));
        const Value* data = value->find("data");
        C2D_TRY(call.data, evm::data_of(data ? data : value->find("input"), "call data"));
        return call;
    }

    Answer view(const json::Array& parameters) {
        const auto call = read_call(at(parameters, 0));
        if (!call) return invalid(call.error().message);
        const Value* tag = at(parameters, 1);
        if (!tag || !tag->is_string() || !tag->text().starts_with("0x"))
            return answer_of(node_.call(call->to, call->data));
        const auto number = evm::quantity_of(tag, "block");
        if (!number) return invalid(number.error().message);
        const auto then = state_at_(*number);
        if (!then) return state_failure(then.error());
        return answer_of(then->node().call(call->to, call->data));
    }
    /// Never as a revert, which would mean that the contract answered.
    static Failure state_failure(const Error& error) {
        auto failure = failure_of(error);
        return failure.name.empty() ? Failure{kServer, error.message} : failure;
    }
    static Answer answer_of(const Result<Bytes>& bytes) {
        if (!bytes) return failure_of(bytes.error());
        return Value(hex_text(*bytes));
    }

    Answer estimate(const json::Array& parameters) {
        const auto call = read_call(at(parameters, 0));
        if (!call) return invalid(call.error().message);
        const auto answer = node_.call(call->to, call->data);
        if (!answer) return failure_of(answer.error());
        return Value(quantity_text(kGas));
    }

    /// A number, or a tag; `latest` and its kin are the head.
    Result<std::uint64_t> block_tag(const Value* value, std::uint64_t head) {
        if (!value || value->is_null()) return head;
        const auto& text = value->text();
        if (text == "latest" || text == "pending" || text == "safe" || text == "finalized") return head;
        if (text == "earliest") return std::uint64_t(0);
        return evm::quantity_of(value, "block");
    }

    Answer block(const json::Array& parameters) {
        const auto info = chain_.info();
        if (!info) return failure_of(info.error());
        const auto number = block_tag(at(parameters, 0), info->head.number);
        if (!number) return invalid(number.error().message);
        const auto found = node_.block(*number);
        if (!found) return failure_of(found.error());
        if (!*found) return Value();
        Value out = block_value(**found);
        if (info->ahead && *number == info->head.number)
            out.set(evm::kLedgerAhead, Value::object({{"block", quantity_text(info->ahead->block)},
                                                      {"timestamp", quantity_text(info->ahead->time)},
                                                      {"wait", quantity_text(info->ahead->wait)}}));
        return out;
    }

    static Value block_value(const BlockInfo& b) {
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

    /// What eth_getLogs asks for. Nothing given matches anything; several values match each of them.
    struct LogQuery {
        std::vector<Address> addresses;
        std::array<std::vector<Bytes32>, 4> topics;
        std::uint64_t from_block = 0, to_block = 0;

        bool wants(const Log& log) const {
            for (std::size_t t = 0; t < topics.size(); ++t)
                if (!topics[t].empty() &&
                    (t >= log.topics.size() || std::ranges::find(topics[t], log.topics[t]) == topics[t].end()))
                    return false;
            return true;
        }
    };

    Result<LogQuery> read_query(const Value* value, std::uint64_t head) {
        if (!value || !value->is_object()) return fail(Status::INVALID_ARGUMENT, "expected a filter object");
        if (value->find("blockHash"))
            return fail(Status::INVALID_ARGUMENT, "blockHash is not known here; give fromBlock and toBlock");
        LogQuery query;
        C2D_TRY(query.addresses, one_or_several(value->find("address"), "filter address", evm::address_of));
        C2D_TRY(query.from_block, block_tag(value->find("fromBlock"), head));
        C2D_TRY(query.to_block, block_tag(value->find("toBlock"), head));
        const Value* topics = value->find("topics");
        for (std::size_t t = 0; topics && t < topics->items().size(); ++t) {
            if (t >= query.topics.size()) return fail(Status::INVALID_ARGUMENT, "expected at most 4 topics");
            C2D_TRY(query.topics[t], one_or_several(&topics->items()[t], "topic", evm::hash_of));
        }
        return query;
    }

    /// A value, a list of values, or nothing.
    template <class T>
    static Result<std::vector<T>> one_or_several(const Value* value, std::string_view what,
                                                 Result<T> (*read)(const Value*, std::string_view)) {
        std::vector<T> out;
        if (!value || value->is_null()) return out;
        if (!value->is_array()) {
            C2D_TRY(out.emplace_back(), read(value, what));
            return out;
        }
        if (value->items().size() > kAlternativesMax)
            return fail(Status::LIMIT, "expected at most {} values in place of one {}", kAlternativesMax, what);
        for (const auto& item : value->items()) {
            C2D_TRY(out.emplace_back(), read(&item, what));
        }
        return out;
    }

    /// The node knows one value a topic: what has several is left open there and sorted out here.
    Result<std::vector<Log>> find_logs(const LogQuery& query) {
        std::vector<Log> out;
        for (const auto& contract : kContracts) {
            const Address& address = chain_.network().contracts.*contract.address;
            if (!query.addresses.empty() && std::ranges::find(query.addresses, address) == query.addresses.end())
                continue;
            LogFilter filter{address, {}, query.from_block, query.to_block};
            for (std::size_t t = 0; t < query.topics.size(); ++t)
                if (query.topics[t].size() == 1) filter.topics[t] = query.topics[t][0];
            C2D_TRY(auto found, node_.logs(filter));
            std::ranges::copy_if(found, std::back_inserter(out), [&](const Log& log) { return query.wants(log); });
        }
        return out;
    }

    Answer logs(const json::Array& parameters) {
        const auto info = chain_.info();
        if (!info) return failure_of(info.error());
        const auto query = read_query(at(parameters, 0), info->head.number);
        if (!query) return invalid(query.error().message);
        const auto found = find_logs(*query);
        if (!found) return failure_of(found.error());
        if (found->size() > kLogsMax)
            return Failure{kLimit, fmt::format("more than {} logs; ask for fewer blocks", kLogsMax)};
        return in_order(*found);
    }

    /// As they happened, whichever contract they are of. Each block is looked at once.
    Answer in_order(const std::vector<Log>& logs) {
        std::map<std::uint64_t, std::vector<const Log*>> blocks;
        for (const auto& log : logs) blocks[log.block_number].push_back(&log);
        json::Array out;
        for (auto& [number, of_block] : blocks) {
            const auto block = node_.block(number);
            if (!block || !*block) return Failure{kInternal, "a log's block is missing"};
            std::map<std::pair<std::uint64_t, std::uint64_t>, Value> sorted;
            for (const Log* log : of_block) {
                const auto& hashes = (*block)->transactions;
                const auto place = std::uint64_t(std::ranges::find(hashes, log->transaction) - hashes.begin());
                if (place == hashes.size()) return Failure{kInternal, "a log's transaction is missing"};
                sorted.emplace(std::pair(place, log->index), log_value(*log, (*block)->head.hash, place, log->index));
            }
            for (auto& [at, value] : sorted) out.push_back(std::move(value));
        }
        return Value(std::move(out));
    }

    Chain& chain_;
    ChainNode& node_;
    const StateAt state_at_;
};

Value answer_one(Chain& chain, const Methods::StateAt& state_at, const Value& request) {
    const Value* id = request.find("id");
    Value out = Value::object({{"jsonrpc", "2.0"}, {"id", id ? *id : Value()}});
    const Value* method = request.find("method");
    const Value* parameters = request.find("params");
    Answer answer = Failure{kInvalidRequest, "expected a JSON-RPC 2.0 request object"};
    if (method && method->is_string() && (!parameters || parameters->is_array()))
        answer = Methods(chain, state_at).call(method->text(), parameters ? parameters->items() : json::Array{});
    if (auto* result = std::get_if<Value>(&answer))
        out.set("result", std::move(*result));
    else if (auto* failure = std::get_if<Failure>(&answer)) {
        Value error = Value::object({{"code", failure->code}, {"message", failure->message}});
        if (!failure->name.empty())
            error.set("data", Value::object({{evm::kErrorName, failure->name}, {evm::kErrorNumber, failure->number}}));
        out.set("error", std::move(error));
    }
    return out;
}

Value error_answer(int code, std::string message) {
    return Value::object({{"jsonrpc", "2.0"},
                          {"id", nullptr},
                          {"error", Value::object({{"code", code}, {"message", std::move(message)}})}});
}

Value answer_all(Chain& chain, const Methods::StateAt& state_at, const HttpRequest& request) {
    if (request.body.size() > ChainServer::kBodyBytesMax) return error_answer(kLimit, "the request is too large");
    const auto parsed = json::parse(request.body);
    if (!parsed) return error_answer(kParse, parsed.error().message);
    if (!parsed->is_array()) return answer_one(chain, state_at, *parsed);
    if (parsed->items().empty() || parsed->items().size() > kBatchMax)
        return error_answer(kInvalidRequest, fmt::format("expected a batch of 1 to {}", kBatchMax));
    json::Array answers;
    for (const auto& item : parsed->items()) answers.push_back(answer_one(chain, state_at, item));
    return answers;
}

}  // namespace

ChainServer::ChainServer(Chain chain)
    : chain_(std::make_shared<Chain>(std::move(chain))), heads_(std::make_shared<Heads>()) {}

HttpResponse ChainServer::handle(const HttpRequest& request) {
    if (request.method == "GET" && request.target == "/healthz") return {200, "application/json", R"({"status":"ok"})"};
    if (request.method != "POST") return {405, "application/json", R"({"error":"POST JSON-RPC 2.0"})"};
    const auto state_at = [this](std::uint64_t number) { return heads_->at(*chain_, number); };
    std::string body = json::compact(answer_all(*chain_, state_at, request));
    if (body.size() > kAnswerBytesMax)
        body = json::compact(error_answer(kLimit, "the answer is too large; ask for less"));
    return {200, "application/json", std::move(body)};
}

}  // namespace c2d
