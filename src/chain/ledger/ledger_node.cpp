#include "chain/ledger/ledger_node.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/ledger/clock_watch.hpp"
#include "chain/ledger/commit_queue.hpp"
#include "chain/ledger/connection.hpp"
#include "chain/ledger/execution.hpp"
#include "chain/ledger/head_node.hpp"
#include "chain/ledger/reads.hpp"
#include "chain/ledger/verified_view.hpp"
#include "chain/ledger/verify.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <mutex>

namespace c2d::ledger {

namespace {

class LedgerNode final : public ChainNode {
public:
    LedgerNode(std::shared_ptr<Connection> writer, std::shared_ptr<Connection> reader,
               std::unique_ptr<VerifiedView> view, std::unique_ptr<ClockWatch> watch, LedgerOptions options,
               const Genesis& genesis)
        : writer_(std::move(writer)),
          reader_(std::move(reader)),
          view_(std::move(view)),
          watch_(std::move(watch)),
          options_(std::move(options)),
          genesis_(genesis),
          contracts_(contract_addresses(genesis.admin)),
          commits_([this](const Batch& batch) { commit(batch); }) {}

    Result<NetworkInfo> info() override {
        return read([&](StateStore& view) -> Result<NetworkInfo> {
            C2D_TRY(const auto edition, contracts::edition_of(view));
            return NetworkInfo{"ledger", genesis_.chain_id, genesis_.salt, genesis_.admin, contracts_, *view.head(),
                               1,        view_->ahead(),    edition};
        });
    }

    Result<std::uint64_t> nonce(const Address& account) override {
        return read([&](StateStore& view) { return next_nonce(view, account); });
    }

    Result<Receipt> submit(BytesView raw) override {
        if (raw.size() > kTransactionBytesMax)
            return fail(Status::LIMIT, "expected a transaction of at most {} bytes, found {}", kTransactionBytesMax,
                        raw.size());
        // Recovering the sender is most of the work, and needs no lock.
        C2D_TRY(const auto transaction, decode_transaction(raw));
        return commits_.submit(transaction);
    }

    Result<Bytes> call(const Address& to, BytesView data) override {
        return read([&](StateStore& view) {
            // As if in a block of now: what has an end by time may be over since the last one.
            const auto now = std::max(view.head()->time, options_.clock->now_seconds());
            return call_view(view, context(view.head()->number, now), to, data);
        });
    }

    Result<std::vector<Log>> logs(const LogFilter& filter) override {
        const std::lock_guard lock(reader_->mutex);
        C2D_TRY(const auto blocks,
                view_->at_head(reader_->file, [&](StateStore& view) { return blocks_of(view, filter); }));
        return read_logs(reader_->file, blocks, filter);
    }

    Result<LogPage> log_page(const LogFilter& filter) override {
        const std::lock_guard lock(reader_->mutex);
        C2D_TRY(const auto blocks,
                view_->at_head(reader_->file, [&](StateStore& view) { return blocks_of(view, filter, kPageBlocks); }));
        return read_page(reader_->file, blocks, filter);
    }

    Result<std::optional<Receipt>> receipt(const Bytes32& hash) override {
        C2D_TRY(auto found, find(hash));
        if (!found) return std::optional<Receipt>();
        C2D_TRY(auto receipt, receipt_of(*std::move(found)));
        return std::optional<Receipt>(std::move(receipt));
    }

    Result<std::optional<BlockInfo>> block(std::uint64_t number) override {
        const std::lock_guard lock(reader_->mutex);
        C2D_TRY(const auto head, view_->at_head(reader_->file, [&](StateStore& view) { return view.block(number); }));
        return read_block_info(reader_->file, head);
    }

    Result<std::optional<Head>> block_head(std::uint64_t number) override {
        return read([&](StateStore& view) { return view.block(number); });
    }

    Result<std::shared_ptr<ChainNode>> at_head() override {
        const std::lock_guard lock(reader_->mutex);
        C2D_TRY(const auto ahead, view_->at_head(reader_->file, [&](StateStore&) {
            return Result<std::optional<LedgerAhead>>(view_->ahead());
        }));
        C2D_TRY(auto view, view_->fork_at_head(reader_->file));
        NetworkInfo network{"ledger", genesis_.chain_id, genesis_.salt, genesis_.admin, contracts_, {}, 1, ahead, 0};
        return make_head_node(reader_, std::move(view), std::move(network), options_.clock->now_seconds());
    }

    Result<std::optional<TransactionInfo>> transaction(const Bytes32& hash) override {
        C2D_TRY(auto found, find(hash));
        if (!found) return std::optional<TransactionInfo>();
        return std::optional<TransactionInfo>(TransactionInfo{std::move(found->raw), found->block.head.number,
                                                              found->block.head.hash, std::uint32_t(found->position)});
    }

    /// On a connection of its own, so that it holds nobody up.
    Result<Head> verify(const Progress& progress, const CancelToken* cancel) override {
        const auto block_time_max = options_.clock->now_seconds() + kClockSkewMax;
        if (reader_ == writer_) {
            const std::lock_guard lock(reader_->mutex);
            return verify_ledger(reader_->file, block_time_max, view_->file(), progress, cancel);
        }
        C2D_TRY(auto file, LedgerFile::open(options_.path));
        return verify_ledger(file, block_time_max, view_->file(), progress, cancel);
    }

private:
    using Batch = std::vector<CommitQueue::Pending*>;

    template <class Work>
    auto read(Work work) -> decltype(work(std::declval<StateStore&>())) {
        const std::lock_guard lock(reader_->mutex);
        return view_->at_head(reader_->file, std::move(work));
    }

    contracts::BlockContext context(std::uint64_t number, std::uint64_t time) const {
        return {number, time, contracts_};
    }
    bool asks_for_edition(const CommitQueue::Pending& pending) const {
        const auto& transaction = pending.transaction->transaction;
        return transaction.to && contracts::starts_edition(contracts_, *transaction.to, transaction.data);
    }

    Result<std::optional<FoundTransaction>> find(const Bytes32& hash) {
        const std::lock_guard lock(reader_->mutex);
        C2D_TRY(const auto blocks,
                view_->at_head(reader_->file, [&](StateStore& view) { return blocks_of(view, hash); }));
        return find_transaction(reader_->file, blocks, hash);
    }

    /// Block time never goes back, a ledger that is ahead is not written to, nor with a clock that jumped.
    Result<std::uint64_t> next_time(const Head& head) {
        C2D_CHECK(watch_->require_steady());
        const auto now = options_.clock->now_seconds();
        if (const auto ahead = ahead_of(head, now)) return ledger_ahead(*ahead);
        return std::max(head.time, now);
    }

    /// Blocks with every transaction of the batch that runs; the others get their refusal. One block, but that a
    /// transaction which may start an edition begins a block.
    void commit(const Batch& batch) {
        for (auto first = batch.begin(); first != batch.end();) {
            const auto end = std::find_if(first + 1, batch.end(), [&](const auto* p) { return asks_for_edition(*p); });
            commit_block(Batch(first, end));
            first = end;
        }
    }

    void commit_block(const Batch& batch) {
        const std::lock_guard lock(writer_->mutex);
        auto appended = append(batch);
        if (appended) return;
        for (auto* pending : batch)
            if (pending->result || pending->result.status() == Status::INTERNAL) pending->result = appended.error();
    }

    Result<Unit> append(const Batch& batch) {
        C2D_TRY(auto write, store::WriteTransaction::begin(writer_->file.database()));
        Batch taken;
        C2D_TRY(auto built, view_->to_append(writer_->file, [&](const Head& parent, contracts::State& state) {
            return run(batch, parent, state, taken);
        }));
        if (taken.empty()) return Unit{};
        auto& [stored, block] = built;
        C2D_CHECK(writer_->file.append(stored));
        C2D_CHECK(write.commit());
        // Into a file that others do not see any more: nobody may be told that it is done.
        C2D_CHECK(writer_->file.require_in_place());
        view_->take(block);
        std::uint32_t index = 0;  // the rules count logs in their transaction, readers in the block
        for (std::size_t i = 0; i < taken.size(); ++i) {
            for (auto& log : block.receipts[i]) log.index = index++;
            taken[i]->result = make_receipt(*taken[i]->transaction, block.head, std::move(block.receipts[i]));
        }
        return Unit{};
    }

    /// The block that the transaction opens as the first of the next edition, when it may.
    std::optional<contracts::BlockContext> try_to_open(contracts::State& state, contracts::BlockContext in_block,
                                                       const CommitQueue::Pending& pending) const {
        if (!asks_for_edition(pending) || in_block.edition == contracts::kEditionMax) return std::nullopt;
        ++in_block.edition;
        in_block.opens_edition = true;
        contracts::Overlay tried(state);
        if (!apply_transaction(tried, in_block, genesis_.chain_id, *pending.transaction)) return std::nullopt;
        return in_block;
    }

    using Built = std::pair<StoredBlock, AppliedBlock>;

    /// Runs a batch over the state; those that may stand in the block go to `taken`.
    Result<Built> run(const Batch& batch, const Head& parent, contracts::State& state, Batch& taken) {
        C2D_TRY(const auto time, next_time(parent));
        contracts::Overlay writes(state);
        std::vector<Bytes> raws;
        AppliedBlock block;
        auto in_block = context(parent.number + 1, time);
        C2D_TRY(in_block.edition, contracts::edition_of(state));
        for (auto* pending : batch) {
            auto own = writes.above();
            // A block of the next edition, if that is what its first transaction starts; else it is a call like any
            // other.
            auto opened = pending == batch.front() ? try_to_open(state, in_block, *pending) : std::nullopt;
            if (opened) ++in_block.edition;
            auto logs = apply_transaction(own, opened.value_or(in_block), genesis_.chain_id, *pending->transaction);
            if (!logs) {
                pending->result = logs.error();
                continue;
            }
            writes.merge(std::move(own));
            taken.push_back(pending);
            raws.push_back(pending->transaction->raw);
            block.transactions.push_back(pending->transaction->hash);
            block.receipts.push_back(*std::move(logs));
        }
        block.writes = writes.release();
        StoredBlock stored;
        stored.transactions = encode_transactions(raws);
        stored.receipts = encode_receipts(block.receipts);
        stored.header = encode_header({parent.number + 1, parent.hash, time, keccak256(stored.transactions),
                                       keccak256(stored.receipts), writes_hash(block.writes), in_block.edition});
        stored.head = block.head = {parent.number + 1, block_hash(stored.header), time};
        return Built(std::move(stored), std::move(block));
    }

    /// Two connections to a file, so that a reader never waits for a disk; the same one for memory.
    const std::shared_ptr<Connection> writer_, reader_;
    const std::unique_ptr<VerifiedView> view_;
    const std::unique_ptr<ClockWatch> watch_;
    const LedgerOptions options_;
    const Genesis genesis_;
    const ContractAddresses contracts_;
    CommitQueue commits_;
};

/// What a ledger knows before its first block.
class NoState final : public contracts::State {
public:
    Result<std::optional<Bytes>> get(const std::string&) override { return std::optional<Bytes>(); }
    void put(const std::string&, Bytes) override {}
    Result<std::set<std::string>> keys_below(const std::string&, std::size_t) override {
        return std::set<std::string>();
    }
};

Result<Genesis> draw_genesis(const LedgerOptions& options, const Address& admin) {
    Genesis genesis;
    genesis.admin = admin;
    genesis.edition = options.edition;
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

Result<StoredBlock> first_block(const Genesis& genesis, const Signature& signature) {
    NoState nothing;
    contracts::Overlay overlay(nothing);
    C2D_CHECK(apply_genesis(overlay, genesis));
    StoredBlock block;
    block.transactions = encode_genesis(genesis, signature);
    block.receipts = encode_receipts({});
    block.header = encode_header({0, Bytes32{}, genesis.time, keccak256(block.transactions), keccak256(block.receipts),
                                  writes_hash(overlay.writes()), genesis.edition});
    block.head = {0, block_hash(block.header), genesis.time};
    return block;
}

bool is_memory(const LedgerOptions& options) { return options.path == ":memory:"; }

Result<std::optional<TrustFolder>> open_trust(const LedgerOptions& options) {
    if (options.trust_dir.empty() || is_memory(options)) return std::optional<TrustFolder>();
    C2D_TRY(auto trust, TrustFolder::open(options.trust_dir, options.path));
    return std::optional<TrustFolder>(std::move(trust));
}

/// A ledger in memory holds nobody else up.
Result<std::unique_ptr<ClockWatch>> watch_clock(const LedgerOptions& options, const std::optional<TrustFolder>& trust) {
    return ClockWatch::open(options.clock, trust ? trust->clock_file() : std::filesystem::path(),
                            options.clock_ok || is_memory(options));
}

/// Replays what is new before the node is handed out.
Result<std::shared_ptr<ChainNode>> make_node(LedgerFile file, std::unique_ptr<VerifiedView> view,
                                             std::unique_ptr<ClockWatch> watch, const LedgerOptions& options,
                                             const Genesis& genesis) {
    auto writer = std::make_shared<Connection>(std::move(file));
    auto reader = writer;
    if (!is_memory(options)) {
        C2D_TRY(auto second, LedgerFile::open(options.path));
        reader = std::make_shared<Connection>(std::move(second));
    }
    C2D_CHECK(view->at_head(reader->file, [](StateStore&) -> Result<Unit> { return Unit{}; }));
    return std::shared_ptr<ChainNode>(std::make_shared<LedgerNode>(
        std::move(writer), std::move(reader), std::move(view), std::move(watch), options, genesis));
}

}  // namespace

Result<std::shared_ptr<ChainNode>> create_ledger(const LedgerOptions& options, Signer& admin) {
    C2D_TRY(auto trust, open_trust(options));
    C2D_TRY(auto watch, watch_clock(options, trust));
    C2D_CHECK(watch->require_steady());
    C2D_TRY(const Genesis genesis, draw_genesis(options, admin.address()));
    C2D_TRY(const auto signature, admin.sign_digest(genesis_digest(genesis)));
    C2D_TRY(const auto first, first_block(genesis, signature));
    C2D_TRY(auto file, LedgerFile::create(options.path, first));
    C2D_TRY(auto view, VerifiedView::open(std::move(trust), genesis, first.head.hash, options.clock, options.logger));
    C2D_CHECK(view->remember_created());
    return make_node(std::move(file), std::move(view), std::move(watch), options, genesis);
}

Result<std::shared_ptr<ChainNode>> open_ledger(const LedgerOptions& options) {
    C2D_TRY(auto file, LedgerFile::open(options.path));
    C2D_TRY(const auto first, file.block(0));
    if (!first) return fail(Status::CORRUPT, "{} holds no first block; the ledger was not initialised", options.path);
    C2D_TRY(const auto genesis, decode_genesis(first->transactions));
    C2D_TRY(auto trust, open_trust(options));
    C2D_TRY(auto watch, watch_clock(options, trust));
    C2D_TRY(auto view,
            VerifiedView::open(std::move(trust), genesis, block_hash(first->header), options.clock, options.logger));
    C2D_CHECK(view->check_remembered(file));
    return make_node(std::move(file), std::move(view), std::move(watch), options, genesis);
}

}  // namespace c2d::ledger
