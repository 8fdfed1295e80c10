/// The state of a ledger that may be believed: a view, kept at the head of the file by replaying
/// what is new, and the process's own memory of the last head.
#pragma once

#include "chain/ledger/replay.hpp"
#include "chain/ledger/trust.hpp"

#include <chrono>
#include <mutex>

namespace c2d::ledger {

/// Thread-safe; the caller holds the LedgerFile that it passes for itself alone.
class VerifiedView {
public:
    /// Without `trust` the view is temporary.
    static Result<std::unique_ptr<VerifiedView>> open(std::optional<TrustFolder> trust, const Genesis& genesis,
                                                      const Bytes32& genesis_hash, std::shared_ptr<Clock> clock,
                                                      std::shared_ptr<Logger> logger);
    ~VerifiedView();

    /// Fails with `ledger_rolled_back` when the file lacks the head that is remembered. Call first.
    Result<Unit> check_remembered(LedgerFile& file);
    /// Remembers a ledger that was just created here, in place of any other.
    Result<Unit> remember_created();

    /// `work(view)` on the state at the file's last block that is not ahead, all replayed. Fails as `Replay`
    /// does, and with `ledger_rolled_back` when the file lacks what was replayed before.
    template <class Work>
    auto at_head(LedgerFile& file, Work work) -> decltype(work(std::declval<StateStore&>())) {
        const std::lock_guard lock(mutex_);
        return on_snapshot(file, std::move(work));
    }
    /// The same for who holds the file's write lock, with the state to build a block on.
    template <class Work>
    auto to_append(LedgerFile& file, Work work)
        -> decltype(work(std::declval<Head>(), std::declval<contracts::State&>())) {
        const std::lock_guard lock(mutex_);
        auto saved = report_save();
        if (!saved) return std::move(saved).error();
        auto current = is_at_end(file);
        if (!current) return std::move(current).error();
        if (*current) return work(*view_->head(), view_->to_append());
        return on_snapshot(file, [&](StateStore& view) -> decltype(work(*view.head(), view)) {
            if (ahead_) return ledger_ahead(*ahead_);
            return work(*view.head(), view);
        });
    }
    /// The file's block after the view's head when it is ahead, the head when that is. Within `work`.
    std::optional<LedgerAhead> ahead() const;
    /// The state at the file's last block, for a reader who keeps it while blocks are added. Take a
    /// snapshot of it before anything is read.
    Result<std::unique_ptr<StateStore>> fork_at_head(LedgerFile& file);
    /// The file of the view, empty when it is temporary.
    std::string file() const { return trust_ ? trust_->view_file(genesis_hash_) : std::string(); }
    /// Takes a block that this process appended to the file; its writes move here. A block that
    /// comes alone is saved on return.
    void take(AppliedBlock& block);

private:
    VerifiedView(std::optional<TrustFolder> trust, const Genesis& genesis, const Bytes32& genesis_hash,
                 std::shared_ptr<Clock> clock, std::shared_ptr<Logger> logger)
        : trust_(std::move(trust)),
          genesis_(genesis),
          genesis_hash_(genesis_hash),
          replay_(genesis),
          clock_(std::move(clock)),
          logger_(std::move(logger)) {}

    template <class Work>
    auto on_snapshot(LedgerFile& file, Work work) -> decltype(work(std::declval<StateStore&>())) {
        for (;;) {
            auto saved = report_save();
            if (!saved) return std::move(saved).error();
            {
                auto snapshot = view_->snapshot();
                if (!snapshot) return std::move(snapshot).error();
                auto current = catch_up(file);
                if (!current) return std::move(current).error();
                if (*current) return work(*view_);
            }
            save_if_due();
        }
    }
    /// `require_block`, with a word on where the memory is.
    Result<Unit> require_seen(LedgerFile& file, std::uint64_t number, const Bytes32& hash);
    /// Replays a bounded number of blocks; true when there was none left to replay, or one that is ahead.
    Result<bool> catch_up(LedgerFile& file);
    /// Whether the view stands at the file's last block.
    Result<bool> is_at_end(LedgerFile& file);
    /// Notes that the next block is ahead, and says so once for each.
    void note_ahead(const LedgerAhead& ahead);
    std::function<Result<Unit>()> remember_head() const;
    void save_if_due();
    /// The failure of a save, once: what was not saved is kept, and tried again when it is due.
    Result<Unit> report_save();

    std::mutex mutex_;
    const std::optional<TrustFolder> trust_;
    const Genesis genesis_;
    const Bytes32 genesis_hash_;
    const Replay replay_;
    const std::shared_ptr<Clock> clock_;
    const std::shared_ptr<Logger> logger_;
    std::unique_ptr<StateStore> view_;
    std::optional<LedgerAhead> ahead_;
    /// The time of the block that was said to be ahead.
    std::uint64_t ahead_said_ = 0;
    /// Shared with every other user of what is kept.
    Fd use_;
    std::chrono::steady_clock::time_point saved_{}, taken_{};
    Result<Unit> save_ = Unit{};
};

}  // namespace c2d::ledger
