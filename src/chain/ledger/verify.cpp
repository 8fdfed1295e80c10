#include "chain/ledger/verify.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"

namespace c2d::ledger {

namespace {

/// Rows of the fresh view kept in memory.
constexpr std::size_t kRowsUnwrittenMax = 65'536;
constexpr std::uint64_t kProgressBlocks = 256;

class Verification {
public:
    Verification(LedgerFile& file, std::uint64_t block_time_max, const Progress& progress, const CancelToken* cancel)
        : file_(file), block_time_max_(block_time_max), progress_(progress), cancel_(cancel) {}

    Result<Head> run(const std::string& view_file) {
        C2D_TRY(const auto first, read_genesis());
        std::unique_ptr<StateStore> own;
        std::optional<StateStore::Snapshot> seen;
        if (!view_file.empty()) {
            // Fixed before the ledger is, so that it cannot be ahead of it.
            C2D_TRY(own, StateStore::open_existing(view_file, first.hash));
            C2D_TRY(auto snapshot, own->snapshot());
            seen.emplace(std::move(snapshot));
        }
        // One read transaction: other processes may append meanwhile without being half seen.
        C2D_CHECK(file_.database().begin_read());
        auto head = replay_all(first, own.get());
        file_.database().rollback();
        return head;
    }

private:
    struct First {
        Genesis genesis;
        Bytes32 hash;
    };

    Result<First> read_genesis() {
        C2D_TRY(const auto block, file_.block(0));
        if (!block) return corrupt_block(0, "number", "the block is missing");
        auto genesis = decode_genesis(block->transactions);
        // A later edition is said of a genesis that is whole; what was altered is damaged.
        C2D_TRY(const auto header, decode_header(block->header));
        const bool whole = header.transactions_hash == keccak256(block->transactions);
        if (genesis.status() == Status::UNSUPPORTED && whole) return genesis.error();
        if (!genesis) return corrupt_block(0, "transactions", genesis.error().message);
        return First{*genesis, block_hash(block->header)};
    }

    Result<Head> replay_all(const First& first, StateStore* own) {
        C2D_CHECK(file_.check_schema());
        C2D_TRY(const auto last, file_.last());
        C2D_CHECK(check_rows(last.number));
        C2D_TRY(const auto view, StateStore::open("", first.hash));
        const Replay replay(first.genesis);
        const auto own_head = own ? own->head() : std::nullopt;
        for (std::uint64_t number = 0; number <= last.number; ++number) {
            if ((cancel_ && cancel_->cancelled()) || CallScope::over())
                return fail(Status::CANCELLED, "cancelled at block {}", number);
            C2D_CHECK(replay_one(replay, *view));
            if (own_head && own_head->number == number) C2D_CHECK(compare(*own, *view));
            if (progress_ && (number % kProgressBlocks == 0 || number == last.number))
                progress_(number, last.number, fmt::format("block {} of {}", number, last.number));
        }
        if (own_head && own_head->number > last.number)
            return rolled_back(own_head->number, own_head->hash, fmt::format("it ends with block {}", last.number));
        C2D_CHECK(check_types(last.number));
        return *view->head();
    }

    Result<Unit> replay_one(const Replay& replay, StateStore& view) {
        {
            C2D_TRY(const auto snapshot, view.snapshot());
            C2D_TRY(const auto ahead, replay.step(file_, view, block_time_max_ - kClockSkewMax));
            if (ahead) return not_believed_yet(*ahead);
        }
        if (view.unwritten() > kRowsUnwrittenMax) C2D_CHECK(view.flush());
        return Unit{};
    }

    /// Readers answer from the blocks before; that the whole ledger holds cannot be said.
    static Error not_believed_yet(const LedgerAhead& ahead) {
        auto error = ledger_ahead(ahead);
        error.status = Status::CORRUPT;
        error.message = fmt::format("block {}, field header.time: {}", ahead.block, error.message);
        return error;
    }

    static Result<Unit> compare(StateStore& own, StateStore& replayed) {
        const auto &mine = *own.head(), &true_one = *replayed.head();
        if (mine.hash != true_one.hash)
            return rolled_back(mine.number, mine.hash, "its block has hash " + hex_text(true_one.hash));
        C2D_CHECK(replayed.flush());
        auto same = own.compare(replayed);
        if (!same)
            same = fail(Status::CORRUPT, "what this process had replayed is damaged; remove the .view file: {}",
                        same.error().message);
        return same;
    }

    /// The loop reads 0 to the last; SQLite would hold rows with negative numbers too.
    Result<Unit> check_rows(std::uint64_t last) {
        C2D_TRY(auto query, file_.database().prepare("SELECT count(*), min(number) FROM blocks"));
        C2D_CHECK(query.step());
        const auto count = query.number(0), first = query.number(1);
        if (first != 0) return corrupt_block(0, "number", "the block is missing, or another stands before it");
        if (count == last + 1) return Unit{};
        C2D_TRY(auto gap, file_.database().prepare("SELECT min(a.number) + 1 FROM blocks a WHERE NOT EXISTS "
                                                   "(SELECT 1 FROM blocks b WHERE b.number = a.number + 1)"));
        C2D_CHECK(gap.step());
        return corrupt_block(gap.number(0), "number", "the block is missing");
    }

    /// SQLite lets any column hold any type, and its pages may be damaged where no row is read.
    Result<Unit> check_types(std::uint64_t last) {
        C2D_TRY(auto query, file_.database().prepare(
                                "SELECT min(number) FROM blocks WHERE typeof(hash) <> 'blob' OR typeof(header) <> "
                                "'blob' OR typeof(transactions) <> 'blob' OR typeof(receipts) <> 'blob'"));
        C2D_CHECK(query.step());
        if (!query.is_null(0)) return corrupt_block(query.number(0), "column type", "is not blob");
        query.reset();
        C2D_TRY(auto integrity, file_.database().prepare("PRAGMA integrity_check"));
        C2D_TRY(const bool row, integrity.step());
        if (!row || integrity.text(0) != "ok")
            return corrupt_block(last, "file", "SQLite's integrity check says: " + integrity.text(0));
        return Unit{};
    }

    LedgerFile& file_;
    const std::uint64_t block_time_max_;
    const Progress& progress_;
    const CancelToken* cancel_;
};

}  // namespace

Result<Head> verify_ledger(LedgerFile& file, std::uint64_t block_time_max, const std::string& view_file,
                           const Progress& progress, const CancelToken* cancel) {
    return Verification(file, block_time_max, progress, cancel).run(view_file);
}

}  // namespace c2d::ledger
