#include "chain/evm/rpc_node.hpp"

#include "base/call_scope.hpp"
#include "base/defaults.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/evm/address_file.hpp"
#include "chain/evm/address_text.hpp"
#include "chain/evm/contract_identity.hpp"
#include "chain/evm/json_rpc.hpp"
#include "chain/evm/quantity.hpp"
#include "chain/evm/served_ledger.hpp"
#include "chain/evm/state_not_kept.hpp"
#include "codec/transaction.hpp"
#include "contracts/machine.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

namespace c2d::evm {

namespace {

using json::Value;
using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPollFirst{1}, kPollLast{250}, kRetryPause{500};
/// One call, connection included. A node that needs longer is as good as down.
constexpr HttpTransport::Options kTransport{std::chrono::seconds(5), std::chrono::seconds(30), std::size_t(16) << 20};

/// JSON-RPC's "method not found", as JsonRpc keeps codes.
constexpr auto kNoSuchMethod = std::uint64_t(-32601);
constexpr std::string_view kWrongChain = "wrong_chain";

Error wrong_chain(std::uint64_t expected, std::uint64_t found) {
    Error error = fail(Status::UNAVAILABLE, "expected chain {}, but the node says it is chain {}", expected, found);
    error.name = kWrongChain;
    return error;
}

/// Main and development networks of PlatON and Alaya: blocks count milliseconds, fees are of the old kind.
bool is_platon(std::uint64_t chain_id) {
    constexpr std::array<std::uint64_t, 5> kIds = {210'425, 210'309, 20'250'407, 201'018, 201'030};
    return std::ranges::find(kIds, chain_id) != kIds.end();
}

bool mentions(const Error& error, std::initializer_list<std::string_view> words) {
    return std::ranges::any_of(words,
                               [&](std::string_view word) { return error.message.find(word) != std::string::npos; });
}

/// Nodes word it differently: geth and anvil, ganache, others.
bool is_stale_nonce(const Error& error) {
    return mentions(error, {"nonce too low", "correct nonce", "OldNonce", "invalid nonce", "nonce too high",
                            "expected nonce", "replacement transaction"});
}
bool is_known_transaction(const Error& error) {
    return mentions(error, {"already known", "known transaction", "already imported", "AlreadyKnown"});
}
/// The node may answer later, and is still the one that was asked.
bool is_away(const Error& error) { return error.name != kWrongChain && is_outage(error); }
bool is_not_indexed_yet(const Error& error) { return mentions(error, {"indexing is in progress"}); }

Result<Log> read_log(const Value& value, const AddressText& addresses) {
    Log log;
    C2D_TRY(log.address, addresses.read(value.find("address"), "log address"));
    C2D_TRY(log.data, data_of(value.find("data"), "log data"));
    C2D_TRY(log.block_number, quantity_of(value.find("blockNumber"), "log block"));
    C2D_TRY(log.transaction, hash_of(value.find("transactionHash"), "log transaction"));
    C2D_TRY(const auto index, quantity_of(value.find("logIndex"), "log index"));
    log.index = std::uint32_t(index);
    const Value* topics = value.find("topics");
    if (!topics || !topics->is_array() || topics->items().size() > 4)
        return fail(Status::CORRUPT, "the node's log lacks its topics");
    for (const auto& topic : topics->items()) {
        C2D_TRY(const auto word, hash_of(&topic, "log topic"));
        log.topics.push_back(word);
    }
    return log;
}

Result<std::vector<Log>> read_logs(const Value* list, const AddressText& addresses) {
    if (!list || !list->is_array()) return fail(Status::CORRUPT, "the node's logs are no list");
    std::vector<Log> logs;
    for (const auto& item : list->items()) {
        const Value* removed = item.find("removed");
        if (removed && removed->boolean()) continue;  // of a block that no longer counts
        C2D_TRY(auto log, read_log(item, addresses));
        logs.push_back(std::move(log));
    }
    return logs;
}

Result<Receipt> read_receipt(const Value& value, const AddressText& addresses) {
    Receipt receipt;
    C2D_TRY(receipt.transaction, hash_of(value.find("transactionHash"), "receipt transaction"));
    C2D_TRY(receipt.from, addresses.read(value.find("from"), "receipt sender"));
    if (const Value* to = value.find("to"); to && !to->is_null()) {
        C2D_TRY(receipt.to, addresses.read(to, "receipt target"));
    }
    C2D_TRY(const auto status, quantity_of(value.find("status"), "receipt status"));
    receipt.succeeded = status == 1;
    C2D_TRY(receipt.block_number, quantity_of(value.find("blockNumber"), "receipt block"));
    C2D_TRY(receipt.block_hash, hash_of(value.find("blockHash"), "receipt block hash"));
    C2D_TRY(receipt.logs, read_logs(value.find("logs"), addresses));
    return receipt;
}

class RpcNode final : public ChainNode {
public:
    explicit RpcNode(const ChainOptions& options)
        : given_(options),
          options_(options.rpc),
          logger_(options.logger),
          addresses_(options.rpc.address_prefix),
          rpc_(options.network_url, options.http, options.logger, options.rpc.methods) {}

    /// Asks which chain it is; called once.
    Result<Unit> pin_chain() {
        C2D_TRY(network_.chain_id, chain_id());
        network_.kind = "rpc";
        if (options_.milliseconds.value_or(is_platon(network_.chain_id))) network_.time_units = 1'000;
        if (options_.chain_id != 0 && options_.chain_id != network_.chain_id)
            return wrong_chain(options_.chain_id, network_.chain_id);
        return Unit{};
    }

    /// Finds out where the contracts stand; called once.
    Result<Unit> find_contracts(const ChainOptions& options) {
        C2D_CHECK(find_deployed(options));
        auto& at = network_.contracts;
        C2D_TRY(const auto receipts, ask_if_there(at.task_market, contracts::task_market::kJobReceipts));
        at.job_receipts = receipts.value_or(Address{});
        if (!receipts) return Unit{};
        C2D_TRY(const auto edition, ask_if_there(at.role_controller, contracts::role_controller::kEdition));
        network_.edition = edition.value_or(1);
        if (network_.edition < 2) return Unit{};
        C2D_TRY(const auto identity, ask_if_there(at.asset_provider, contracts::asset_provider::kIdentity));
        at.identity = identity.value_or(Address{});
        return Unit{};
    }
    Result<Unit> find_deployed(const ChainOptions& options) {
        if (!options.address_file.empty()) {
            C2D_TRY(network_.contracts, read_address_file(options.address_file, options.network_name));
            return Unit{};
        }
        // A served ledger knows its contracts, and has a genesis salt.
        const auto served = rpc_.call("c2d_network", {});
        if (!served)
            return fail(Status::INVALID_ARGUMENT, "address_file must say where the contracts stand ({})",
                        served.error().message);
        C2D_TRY(network_.contracts, contracts_of(*served));
        C2D_TRY(network_.salt, hash_of(served->find("salt"), "genesis salt"));
        C2D_TRY(network_.admin, address_of(served->find("admin"), "administrator"));
        return Unit{};
    }

    Result<NetworkInfo> info() override {
        if (pinned_) {
            NetworkInfo out = network_;
            out.head = *pinned_;
            return out;
        }
        C2D_CHECK(check_chain());
        C2D_TRY(const auto latest, rpc_.call("eth_getBlockByNumber", {"latest", false}));
        NetworkInfo out = network_;
        if (latest.is_null()) return out;
        C2D_TRY(const auto block, read_block(latest));
        out.head = block.head;
        // Only a served ledger, which is told by its salt, speaks of itself.
        if (!network_.salt.is_zero()) {
            C2D_TRY(out.ahead, read_ahead(latest));
            C2D_TRY(out.edition, edition_of_served_ledger());
        }
        return out;
    }

    Result<std::uint64_t> nonce(const Address& account) override {
        C2D_TRY(const auto count, rpc_.call("eth_getTransactionCount", {addresses_.write(account), "pending"}));
        return quantity_of(&count, "nonce");
    }

    Result<GasTerms> gas_terms(const Address& from, const Address& to, BytesView data) override {
        GasTerms terms;
        // An address without the contract takes any call, and the fee for it.
        if (!network_.contracts.dt_factory.is_zero()) C2D_CHECK(check_contracts());
        const Value call =
            Value::object({{"from", addresses_.write(from)}, {"to", addresses_.write(to)}, {"data", hex_text(data)}});
        C2D_TRY(const auto estimate, rpc_.call("eth_estimateGas", {call}));
        C2D_TRY(const auto gas, quantity_of(&estimate, "gas estimate"));
        // The state may move before the transaction runs.
        terms.gas_limit = std::min(gas + gas / 4, kGasMax);
        if (options_.gas_price) {
            terms.gas_price = *options_.gas_price;
            return terms;
        }
        C2D_TRY(const auto latest, rpc_.call("eth_getBlockByNumber", {"latest", false}));
        const Value* base_fee = latest.find("baseFeePerGas");
        C2D_TRY(const auto asked, rpc_.call("eth_gasPrice", {}));
        C2D_TRY(terms.gas_price, saturated_quantity_of(&asked, "gas price"));
        const bool legacy = options_.force_legacy || is_platon(network_.chain_id);
        if (legacy || !base_fee || base_fee->is_null()) return terms;
        C2D_TRY(const auto base, saturated_quantity_of(base_fee, "base fee"));
        terms.dynamic_fee = true;
        terms.priority_fee = terms.gas_price > base ? terms.gas_price - base : 0;
        terms.gas_price = base > UINT64_MAX / 4 ? UINT64_MAX : 2 * base + terms.priority_fee;
        return terms;
    }

    /// A hash is no promise: the receipt is waited for, and the same bytes are sent again when the
    /// node seems to have lost them. Nothing new is signed before it is certain that these bytes
    /// can no longer count, which is what `conflict` says.
    Result<Receipt> submit(BytesView raw) override {
        if (pinned_)
            return fail(Status::UNSUPPORTED, "this is the network as of block {}: it is only read", pinned_->number);
        Sending sending{raw, keccak256(raw), SteadyClock::now() + options_.receipt_deadline};
        C2D_CHECK(check_chain());
        for (auto pause = kPollFirst;; pause = std::min(pause * 2, kPollLast)) {
            if (SteadyClock::now() >= sending.send_at) C2D_CHECK(send(sending));
            auto found = receipt(sending.hash);
            if (found && *found) {
                C2D_TRY(const bool final, is_final(**found));
                if (final) return with_time(**std::move(found));
            } else if (!found && !is_away(found.error())) {
                return found.error();
            }
            if (SteadyClock::now() > sending.deadline || CallScope::over()) return given_up(sending);
            CallScope::pause(pause);
        }
    }

    Result<Bytes> call(const Address& to, BytesView data) override {
        const Value call = Value::object({{"to", addresses_.write(to)}, {"data", hex_text(data)}});
        const auto answer = rpc_.call("eth_call", {call, pinned_ ? quantity_text(pinned_->number) : "latest"});
        if (!answer && answer.status() == Status::REFUSED && mentions(answer.error(), {"revert"}))
            return fail(Status::NOT_FOUND, "the call reverts: {}", answer.error().message);
        if (!answer && answer.status() == Status::REFUSED && pinned_) return state_not_kept(answer.error());
        if (!answer) return answer.error();
        C2D_TRY(auto bytes, data_of(&*answer, "answer"));
        // Also what an address without code answers.
        if (bytes.empty()) return fail(Status::NOT_FOUND, "no contract answers at {}", address_text(to));
        return bytes;
    }

    Result<std::vector<Log>> logs(const LogFilter& filter) override {
        C2D_TRY(const auto last, last_block(filter));
        LogFilter rest = filter;
        std::vector<Log> out;
        for (;;) {
            C2D_TRY(auto page, page_until(rest, last));
            std::ranges::move(page.logs, std::back_inserter(out));
            if (!page.next_block) return out;
            rest.from_block = *page.next_block;
        }
    }

    Result<LogPage> log_page(const LogFilter& filter) override {
        C2D_TRY(const auto last, last_block(filter));
        return page_until(filter, last);
    }

    Result<std::optional<Receipt>> receipt(const Bytes32& hash) override {
        const auto answer = rpc_.call("eth_getTransactionReceipt", {hex_text(hash)});
        if (!answer && is_not_indexed_yet(answer.error())) return std::optional<Receipt>();
        if (!answer) return answer.error();
        if (answer->is_null()) return std::optional<Receipt>();
        C2D_TRY(auto receipt, read_receipt(*answer, addresses_));
        if (receipt.transaction != hash)
            return fail(Status::CORRUPT, "expected the receipt of {}, the node gave that of {}", hex_text(hash),
                        hex_text(receipt.transaction));
        return std::optional<Receipt>(std::move(receipt));
    }

    Result<std::optional<BlockInfo>> block(std::uint64_t number) override { return block_by(quantity_text(number)); }

    Result<Bytes> call_data(const Bytes32& hash) override {
        C2D_TRY(const auto answer, rpc_.call("eth_getTransactionByHash", {hex_text(hash)}));
        if (answer.is_null()) return fail(Status::NOT_FOUND, "no transaction {}", hex_text(hash));
        C2D_TRY(const auto found, hash_of(answer.find("hash"), "transaction hash"));
        if (found != hash)
            return fail(Status::CORRUPT, "expected transaction {}, the node gave {}", hex_text(hash), hex_text(found));
        return data_of(answer.find("input"), "transaction input");
    }

    /// Nodes answer calls as of a number; those that keep no older states do so for the newest ones,
    /// and a busy one may have moved on since it named its head.
    Result<std::shared_ptr<ChainNode>> at_head() override {
        for (int tries = 0; tries < kPinTries; ++tries) {
            C2D_TRY(const auto now, info());
            const auto out = as_of(now.head);
            out->network_.ahead = now.ahead;
            out->network_.edition = now.edition;
            const auto probe = out->probe();
            if (probe) return std::shared_ptr<ChainNode>(std::move(out));
            if (probe.error().name == kStateNotKept) continue;
            if (is_away(probe.error()) || is_ledger_failure(probe.error().name)) return probe.error();
        }
        logger_->log(LogLevel::warn, "the node does not answer as of a block: reads are of the latest, each");
        return std::shared_ptr<ChainNode>();
    }

    Result<std::shared_ptr<ChainNode>> at_read_block() override {
        if (reads_latest()) return std::shared_ptr<ChainNode>();
        C2D_CHECK(check_chain());
        C2D_TRY(const auto head, read_block_head());
        auto out = as_of(head);
        const auto probe = out->probe();
        if (probe) return std::shared_ptr<ChainNode>(std::move(out));
        if (probe.status() != Status::NOT_FOUND) return probe.error();
        return fail(Status::UNAVAILABLE, "the contracts were not there yet at block {}, which decisions are read at",
                    head.number);
    }

    /// Each answers a question that none of the others knows, and ours name each other.
    Result<Unit> check_contracts() override {
        // A served ledger says by itself where they stand.
        if (contracts_checked_ || given_.address_file.empty()) return Unit{};
        const auto problem = wrong_contract(*this, network_.contracts);
        if (!problem) return problem.error();
        if (!problem->empty())
            return fail(Status::INVALID_ARGUMENT, "{}, network \"{}\": {}; nothing was sent", given_.address_file,
                        given_.network_name, *problem);
        contracts_checked_ = true;
        return Unit{};
    }

    Result<Head> verify(const Progress&, const CancelToken*) override {
        return fail(Status::UNSUPPORTED, "only an embedded ledger can be replayed; this is an RPC node");
    }

private:
    static constexpr std::uint64_t kGasMax = 30'000'000;
    static constexpr int kPinTries = 5;

    std::shared_ptr<RpcNode> as_of(const Head& head) const {
        auto out = std::make_shared<RpcNode>(given_);
        out->network_ = network_;
        out->pinned_ = head;
        return out;
    }
    /// Does the node answer as of our block?
    Result<Bytes> probe() { return call(network_.contracts.dt_factory, contracts::dt_factory::kCount.call()); }

    /// Only a served ledger has a salt, and its blocks are final.
    bool reads_latest() const {
        return options_.read_block == ReadBlock::latest || !network_.salt.is_zero() || pinned_.has_value();
    }
    /// The block that decisions are read at.
    Result<Head> read_block_head() {
        if (options_.read_block == ReadBlock::finalized) return final_head();
        C2D_TRY(const auto answer, rpc_.call("eth_blockNumber", {}));
        C2D_TRY(const auto latest, quantity_of(&answer, "block number"));
        const auto number = latest - std::min(latest, options_.confirmations);
        C2D_TRY(const auto there, block(number));
        if (!there)
            return fail(Status::UNAVAILABLE, "the node has no block {}, though its last one is {}", number, latest);
        return there->head;
    }
    Result<Head> final_head() {
        const auto there = block_by("finalized");
        if (!there && there.status() == Status::REFUSED)
            return fail(
                Status::UNSUPPORTED,
                "the node does not tell which blocks are final ({}); read_block = confirmations asks it for none",
                there.error().message);
        if (!there) return there.error();
        if (!*there) return fail(Status::UNAVAILABLE, "no block of the network is final yet");
        return (*there)->head;
    }

    /// Nodes keep the states of few blocks, and what they say of the others differs from program to program.
    Error state_not_kept(const Error& said) const {
        Error out =
            fail(Status::UNAVAILABLE, "the network does not answer as of block {}: {}", pinned_->number, said.message);
        out.name = kStateNotKept;
        return out;
    }

    Result<std::uint64_t> last_block(const LogFilter& filter) {
        if (pinned_) return std::min(filter.to_block, pinned_->number);
        C2D_TRY(const auto head_text, rpc_.call("eth_blockNumber", {}));
        C2D_TRY(const auto head, quantity_of(&head_text, "block number"));
        return std::min(filter.to_block, head);
    }

    /// A range that the node bears: on a refusal it is halved, and it grows again later.
    Result<LogPage> page_until(const LogFilter& filter, std::uint64_t last) {
        const auto from = std::max(filter.from_block, options_.first_block);
        if (from > last) return LogPage{};
        const auto most = std::max<std::uint64_t>(1, options_.log_blocks_max);
        for (;;) {
            const std::uint64_t range = log_blocks_;
            const auto to = last - from < range ? last : from + range - 1;
            auto logs = logs_between(filter, from, to);
            if (!logs && logs.status() == Status::REFUSED && to > from) {
                log_blocks_ = (to - from + 1) / 2;
                continue;
            }
            if (!logs) return logs.error();
            if (to - from + 1 == range) log_blocks_ = std::min(most, range + range / 4 + 1);
            LogPage page{*std::move(logs), std::nullopt};
            if (to < last) page.next_block = to + 1;
            return page;
        }
    }

    /// It goes on to the next one while it is served, and never back.
    Result<std::uint64_t> edition_of_served_ledger() {
        if (network_.edition >= contracts::kEditionMax) return network_.edition;
        C2D_TRY(const auto now, ask_if_there(network_.contracts.role_controller, contracts::role_controller::kEdition));
        return now.value_or(network_.edition);
    }

    /// Nothing where the contract has no such view: older ones revert.
    template <class View>
    Result<std::optional<typename View::Returned>> ask_if_there(const Address& contract, const View& view) {
        const auto answer = call(contract, view.call());
        if (!answer && answer.status() == Status::NOT_FOUND) return std::optional<typename View::Returned>();
        if (!answer) return answer.error();
        C2D_TRY(auto told, view.read_answer(*answer));
        return std::optional<typename View::Returned>(std::move(told));
    }

    Result<std::uint64_t> chain_id() {
        const auto answer = rpc_.call("eth_chainId", {});
        if (!answer && answer.error().code == kNoSuchMethod)
            return fail(Status::REFUSED,
                        "the node does not know {}_chainId ({}); nodes of PlatON and Alaya may want rpc_methods and "
                        "address_prefix, others an eth_ interface switched on",
                        options_.methods, answer.error().message);
        if (!answer) return answer.error();
        return quantity_of(&*answer, "chain id");
    }

    /// The node behind an address may change; a write must not land elsewhere.
    Result<Unit> check_chain() {
        C2D_TRY(const auto now, chain_id());
        if (now == network_.chain_id) return Unit{};
        return wrong_chain(network_.chain_id, now);
    }

    Result<std::optional<BlockInfo>> block_by(std::string tag) {
        C2D_TRY(const auto value, rpc_.call("eth_getBlockByNumber", {std::move(tag), false}));
        if (value.is_null()) return std::optional<BlockInfo>();
        C2D_TRY(auto block, read_block(value));
        return std::optional<BlockInfo>(std::move(block));
    }

    Result<BlockInfo> read_block(const Value& value) const {
        BlockInfo out;
        C2D_TRY(out.head.number, quantity_of(value.find("number"), "block number"));
        C2D_TRY(out.head.hash, hash_of(value.find("hash"), "block hash"));
        C2D_TRY(out.head.time, quantity_of(value.find("timestamp"), "block time"));
        out.head.time /= network_.time_units;
        C2D_TRY(out.parent, hash_of(value.find("parentHash"), "parent hash"));
        return out;
    }

    /// One transaction on its way.
    struct Sending {
        BytesView raw;
        Bytes32 hash;
        SteadyClock::time_point deadline;
        /// When the bytes are sent next.
        SteadyClock::time_point send_at = SteadyClock::time_point::min();
        /// An earlier try was not answered: the node may have the bytes.
        bool may_be_there = false;
        /// The node says that the nonce is used, which may be by these very bytes.
        bool nonce_used = false;
    };

    /// One try. An outage is no failure yet; bytes that the node has seen before are none at all.
    Result<Unit> send(Sending& sending) {
        const auto now = SteadyClock::now();
        if (sending.may_be_there) {
            // The node was away, and may be another one now.
            auto same = check_chain();
            if (!same && !is_away(same.error())) return same;
            if (!same) {
                sending.send_at = now + kRetryPause;
                return Unit{};
            }
            logger_->log(LogLevel::warn,
                         fmt::format("no receipt of {} yet: sending the same bytes again", hex_text(sending.hash)));
        }
        const auto sent = rpc_.call_once("eth_sendRawTransaction", {hex_text(sending.raw)});
        const bool outage = !sent && is_away(sent.error());
        sending.send_at = now + (outage ? kRetryPause : options_.receipt_deadline / 3);
        if (sent || is_known_transaction(sent.error())) sending.nonce_used = false;
        if (sent || outage || is_known_transaction(sent.error())) {
            sending.may_be_there = true;
            return Unit{};
        }
        if (!is_stale_nonce(sent.error())) return sent.error();
        if (!sending.may_be_there) {
            C2D_TRY(const auto mined, receipt(sending.hash));
            if (!mined) return fail(Status::CONFLICT, "{}", sent.error().message);
        }
        sending.nonce_used = true;
        return Unit{};
    }

    /// Never `conflict`: the bytes may count yet, and whoever signed anew would send twice.
    Error given_up(const Sending& sending) const {
        Error error = fail(Status::TIMEOUT, "no receipt of {} within {} ms{}; look it up before sending anew",
                           hex_text(sending.hash), options_.receipt_deadline.count(),
                           sending.nonce_used ? ", and its nonce is used, by it or by another" : "");
        error.transaction = sending.hash.data;
        return error;
    }

    /// Enough blocks on top, and the receipt's block still the one at its height.
    Result<bool> is_final(const Receipt& receipt) {
        if (options_.confirmations == 0) return true;
        C2D_TRY(const auto answer, rpc_.call("eth_blockNumber", {}));
        C2D_TRY(const auto head, quantity_of(&answer, "block number"));
        if (head < receipt.block_number + options_.confirmations) return false;
        C2D_TRY(const auto there, block(receipt.block_number));
        return there && there->head.hash == receipt.block_hash;
    }

    Result<Receipt> with_time(Receipt receipt) {
        C2D_TRY(const auto there, block(receipt.block_number));
        if (there) receipt.block_time = there->head.time;
        return receipt;
    }

    Result<std::vector<Log>> logs_between(const LogFilter& filter, std::uint64_t from, std::uint64_t to) {
        json::Array topics;
        std::size_t used = 0;
        for (std::size_t t = 0; t < 4; ++t)
            if (filter.topics[t]) used = t + 1;
        for (std::size_t t = 0; t < used; ++t)
            topics.push_back(filter.topics[t] ? Value(hex_text(*filter.topics[t])) : Value());
        const Value query = Value::object({{"address", addresses_.write(filter.address)},
                                           {"topics", std::move(topics)},
                                           {"fromBlock", quantity_text(from)},
                                           {"toBlock", quantity_text(to)}});
        C2D_TRY(const auto answer, rpc_.call("eth_getLogs", {query}));
        return read_logs(&answer, addresses_);
    }

    const ChainOptions given_;
    const RpcOptions options_;
    const std::shared_ptr<Logger> logger_;
    const AddressText addresses_;
    JsonRpc rpc_;
    NetworkInfo network_;
    /// Reads are as of this block; of the latest when there is none.
    std::optional<Head> pinned_;
    /// Blocks that the node bore in one query of logs.
    std::atomic<std::uint64_t> log_blocks_{std::max<std::uint64_t>(1, options_.log_blocks_max)};
    /// `check_contracts` found nothing wrong.
    std::atomic<bool> contracts_checked_{false};
};

Result<std::shared_ptr<RpcNode>> connect(const ChainOptions& given) {
    ChainOptions options = given;
    options.http = or_default(std::move(options.http), [] { return HttpTransport::curl(kTransport); });
    auto node = std::make_shared<RpcNode>(options);
    C2D_CHECK(node->pin_chain());
    return node;
}

}  // namespace

Result<std::shared_ptr<ChainNode>> open_rpc_node(const ChainOptions& options) {
    C2D_TRY(auto node, connect(options));
    C2D_CHECK(node->find_contracts(options));
    return std::shared_ptr<ChainNode>(std::move(node));
}

Result<std::shared_ptr<ChainNode>> open_bare_rpc_node(const ChainOptions& options) {
    C2D_TRY(auto node, connect(options));
    return std::shared_ptr<ChainNode>(std::move(node));
}

}  // namespace c2d::evm
