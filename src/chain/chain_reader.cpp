#include "chain/chain_reader.hpp"

#include "base/fail.hpp"

#include <map>
#include <mutex>

namespace c2d {

namespace {

/// What is remembered is let go of beyond this: a trace of many holds no more, however long the answers are.
constexpr std::size_t kBytesMax = std::size_t(64) << 20;
/// Of an answer beside its bytes and those of its question: nodes of the map, and what allocations cost.
constexpr std::size_t kBytesBeside = 256;

class RememberingNode final : public ChainNode {
public:
    RememberingNode(Chain chain, NetworkInfo as_of)
        : chain_(std::move(chain)), node_(chain_.node()), as_of_(std::move(as_of)) {}

    Result<NetworkInfo> info() override { return as_of_; }
    Result<std::uint64_t> nonce(const Address& account) override { return node_.nonce(account); }
    Result<Receipt> submit(BytesView) override {
        return fail(Status::UNSUPPORTED, "this is the chain as of block {}: it is only read", as_of_.head.number);
    }

    Result<Bytes> call(const Address& to, BytesView data) override {
        Question question(to, Bytes(data.begin(), data.end()));
        {
            const std::lock_guard lock(mutex_);
            if (const auto known = answers_.find(question); known != answers_.end()) return known->second;
        }
        auto answer = node_.call(to, data);
        // Who did not answer may do next time; a revert is an answer.
        if (!answer && answer.status() != Status::NOT_FOUND) return answer;
        const std::lock_guard lock(mutex_);
        const std::size_t size = kBytesBeside + data.size() + (answer ? answer->size() : answer.error().message.size());
        if (size > kBytesMax) return answer;
        if (bytes_ + size > kBytesMax) {
            answers_.clear();
            bytes_ = 0;
        }
        if (answers_.emplace(std::move(question), answer).second) bytes_ += size;
        return answer;
    }

    Result<std::vector<Log>> logs(const LogFilter& filter) override { return node_.logs(filter); }
    Result<LogPage> log_page(const LogFilter& filter) override { return node_.log_page(filter); }
    Result<std::optional<Receipt>> receipt(const Bytes32& hash) override { return node_.receipt(hash); }
    Result<std::optional<BlockInfo>> block(std::uint64_t number) override { return node_.block(number); }
    Result<std::optional<TransactionInfo>> transaction(const Bytes32& hash) override { return node_.transaction(hash); }
    Result<std::optional<Head>> block_head(std::uint64_t number) override { return node_.block_head(number); }
    Result<Bytes> call_data(const Bytes32& hash) override { return node_.call_data(hash); }
    Result<std::shared_ptr<ChainNode>> at_head() override { return node_.at_head(); }
    Result<Unit> check_contracts() override { return node_.check_contracts(); }
    Result<Head> verify(const Progress& progress, const CancelToken* cancel) override {
        return node_.verify(progress, cancel);
    }

private:
    using Question = std::pair<Address, Bytes>;

    const Chain chain_;
    ChainNode& node_;
    const NetworkInfo as_of_;
    std::mutex mutex_;
    std::size_t bytes_ = 0;
    std::map<Question, Result<Bytes>> answers_;
};

}  // namespace

Result<Chain> remembering(const Chain& chain, NetworkInfo as_of) {
    ChainOptions options;
    options.node = std::make_shared<RememberingNode>(chain, std::move(as_of));
    return Chain::open(options);
}

}  // namespace c2d
