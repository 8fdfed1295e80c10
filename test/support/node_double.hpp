/// The node that tests put between a `Chain` and its ledger.
#pragma once

#include "codec/abi.hpp"
#include "contracts/interface.hpp"

#include <c2d/chain_node.hpp>

#include <atomic>
#include <functional>
#include <map>
#include <mutex>

namespace c2d::support {

/// Answers as another node does, but for what a test takes into its own hands. Members without a word on threads are
/// set before another thread uses it.
class NodeDouble final : public ChainNode {
public:
    explicit NodeDouble(ChainNode& below) : below_(below) {}

    /// What a view answers from now on, instead of the truth.
    void answer(const contracts::Function& function, Result<Bytes> with) {
        const auto selector = abi::selector(function.signature);
        const std::lock_guard lock(mutex_);
        answers_.insert_or_assign(Bytes(selector.begin(), selector.end()), std::move(with));
    }
    void answer(const contracts::Function& function, bool with) {
        answer(function, Result<Bytes>(abi::encode({{abi::Kind::boolean}}, {abi::Value::of(with)})));
    }
    /// A view answers false for these arguments. Any thread.
    void deny(std::string_view signature, const std::vector<Bytes32>& arguments) {
        const auto selector = abi::selector(signature);
        Bytes call(selector.begin(), selector.end());
        for (const auto& argument : arguments) call.insert(call.end(), argument.data.begin(), argument.data.end());
        const std::lock_guard lock(mutex_);
        answers_.insert_or_assign(std::move(call), Result<Bytes>(Bytes(32, 0)));
    }
    void tell_the_truth() {
        const std::lock_guard lock(mutex_);
        answers_.clear();
    }
    /// What every transaction fails with from now on; nothing: they are taken. Any thread.
    void refuse_transactions(std::optional<Error> with) {
        const std::lock_guard lock(mutex_);
        refused_ = std::move(with);
    }
    /// A log that the node tells of besides the true ones.
    void add_log(Log log) { added_.push_back(std::move(log)); }

    /// May answer a view in the node's place; nothing: the node answers.
    std::function<std::optional<Result<Bytes>>(BytesView data)> on_call;
    /// What `info` fails with.
    std::optional<Error> info_failure;
    /// Where decisions are read besides; null: at the latest block alone.
    std::shared_ptr<ChainNode> settled;
    /// Every view fails with `unavailable` while this is set. Any thread.
    std::atomic<bool> down{false};
    /// The seconds by which the last block is ahead of the clock. Any thread.
    std::atomic<std::uint64_t> ahead{0};
    /// Called by whoever is told that it is ahead, one at a time. Any thread.
    void when_told_ahead(std::function<void()> then) {
        const std::lock_guard lock(mutex_);
        told_ahead_ = std::move(then);
    }
    /// Views that were asked for.
    std::uint64_t calls = 0;

    Result<NetworkInfo> info() override {
        if (info_failure) return *info_failure;
        auto info = below_.info();
        if (!info || ahead == 0) return info;
        info->ahead = LedgerAhead{info->head.number + 1, info->head.time + ahead, ahead};
        tell_ahead();
        return info;
    }
    Result<Bytes> call(const Address& to, BytesView data) override {
        if (down) return Error(Status::UNAVAILABLE, "the ledger is down for this test");
        if (on_call)
            if (auto answer = on_call(data)) return *std::move(answer);
        if (auto answer = told(data)) return *std::move(answer);
        return below_.call(to, data);
    }
    Result<std::vector<Log>> logs(const LogFilter& filter) override {
        auto out = below_.logs(filter);
        for (const auto& log : added_)
            if (out && matches(filter, log)) out->push_back(log);
        return out;
    }
    Result<std::uint64_t> nonce(const Address& account) override { return below_.nonce(account); }
    Result<Receipt> submit(BytesView raw) override {
        {
            const std::lock_guard lock(mutex_);
            if (refused_) return *refused_;
        }
        return below_.submit(raw);
    }
    Result<std::optional<Receipt>> receipt(const Bytes32& hash) override { return below_.receipt(hash); }
    Result<std::optional<BlockInfo>> block(std::uint64_t number) override { return below_.block(number); }
    Result<std::optional<TransactionInfo>> transaction(const Bytes32& hash) override {
        return below_.transaction(hash);
    }
    Result<std::shared_ptr<ChainNode>> at_read_block() override { return settled; }
    Result<Head> verify(const Progress& progress, const CancelToken* cancel) override {
        return below_.verify(progress, cancel);
    }

private:
    void tell_ahead() {
        std::function<void()> then;
        {
            const std::lock_guard lock(mutex_);
            then = told_ahead_;
        }
        if (!then || telling_.exchange(true)) return;
        then();
        telling_ = false;
    }
    /// The answer to this very call, or to its function whatever the arguments.
    std::optional<Result<Bytes>> told(BytesView data) {
        const std::lock_guard lock(mutex_);
        ++calls;
        auto found = answers_.find(Bytes(data.begin(), data.end()));
        if (found == answers_.end()) found = answers_.find(Bytes(data.begin(), data.begin() + 4));
        return found == answers_.end() ? std::nullopt : std::optional(found->second);
    }
    static bool matches(const LogFilter& filter, const Log& log) {
        bool out = log.address == filter.address;
        for (std::size_t t = 0; t < filter.topics.size(); ++t)
            out = out && (!filter.topics[t] || (t < log.topics.size() && log.topics[t] == *filter.topics[t]));
        return out;
    }

    ChainNode& below_;
    std::mutex mutex_;
    std::map<Bytes, Result<Bytes>> answers_;
    std::vector<Log> added_;
    std::optional<Error> refused_;
    std::function<void()> told_ahead_;
    std::atomic<bool> telling_{false};
};

}  // namespace c2d::support
