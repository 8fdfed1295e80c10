#include "chain/ledger/recovery.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/ledger/replay.hpp"
#include "chain/ledger/trust.hpp"

namespace c2d::ledger {

namespace {

/// Rows of a view kept in memory while a ledger is replayed.
constexpr std::size_t kRowsUnwrittenMax = 65'536;
/// How long a cut waits for who writes, in milliseconds.
constexpr int kWriterPatience = 5'000;

/// A ledger file that was not replayed yet, and what is kept of it here.
struct Opened {
    LedgerFile file;
    Genesis genesis;
    Bytes32 genesis_hash;
    std::optional<TrustFolder> trust;
    /// Nobody else uses what is kept while it lives.
    Fd alone;

    std::string view_file() const { return trust ? trust->view_file(genesis_hash) : std::string(); }
};

Result<Opened> open_alone(const LedgerOptions& options) {
    if (options.path == ":memory:")
        return fail(Status::UNSUPPORTED,
                    "expected a ledger file, found a ledger in memory, which ends with its program");
    C2D_TRY(auto file, LedgerFile::open(options.path));
    C2D_TRY(const auto first, file.block(0));
    if (!first) return corrupt_block(0, "number", "the block is missing");
    C2D_TRY(const auto genesis, decode_genesis(first->transactions));
    Opened out{std::move(file), genesis, block_hash(first->header), {}, {}};
    if (options.trust_dir.empty()) return out;
    C2D_TRY(out.trust, TrustFolder::open(options.trust_dir, options.path));
    C2D_TRY(out.alone, out.trust->lock(out.genesis_hash, TrustFolder::Use::alone));
    return out;
}

/// Replays blocks up to `last` into a view begun anew, where this process keeps it. Ends earlier at one that is ahead.
Result<Head> replay_anew(Opened& ledger, std::uint64_t last, std::uint64_t now) {
    C2D_TRY(const auto view, StateStore::begin_anew(ledger.view_file(), ledger.genesis_hash));
    const Replay replay(ledger.genesis);
    for (std::uint64_t number = 0; number <= last; ++number) {
        std::optional<LedgerAhead> ahead;
        {
            C2D_TRY(const auto snapshot, view->snapshot());
            C2D_TRY(ahead, replay.step(ledger.file, *view, now));
        }
        if (ahead && !view->head()) return ledger_ahead(*ahead);
        if (ahead) break;
        if (view->unwritten() > kRowsUnwrittenMax) C2D_CHECK(view->flush());
    }
    C2D_CHECK(view->flush());
    return *view->head();
}

Result<Unit> remember(const Opened& ledger, const Head& head) {
    if (!ledger.trust) return Unit{};
    return ledger.trust->write({ledger.genesis.chain_id, ledger.genesis_hash, head.number, head.hash});
}

Result<StoredBlock> stored_block(LedgerFile& file, std::uint64_t number) {
    C2D_TRY(auto block, file.block(number));
    if (!block) return corrupt_block(number, "number", "the block is missing");
    return *std::move(block);
}

// Cutting -----------------------------------------------------------------------------------------

Result<LedgerCut> describe_cut(LedgerFile& file, std::uint64_t from) {
    C2D_TRY(const auto last, file.last());
    if (from == 0 || from > last.number)
        return fail(Status::NOT_FOUND, "expected the number of a block from 1 to {}, the ledger's last one, found {}",
                    last.number, from);
    LedgerCut cut;
    cut.from = from;
    cut.blocks = last.number - from + 1;
    if (cut.blocks > kCutBlocksMax)
        return fail(Status::LIMIT,
                    "expected at most {} blocks at once, found {} from block {} to {}; cut from a later block first",
                    kCutBlocksMax, cut.blocks, from, last.number);
    for (auto number = from; number <= last.number; ++number) {
        C2D_TRY(const auto block, stored_block(file, number));
        // A block that is none may be what is to be taken out.
        if (const auto raws = decode_transactions(block.transactions)) cut.transactions += raws->size();
        if (number == from) cut.first_time = block.head.time;
        cut.last_time = block.head.time;
    }
    C2D_TRY(const auto head, stored_block(file, from - 1));
    cut.head = head.head;
    return cut;
}

/// A new file, or what an earlier cut of the same blocks left there before it could end.
Result<LedgerFile> open_saved(const std::string& path, const StoredBlock& first) {
    auto created = LedgerFile::create(path, first);
    if (created || created.status() != Status::CONFLICT) return created;
    auto there = LedgerFile::open(path);
    return there ? std::move(there) : std::move(created);
}

/// Copies the blocks to a file beside the ledger, under a name that says which they are.
Result<std::string> save_blocks(LedgerFile& file, const std::string& path, const LedgerCut& cut) {
    C2D_TRY(const auto first, stored_block(file, cut.from));
    C2D_TRY(const auto last, file.last());
    const auto saved = fmt::format("{}.cut-{}-{}", path, cut.from, hex_text(last.hash).substr(2, 8));
    C2D_TRY(auto copy, open_saved(saved, first));
    C2D_TRY(auto write, store::WriteTransaction::begin(copy.database()));
    for (auto number = cut.from; number <= last.number; ++number) {
        C2D_TRY(const auto block, stored_block(file, number));
        C2D_TRY(const auto there, copy.block(number));
        if (there && there->head.hash != block.head.hash)
            return fail(Status::CONFLICT, "{} holds another block {}; move it away", saved, number);
        if (!there) C2D_CHECK(copy.append(block));
    }
    C2D_CHECK(write.commit());
    return saved;
}

Result<store::WriteTransaction> begin_cut(LedgerFile& file) {
    C2D_CHECK(file.database().execute(fmt::format("PRAGMA busy_timeout = {}", kWriterPatience).c_str()));
    auto write = store::WriteTransaction::begin(file.database());
    if (write || write.status() != Status::UNAVAILABLE) return write;
    return fail(Status::CONFLICT,
                "somebody is writing to the ledger; nothing was taken out, try again when that is done ({})",
                write.error().message);
}

// Accepting ---------------------------------------------------------------------------------------

/// The block seen before that the file lacks; nothing when it holds all.
Result<std::optional<Head>> missing_block(Opened& ledger) {
    std::optional<Head> seen;
    C2D_TRY(const auto remembered, ledger.trust->read());
    if (remembered && remembered->genesis != ledger.genesis_hash)
        return rolled_back(remembered->number, remembered->hash,
                           fmt::format("it is another ledger; if it was replaced on purpose, remove {}",
                                       ledger.trust->head_file().string()));
    if (remembered) seen = Head{remembered->number, remembered->hash, 0};
    if (!seen) {
        // The view is a cache: one that is damaged has seen nothing.
        const auto view = StateStore::open_existing(ledger.view_file(), ledger.genesis_hash);
        if (view) seen = (*view)->head();
    }
    if (!seen) return seen;
    const auto there = require_block(ledger.file, seen->number, seen->hash);
    if (there) return std::optional<Head>();
    if (there.error().name != "ledger_rolled_back") return there.error();
    return seen;
}

}  // namespace

Result<LedgerCut> cut_ledger(const LedgerOptions& options, std::uint64_t from, const CutOptions& how) {
    if (how.dry_run) {
        C2D_TRY(auto file, LedgerFile::open(options.path));
        return describe_cut(file, from);
    }
    C2D_TRY(auto ledger, open_alone(options));
    C2D_CHECK(describe_cut(ledger.file, from));
    // Before anybody is held up: what stays must hold by itself.
    C2D_TRY(const auto replayed, replay_anew(ledger, from - 1, options.clock->now_seconds()));
    C2D_TRY(auto write, begin_cut(ledger.file));
    C2D_TRY(auto cut, describe_cut(ledger.file, from));
    C2D_TRY(cut.saved, save_blocks(ledger.file, options.path, cut));
    C2D_CHECK(ledger.file.remove_from(from));
    C2D_CHECK(write.commit());
    C2D_CHECK(ledger.file.require_in_place());
    C2D_CHECK(remember(ledger, replayed));
    return cut;
}

Result<LedgerAcceptance> accept_ledger(const LedgerOptions& options, std::uint64_t number, const Bytes32& hash) {
    if (options.trust_dir.empty())
        return fail(Status::INVALID_ARGUMENT,
                    "expected a trust_dir, which remembers what was seen; without one every "
                    "ledger is believed as it is");
    C2D_TRY(auto ledger, open_alone(options));
    C2D_CHECK(require_block(ledger.file, number, hash));
    C2D_TRY(const auto missing, missing_block(ledger));
    C2D_TRY(const auto last, ledger.file.last());
    if (!missing) return LedgerAcceptance{Head{last.number, last.hash, 0}, std::nullopt};
    C2D_TRY(const auto head, replay_anew(ledger, last.number, options.clock->now_seconds()));
    if (head.number < number)
        return fail(Status::UNAVAILABLE, "block {} is ahead of this machine's clock; accept an earlier one, or wait",
                    number);
    C2D_CHECK(remember(ledger, head));
    return LedgerAcceptance{head, missing};
}

}  // namespace c2d::ledger
