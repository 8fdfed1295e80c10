#include "chain/ledger/ledger_node.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/ledger/commit_queue.hpp"
#include "chain/ledger/execution.hpp"
#include "chain/ledger/ledger_file.hpp"
#include "chain/ledger/verify.hpp"
#include "crypto/hash.hpp"

#include <mutex>

namespace c2d::ledger {

namespace {

/// No block is taken from further ahead than clocks may differ.
constexpr std::uint64_t kClockSkewMax = 120;

class LedgerNode final : public ChainNode {
public:
    LedgerNode(LedgerFile file, Genesis genesis, std::shared_ptr<Clock> clock)
        : file_(std::move(file)),
          genesis_(genesis),
          contracts_(contract_addresses(genesis.admin)),
          clock_(std::move(clock)),
          commits_([this](const Batch& batch) { commit(batch); }) {}

    Result<NetworkInfo> info() override {
        const std::lock_guard lock(mutex_);
        C2D_TRY(const Head head, file_.head());
        return NetworkInfo{"ledger",   genesis_.chain_id, genesis_.salt,
                           genesis_.admin, contracts_,    head};
    }

    Result<std::uint64_t> nonce(const Address& account) override {
        const std::lock_guard lock(mutex_);
        return next_nonce(file_, account);
    }

    Result<Receipt> submit(BytesView raw) override {
        if (raw.size() > kTransactionBytesMax)
            return fail(Status::LIMIT, "expected a transaction of at most {} bytes, found {}",
                        kTransactionBytesMax, raw.size());
        // Recovering the sender is most of the work, and needs no lock.
        C2D_TRY(const auto transaction, decode_transaction(raw));
        return commits_.submit(transaction);
    }

    Result<Bytes> call(const Address& to, BytesView data) override {
        const std::lock_guard lock(mutex_);
        C2D_TRY(const Head head, file_.head());
        contracts::Overlay overlay(file_);
        std::vector<Log> logs;
        return contracts::execute(context(head.number, head.time), overlay, logs, to, Address{}, data);
    }

    Result<std::vector<Log>> logs(const LogFilter& filter) override {
        const std::lock_guard lock(mutex_);
        return file_.logs(filter);
    }

    Result<std::optional<Receipt>> receipt(const Bytes32& hash) override {
        const std::lock_guard lock(mutex_);
        C2D_TRY(const auto place, file_.find(hash));
        if (!place) return std::optional<Receipt>();
        C2D_TRY(const auto block, file_.block(place->block));
        if (!block) return fail(Status::CORRUPT, "block {} is missing", place->block);
        C2D_TRY(const auto transactions, decode_transactions(block->transactions));
        C2D_TRY(auto receipts, decode_receipts(block->receipts));
        if (place->position >= transactions.size() || place->position >= receipts.size())
            return fail(Status::CORRUPT, "block {} lacks transaction {}", place->block, place->position);
        C2D_TRY(const auto transaction, decode_transaction(transactions[place->position]));
        return std::optional<Receipt>(
            make_receipt(transaction, block->head, std::move(receipts[place->position])));
    }

    Result<std::optional<BlockInfo>> block(std::uint64_t number) override {
        const std::lock_guard lock(mutex_);
        C2D_TRY(const auto stored, file_.block(number));
        if (!stored) return std::optional<BlockInfo>();
        C2D_TRY(const auto header, decode_header(stored->header));
        BlockInfo out{stored->head, header.parent, {}};
        if (number == 0) return std::optional<BlockInfo>(std::move(out));
        C2D_TRY(const auto raws, decode_transactions(stored->transactions));
        for (const auto& raw : raws) out.transactions.push_back(keccak256(raw));
        return std::optional<BlockInfo>(std::move(out));
    }

    Result<std::optional<TransactionInfo>> transaction(const Bytes32& hash) override {
        const std::lock_guard lock(mutex_);
        C2D_TRY(const auto place, file_.find(hash));
        if (!place) return std::optional<TransactionInfo>();
        C2D_TRY(const auto stored, file_.block(place->block));
        if (!stored) return fail(Status::CORRUPT, "block {} is missing", place->block);
        C2D_TRY(const auto raws, decode_transactions(stored->transactions));
        if (place->position >= raws.size())
            return fail(Status::CORRUPT, "block {} lacks transaction {}", place->block, place->position);
        return std::optional<TransactionInfo>(TransactionInfo{
            raws[place->position], place->block, stored->head.hash, std::uint32_t(place->position)});
    }

    Result<Head> verify(const Progress& progress, const CancelToken* cancel) override {
        const std::lock_guard lock(mutex_);
        return verify_ledger(file_, clock_->now_seconds() + kClockSkewMax, progress, cancel);
    }

private:
    using Batch = std::vector<CommitQueue::Pending*>;

    contracts::BlockContext context(std::uint64_t number, std::uint64_t time) const {
        return {number, time, contracts_};
    }

    /// Block time never goes back, and a ledger from the future is not written to.
    Result<std::uint64_t> next_time(const Head& head) {
        const auto now = clock_->now_seconds();
        if (head.time > now + kClockSkewMax)
            return fail(Status::UNAVAILABLE,
                        "the ledger's last block is {} s ahead of this machine's clock; set the clock",
                        head.time - now);
        return std::max(head.time, now);
    }

    static Receipt make_receipt(const SignedTransaction& transaction, const Head& head,
                                std::vector<Log> logs) {
        for (auto& log : logs) {
            log.block_number = head.number;
            log.transaction = transaction.hash;
        }
        return {transaction.hash, transaction.sender, *transaction.transaction.to, true,
                head.number,      head.time,          head.hash,                   std::move(logs)};
    }

    /// One block with every transaction of the batch that runs; the others get their refusal.
    void commit(const Batch& batch) {
        const std::lock_guard lock(mutex_);
        auto appended = append(batch);
        if (appended) return;
        for (auto* pending : batch)
            if (pending->result || pending->result.status() == Status::INTERNAL)
                pending->result = appended.error();
    }

    Result<Unit> append(const Batch& batch) {
        C2D_TRY(auto write, store::WriteTransaction::begin(file_.database()));
        C2D_TRY(const Head head, file_.head());
        C2D_TRY(const auto time, next_time(head));
        contracts::Overlay overlay(file_);
        Batch taken;
        std::vector<Bytes> raws;
        std::vector<Bytes32> hashes;
        std::vector<std::vector<Log>> receipts;
        for (auto* pending : batch) {
            contracts::Overlay own(overlay);
            auto logs = apply_transaction(own, context(head.number + 1, time), genesis_.chain_id,
                                          *pending->transaction);
            if (!logs) {
                pending->result = logs.error();
                continue;
            }
            for (const auto& [key, value] : own.writes()) overlay.put(key, value);
            taken.push_back(pending);
            raws.push_back(pending->transaction->raw);
            hashes.push_back(pending->transaction->hash);
            receipts.push_back(*std::move(logs));
        }
        if (taken.empty()) return Unit{};
        const StoredBlock block = make_block(head, time, raws, receipts, overlay.writes());
        C2D_CHECK(file_.append(block, overlay.writes(), hashes, receipts));
        C2D_CHECK(write.commit());
        for (std::size_t i = 0; i < taken.size(); ++i)
            taken[i]->result = make_receipt(*taken[i]->transaction, block.head, std::move(receipts[i]));
        return Unit{};
    }

    static StoredBlock make_block(const Head& parent, std::uint64_t time, const std::vector<Bytes>& raws,
                                  const std::vector<std::vector<Log>>& receipts,
                                  const std::map<std::string, Bytes>& writes) {
        StoredBlock block;
        block.transactions = encode_transactions(raws);
        block.receipts = encode_receipts(receipts);
        block.header = encode_header({parent.number + 1, parent.hash, time, keccak256(block.transactions),
                                      keccak256(block.receipts), writes_hash(writes)});
        block.head = {parent.number + 1, block_hash(block.header), time};
        return block;
    }

    std::mutex mutex_;
    LedgerFile file_;
    const Genesis genesis_;
    const ContractAddresses contracts_;
    const std::shared_ptr<Clock> clock_;
    CommitQueue commits_;
};

/// What a ledger knows before its first block.
class NoState final : public contracts::State {
public:
    Result<std::optional<Bytes>> get(const std::string&) override { return std::optional<Bytes>(); }
    void put(const std::string&, Bytes) override {}
};

Result<Genesis> draw_genesis(const LedgerOptions& options, const Address& admin) {
    Genesis genesis;
    genesis.admin = admin;
    genesis.time = options.clock->now_seconds();
    C2D_CHECK(options.random->fill(genesis.salt.data));
    // [2^32, 2^52): above every registered network, exact as a JSON number.
    while (genesis.chain_id < (1ull << 32)) {
        std::array<std::uint8_t, 8> draw{};
        C2D_CHECK(options.random->fill(draw));
        genesis.chain_id = 0;
        for (const auto byte : draw) genesis.chain_id = genesis.chain_id << 8 | byte;
        genesis.chain_id &= (1ull << 52) - 1;
    }
    return genesis;
}

}  // namespace

Result<std::shared_ptr<ChainNode>> create_ledger(const LedgerOptions& options, Signer& admin) {
    C2D_TRY(const Genesis genesis, draw_genesis(options, admin.address()));
    C2D_TRY(const auto signature, admin.sign_digest(genesis_digest(genesis)));
    NoState nothing;
    contracts::Overlay overlay(nothing);
    C2D_CHECK(apply_genesis(overlay, genesis));
    StoredBlock block;
    block.transactions = encode_genesis(genesis, signature);
    block.receipts = encode_receipts({});
    block.header = encode_header({0, Bytes32{}, genesis.time, keccak256(block.transactions),
                                  keccak256(block.receipts), writes_hash(overlay.writes())});
    block.head = {0, block_hash(block.header), genesis.time};
    C2D_TRY(auto file, LedgerFile::create(options.path, block, overlay.writes()));
    return std::shared_ptr<ChainNode>(
        std::make_shared<LedgerNode>(std::move(file), genesis, options.clock));
}

Result<std::shared_ptr<ChainNode>> open_ledger(const LedgerOptions& options) {
    C2D_TRY(auto file, LedgerFile::open(options.path));
    C2D_TRY(const auto first, file.block(0));
    if (!first)
        return fail(Status::CORRUPT, "{} holds no first block; the ledger was not initialised",
                    options.path);
    C2D_TRY(const auto genesis, decode_genesis(first->transactions));
    return std::shared_ptr<ChainNode>(
        std::make_shared<LedgerNode>(std::move(file), genesis, options.clock));
}

}  // namespace c2d::ledger
