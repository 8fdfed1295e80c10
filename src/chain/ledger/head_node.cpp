#include "chain/ledger/head_node.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/ledger/execution.hpp"
#include "chain/ledger/reads.hpp"

#include <algorithm>

namespace c2d::ledger {

namespace {

class HeadNode final : public ChainNode {
public:
    HeadNode(std::shared_ptr<Connection> reader, std::unique_ptr<StateStore> view, StateStore::Snapshot snapshot,
             NetworkInfo network, std::uint64_t now)
        : reader_(std::move(reader)),
          view_(std::move(view)),
          snapshot_(std::move(snapshot)),
          network_(std::move(network)),
          now_(now) {}

    Result<NetworkInfo> info() override { return network_; }

    Result<std::uint64_t> nonce(const Address& account) override {
        const std::lock_guard lock(mutex_);
        return next_nonce(*view_, account);
    }

    Result<Receipt> submit(BytesView) override {
        return fail(Status::UNSUPPORTED, "this is the ledger as of block {}: it is only read", network_.head.number);
    }

    Result<Bytes> call(const Address& to, BytesView data) override {
        const std::lock_guard lock(mutex_);
        return call_view(*view_, {network_.head.number, now_, network_.contracts}, to, data);
    }

    Result<std::vector<Log>> logs(const LogFilter& filter) override {
        C2D_TRY(const auto blocks, in_view([&](StateStore& view) { return blocks_of(view, filter); }));
        const std::lock_guard lock(reader_->mutex);
        return read_logs(reader_->file, blocks, filter);
    }

    Result<LogPage> log_page(const LogFilter& filter) override {
        C2D_TRY(const auto blocks, in_view([&](StateStore& view) { return blocks_of(view, filter, kPageBlocks); }));
        const std::lock_guard lock(reader_->mutex);
        return read_page(reader_->file, blocks, filter);
    }

    Result<std::optional<Receipt>> receipt(const Bytes32& hash) override {
        C2D_TRY(auto found, find(hash));
        if (!found) return std::optional<Receipt>();
        C2D_TRY(auto receipt, receipt_of(*std::move(found)));
        return std::optional<Receipt>(std::move(receipt));
    }

    Result<std::optional<BlockInfo>> block(std::uint64_t number) override {
        C2D_TRY(const auto head, block_head(number));
        const std::lock_guard lock(reader_->mutex);
        return read_block_info(reader_->file, head);
    }

    Result<std::optional<Head>> block_head(std::uint64_t number) override {
        return in_view([&](StateStore& view) { return view.block(number); });
    }

    Result<std::optional<TransactionInfo>> transaction(const Bytes32& hash) override {
        C2D_TRY(auto found, find(hash));
        if (!found) return std::optional<TransactionInfo>();
        return std::optional<TransactionInfo>(TransactionInfo{std::move(found->raw), found->block.head.number,
                                                              found->block.head.hash, std::uint32_t(found->position)});
    }

    Result<Head> verify(const Progress&, const CancelToken*) override {
        return fail(Status::UNSUPPORTED, "this is the ledger as of block {}; verify the ledger itself",
                    network_.head.number);
    }

private:
    template <class Work>
    auto in_view(Work work) -> decltype(work(std::declval<StateStore&>())) {
        const std::lock_guard lock(mutex_);
        return work(*view_);
    }

    Result<std::optional<FoundTransaction>> find(const Bytes32& hash) {
        C2D_TRY(const auto blocks, in_view([&](StateStore& view) { return blocks_of(view, hash); }));
        const std::lock_guard lock(reader_->mutex);
        return find_transaction(reader_->file, blocks, hash);
    }

    std::mutex mutex_;
    const std::shared_ptr<Connection> reader_;
    const std::unique_ptr<StateStore> view_;
    /// After the view, since it ends before it.
    const StateStore::Snapshot snapshot_;
    const NetworkInfo network_;
    const std::uint64_t now_;
};

}  // namespace

Result<std::shared_ptr<ChainNode>> make_head_node(std::shared_ptr<Connection> reader, std::unique_ptr<StateStore> view,
                                                  NetworkInfo network, std::uint64_t now) {
    C2D_TRY(auto snapshot, view->snapshot());
    network.head = *view->head();
    C2D_TRY(network.edition, contracts::edition_of(*view));
    return std::shared_ptr<ChainNode>(std::make_shared<HeadNode>(
        std::move(reader), std::move(view), std::move(snapshot), std::move(network), std::max(now, network.head.time)));
}

}  // namespace c2d::ledger
