#include "chain/ledger/verified_view.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

namespace c2d::ledger {

namespace {

/// Blocks between two looks at whether to save.
constexpr int kBlocksAtOnce = 256;
/// Rows kept in memory: a crash costs the time to replay what they came from.
constexpr std::size_t kRowsUnwrittenMax = 32'768;
/// When so many gathered while others are being written, whoever brings more waits.
constexpr std::size_t kRowsWaitingMax = 4 * kRowsUnwrittenMax;
/// In a burst of transactions the head is not saved with each one, but so often, and behind them.
constexpr std::chrono::seconds kSavePeriod{1};

}  // namespace

Result<std::unique_ptr<VerifiedView>> VerifiedView::open(std::optional<TrustFolder> trust, const Genesis& genesis,
                                                         const Bytes32& genesis_hash, std::shared_ptr<Clock> clock,
                                                         std::shared_ptr<Logger> logger) {
    std::unique_ptr<VerifiedView> out(
        new VerifiedView(std::move(trust), genesis, genesis_hash, std::move(clock), std::move(logger)));
    if (out->trust_) {
        C2D_TRY(out->use_, out->trust_->lock(genesis_hash, TrustFolder::Use::shared));
    }
    C2D_TRY(out->view_, StateStore::open(out->trust_ ? out->trust_->view_file(genesis_hash) : "", genesis_hash));
    return out;
}

/// What is not saved is replayed again; only the memory of the last second's heads would be lost.
VerifiedView::~VerifiedView() {
    if (trust_ && view_ && (view_->unwritten() > 0 || view_->flushing())) (void)view_->flush(remember_head()).ok();
}

Result<Unit> VerifiedView::check_remembered(LedgerFile& file) {
    if (!trust_) return Unit{};
    C2D_TRY(const auto seen, trust_->read());
    if (!seen) return Unit{};
    if (seen->chain_id == genesis_.chain_id && seen->genesis == genesis_hash_)
        return require_seen(file, seen->number, seen->hash);
    auto error = rolled_back(
        seen->number, seen->hash,
        fmt::format("it is another ledger, with chain id {} instead of {}", genesis_.chain_id, seen->chain_id));
    error.message += fmt::format("; if it was replaced on purpose, remove {}", trust_->head_file().string());
    return error;
}

Result<Unit> VerifiedView::require_seen(LedgerFile& file, std::uint64_t number, const Bytes32& hash) {
    auto required = require_block(file, number, hash);
    if (required || required.error().name != "ledger_rolled_back" || !trust_) return required;
    auto error = std::move(required).error();
    error.message += fmt::format("; what was seen is kept in {} and {}", trust_->head_file().string(),
                                 trust_->view_file(genesis_hash_));
    return error;
}

Result<Unit> VerifiedView::remember_created() {
    if (!trust_) return Unit{};
    return trust_->write({genesis_.chain_id, genesis_hash_, 0, genesis_hash_});
}

std::optional<LedgerAhead> VerifiedView::ahead() const {
    return ahead_ ? ahead_ : ahead_of(*view_->head(), clock_->now_seconds());
}

void VerifiedView::note_ahead(const LedgerAhead& ahead) {
    ahead_ = ahead;
    if (std::exchange(ahead_said_, ahead.time) != ahead.time)
        logger_->log(LogLevel::warn, fmt::format("answers are of the ledger before block {}: {}", ahead.block,
                                                 ledger_ahead(ahead).message));
}

Result<bool> VerifiedView::catch_up(LedgerFile& file) {
    ahead_.reset();
    C2D_TRY(const bool current, is_at_end(file));
    if (current) return true;
    C2D_TRY(const auto last, file.last());
    const auto now = clock_->now_seconds();
    if (const auto& head = view_->head()) C2D_CHECK(require_seen(file, head->number, head->hash));
    for (int i = 0; i < kBlocksAtOnce; ++i) {
        if (view_->head() && view_->head()->number >= last.number) return i == 0;
        C2D_TRY(const auto ahead, replay_.step(file, *view_, now));
        if (!ahead) continue;
        // The very first block: there is none before it to answer from.
        if (!view_->head()) return ledger_ahead(*ahead);
        note_ahead(*ahead);
        return i == 0;
    }
    return false;
}

Result<std::unique_ptr<StateStore>> VerifiedView::fork_at_head(LedgerFile& file) {
    const std::lock_guard lock(mutex_);
    C2D_CHECK(on_snapshot(file, [](StateStore&) -> Result<Unit> { return Unit{}; }));
    if (view_->unwritten() > 0 || view_->flushing()) C2D_CHECK(view_->flush(remember_head()));
    return view_->fork();
}

void VerifiedView::take(AppliedBlock& block) {
    const std::lock_guard lock(mutex_);
    // A reader of this process may have replayed it in the meantime.
    if (!view_->head() || view_->head()->number + 1 != block.head.number) return;
    view_->take(block);
    // The block stands in the ledger whatever becomes of this; what fails now is said at the next
    // call.
    const auto now = std::chrono::steady_clock::now();
    const bool alone = now - std::exchange(taken_, now) >= kSavePeriod;
    if (!trust_ || !alone) return save_if_due();
    saved_ = now;
    save_ = view_->flush(remember_head());
}

Result<bool> VerifiedView::is_at_end(LedgerFile& file) {
    C2D_TRY(const auto last, file.last());
    const auto& head = view_->head();
    return head && head->number == last.number && head->hash == last.hash;
}

void VerifiedView::save_if_due() {
    if (view_->unwritten() == 0) return;
    const auto now = std::chrono::steady_clock::now();
    const bool due = trust_ && now - saved_ >= kSavePeriod;
    if (!due && view_->unwritten() < kRowsUnwrittenMax) return;
    if (view_->flushing()) {
        if (view_->unwritten() < kRowsWaitingMax) return;
        save_ = view_->finish_flush(StateStore::Wait::yes);
    }
    saved_ = now;
    if (save_) save_ = view_->flush_behind(remember_head());
}

Result<Unit> VerifiedView::report_save() {
    C2D_CHECK(std::exchange(save_, Unit{}));
    return view_->finish_flush(StateStore::Wait::no);
}

/// What a save does before it commits: the memory of the head goes on with the view.
std::function<Result<Unit>()> VerifiedView::remember_head() const {
    if (!trust_) return {};
    const auto head = *view_->head();
    return [this, head] { return trust_->advance({genesis_.chain_id, genesis_hash_, head.number, head.hash}); };
}

}  // namespace c2d::ledger
